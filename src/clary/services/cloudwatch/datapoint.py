"""Data points: one metric's statistics, period by period."""

import math
from collections.abc import Mapping, Sequence

from clary.core.exchange import Document, Reply
from clary.services.cloudwatch import statistic
from clary.services.cloudwatch.call import Call, conflict, invalid, missing, series
from clary.services.cloudwatch.statistic import Statistic
from clary.store.metrics import Point

_MOST = 1440


def get_metric_statistics(call: Call) -> Reply:
    """Answer the statistics asked for of each period and unit that has data, oldest first.

    A period is told by its beginning; all that begin before ``EndTime`` are there whole.
    """
    params = call.params
    simple, extended = _statistics(params)
    period: int = params["Period"]
    begin, end = _span(params)
    points = call.metrics.get(
        series(params["Namespace"], params.get("Dimensions")), params["MetricName"], begin, end
    )
    unit = params.get("Unit")
    found: list[Document] = []
    for at, inside in statistic.by_period(points, period).items():
        for each in sorted({point.unit for point in inside if unit in (None, point.unit)}):
            of_unit = [point for point in inside if point.unit == each]
            values = {name: measure(of_unit) for name, measure in simple.items()}
            found.append({"Timestamp": at, "Unit": each, **values, **_extended(extended, of_unit)})
    return Reply({"Label": params["MetricName"], "Datapoints": found})


def _statistics(params: Document) -> tuple[Mapping[str, Statistic], Mapping[str, Statistic]]:
    simple, extended = params.get("Statistics") or (), params.get("ExtendedStatistics") or ()
    if not simple and not extended:
        raise missing("The parameter Statistics or ExtendedStatistics must be specified.")
    for name in extended:
        if name in statistic.SIMPLE:
            raise invalid(f"The value {name} for parameter ExtendedStatistics is invalid.")
    for name in simple:
        if name not in statistic.SIMPLE:
            raise invalid(f"The value {name} for parameter Statistics is invalid.")
    return {name: statistic.named(name) for name in simple}, {
        name: statistic.named(name) for name in extended
    }


def _span(params: Document) -> tuple[int, int]:
    """Return where the first period begins and the last ends."""
    period: int = params["Period"]
    start, end = params["StartTime"].timestamp(), params["EndTime"].timestamp()
    statistic.check_period(period)
    if start >= end:
        raise invalid("The parameter StartTime must be less than the parameter EndTime.")
    if (wanted := (end - start) / period) > _MOST:
        raise conflict(
            f"You have requested up to {math.ceil(wanted):,} datapoints, which exceeds the limit of "
            f"{_MOST:,}. You may reduce the datapoints requested by increasing Period, or decreasing the "
            "time range."
        )
    return math.floor(start / period) * period, math.ceil(end / period) * period


def _extended(extended: Mapping[str, Statistic], points: Sequence[Point]) -> Document:
    values = {name: value for name, measure in extended.items() if (value := measure(points)) is not None}
    return {"ExtendedStatistics": values} if values else {}
