"""Statistics: what a period's points come to, by CloudWatch's names."""

import math
import re
from collections.abc import Callable, Mapping, Sequence

from clary.services.cloudwatch.call import invalid
from clary.store.metrics import Point

Statistic = Callable[[Sequence[Point]], float | None]
"""Of at least one point; None where it is not known, as a percentile of statistic sets is not."""

_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")
_HIGH_RESOLUTION = (1, 5, 10, 20, 30)


def named(name: str) -> Statistic:
    """Return a statistic by name: one of ``SIMPLE`` or a percentile; raises InvalidParameterValue."""
    if name in SIMPLE:
        return SIMPLE[name]
    found = _PERCENTILE.fullmatch(name)
    if found is None:
        known = ", ".join(SIMPLE)
        raise invalid(f"The statistic {name} is not supported: use {known} or a percentile such as p99.9.")
    share = float(found[1]) / 100
    return lambda points: _percentile(points, share)


def by_period(points: Sequence[Point], period: int) -> Mapping[int, list[Point]]:
    """Return the points by the beginnings (epoch seconds) of the periods they fall into."""
    found: dict[int, list[Point]] = {}
    for point in points:
        found.setdefault(math.floor(point.at / period) * period, []).append(point)
    return found


def check_period(period: int) -> None:
    """Raise InvalidParameterValue for a period that no metric is read by."""
    if period not in _HIGH_RESOLUTION and period % 60:
        raise invalid("The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.")


def _samples(points: Sequence[Point]) -> float:
    return math.fsum(point.count for point in points)


def _sum(points: Sequence[Point]) -> float:
    return math.fsum(point.value * point.count for point in points)


def _percentile(points: Sequence[Point], share: float) -> float | None:
    """Return the least value that ``share`` of the samples do not exceed."""
    if any(point.of_set for point in points):
        return None
    wanted = share * _samples(points)
    passed = 0.0
    ordered = sorted(points, key=lambda point: point.value)
    for point in ordered:
        passed += point.count
        if passed >= wanted:
            return point.value
    return ordered[-1].value


SIMPLE: Mapping[str, Statistic] = {
    "SampleCount": _samples,
    "Average": lambda points: _sum(points) / _samples(points),
    "Sum": _sum,
    "Minimum": lambda points: min(point.value for point in points),
    "Maximum": lambda points: max(point.value for point in points),
}
"""The statistics that are no percentiles."""
