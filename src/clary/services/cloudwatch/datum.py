"""Metric data: observations that clients put, one by one, with counts, or as statistic sets."""

import math
from collections.abc import Iterator, Sequence

from clary.core import clock
from clary.core.exchange import Document, Reply
from clary.services.cloudwatch.call import Call, conflict, invalid, missing, series
from clary.store.metrics import NO_UNIT, Point

_MOST = 1000
_MOST_VALUES = 150
_LARGEST = 2.0**360
_OLDEST = 14 * 86400
_NEWEST = 2 * 3600


def put_metric_data(call: Call) -> Reply:
    """Store the data of a request, all or none."""
    call.refuse("EntityMetricData")
    namespace = call.params["Namespace"]
    if namespace.startswith("AWS/"):
        raise invalid("The value AWS/ for parameter Namespace is invalid: it is reserved for the services.")
    data: Sequence[Document] = call.params.get("MetricData") or ()
    if not data:
        raise missing("The parameter MetricData is required.")
    if len(data) > _MOST:
        raise invalid(f"The collection MetricData must not have a size greater than {_MOST}.")
    now = clock.now()
    call.metrics.put_all(
        [
            (series(namespace, datum.get("Dimensions")), point)
            for datum in data
            for point in _points(datum, now)
        ]
    )
    return Reply()


def _points(datum: Document, now: float) -> Iterator[Point]:
    if datum.get("StorageResolution") not in (None, 1, 60):
        raise invalid("The parameter StorageResolution must be 1 or 60.")
    name, at, unit = datum["MetricName"], _moment(datum, now), datum.get("Unit") or NO_UNIT
    for value, count, of_set in _observations(datum):
        if not math.isfinite(value) or abs(value) > _LARGEST:
            raise invalid(f"The value {value} for {name} must be a finite number within -2^360 and 2^360.")
        if not math.isfinite(count) or count <= 0:
            raise invalid(f"The number of samples of {name} must be a positive number, not {count}.")
        yield Point(name, at, value, unit, count, of_set)


def _moment(datum: Document, now: float) -> float:
    if datum.get("Timestamp") is None:
        return now
    at: float = datum["Timestamp"].timestamp()
    if not now - _OLDEST <= at <= now + _NEWEST:
        raise invalid(
            "The parameter Timestamp must be no more than two weeks in the past and two hours in the future."
        )
    return at


def _observations(datum: Document) -> Sequence[tuple[float, float, bool]]:
    """Return the (value, count, whether of a statistic set) triples that a datum has in one of its forms."""
    given = [form for form in ("Value", "Values", "StatisticValues") if datum.get(form) is not None]
    if not given:
        raise missing("One of the parameters Value, Values and StatisticValues is required.")
    if len(given) > 1:
        raise conflict(
            f"The parameters {' and '.join(given)} are mutually exclusive and you have specified both."
        )
    if datum.get("Counts") is not None and given != ["Values"]:
        raise conflict("The parameter Counts needs the parameter Values.")
    if given == ["Value"]:
        return [(datum["Value"], 1.0, False)]
    return _counted(datum) if given == ["Values"] else _ends(datum["StatisticValues"])


def _counted(datum: Document) -> Sequence[tuple[float, float, bool]]:
    values: Sequence[float] = datum["Values"]
    counts: Sequence[float] = datum["Counts"] if datum.get("Counts") is not None else [1.0] * len(values)
    if not 0 < len(values) <= _MOST_VALUES:
        raise invalid(f"The collection Values must have between 1 and {_MOST_VALUES} members.")
    if len(values) != len(counts):
        raise invalid("The parameters Values and Counts must be of the same length.")
    return [(value, count, False) for value, count in zip(values, counts, strict=True)]


def _ends(found: Document) -> Sequence[tuple[float, float, bool]]:
    """Return a set's two ends so weighted that its sum and its number of samples are theirs."""
    samples, total, low, high = (float(found[name]) for name in ("SampleCount", "Sum", "Minimum", "Maximum"))
    if not all(map(math.isfinite, (samples, total, low, high))) or samples <= 0:
        raise invalid("The parameter StatisticValues must be of finite numbers and of at least one sample.")
    mean = total / samples
    if low == high or samples == 1:
        return [(mean, samples, False)]
    if not low < mean < high:
        raise invalid("The mean of StatisticValues must lie between its Minimum and its Maximum.")
    upper = samples * (mean - low) / (high - low)
    return [(low, samples - upper, True), (high, upper, True)]
