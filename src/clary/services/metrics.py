"""SageMaker Metrics: training metrics of trial components, put in batches and read as charts need them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import fmean, pstdev

from clary.core.errors import ClaryError, unsupported
from clary.core.exchange import Context, Document, Reply
from clary.engine.platform import Platform
from clary.services import component_metrics
from clary.store.metrics import Point
from clary.store.resources import Row

OPERATIONS = ("BatchPutMetrics", "BatchGetMetrics")
"""What is served."""

_SECONDS = {"OneMinute": 60, "FiveMinute": 300, "OneHour": 3600}
_STATISTICS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "Min": min,
    "Max": max,
    "Avg": fmean,
    "Count": len,
    "StdDev": pstdev,
    "Last": lambda values: values[-1],
}


class Metrics:
    """The service; the points are those that DescribeTrialComponent sums up."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def __call__(self, ctx: Context, params: Document) -> Reply:
        """Carry out ``ctx.operation``."""
        if ctx.operation == "BatchPutMetrics":
            return self._put(params)
        if ctx.operation == "BatchGetMetrics":
            return Reply({"MetricQueryResults": [self._get(query) for query in params["MetricQueries"]]})
        raise unsupported(ctx.operation, ctx.service)

    def _put(self, params: Document) -> Reply:
        """Append the points; those of an unknown component are all refused."""
        name = params["TrialComponentName"]
        component = self._platform.get("TrialComponent", name)
        if component is None:
            raise ClaryError("ResourceNotFound", f"Trial component {name} does not exist. Create it first.")
        points = [
            Point(one["MetricName"], one["Timestamp"].timestamp(), one["Value"], step=one.get("Step"))
            for one in params["MetricData"]
        ]
        self._platform.metrics.put(component_metrics.own(component), points)
        return Reply({"Errors": []})

    def _get(self, query: Document) -> Document:
        component = self._component(query["ResourceArn"])
        if component is None:
            message = f"{query['ResourceArn']} is no trial component or training job."
            return {"Status": "ValidationError", "Message": message, "XAxisValues": [], "MetricValues": []}
        points = component_metrics.read(self._platform, component, query["MetricName"])
        groups: dict[int, list[float]] = {}
        for place, value in _placed(points, query):
            groups.setdefault(place, []).append(value)
        statistic = _STATISTICS[query["MetricStat"]]
        return {
            "Status": "Complete",
            "XAxisValues": sorted(groups),
            "MetricValues": [statistic(groups[place]) for place in sorted(groups)],
        }

    def _component(self, arn: str) -> Row | None:
        row = self._platform.by_arn(arn)
        if row is not None and row.kind == "TrainingJob":
            return self._platform.get("TrialComponent", component_metrics.component_of(row.name))
        return row if row is not None and row.kind == "TrialComponent" else None


def _placed(points: Sequence[Point], query: Document) -> Iterator[tuple[int, float]]:
    """Yield each point's place on the axis, within the bounds, and its value.

    A point that came without a step is placed by its number among those of its name.
    """
    start, end = query.get("Start"), query.get("End")
    by_step, seconds = query["XAxisType"] == "IterationNumber", _SECONDS.get(query["Period"], 1)
    for number, point in enumerate(points):
        step = number if point.step is None else point.step
        place = step if by_step else int(point.at // seconds * seconds)
        if (start is None or place >= start) and (end is None or place <= end):
            yield place, point.value
