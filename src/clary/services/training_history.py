"""Training history: what a training job went through, as Describe tells it from events and metrics."""

from collections.abc import Sequence
from itertools import pairwise

from clary.compute.executor import LogEvent
from clary.core.exchange import Document
from clary.engine.lifecycle import Lifecycle
from clary.engine.platform import Platform
from clary.services import metric_definition
from clary.store.metrics import Point, Series
from clary.store.resources import Happening, Row

NAMESPACE = "/aws/sagemaker/TrainingJobs"
"""Where CloudWatch has the metrics of jobs."""
MEMBERS = (
    "SecondaryStatus",
    "SecondaryStatusTransitions",
    "TrainingStartTime",
    "TrainingEndTime",
    "TrainingTimeInSeconds",
    "BillableTimeInSeconds",
    "FinalMetricDataList",
)
"""What is told of a job beside its document."""

FINAL = "final_metrics"
"""The member of an ended job's ``private`` that has its last metrics."""


def told(platform: Platform, row: Row, lifecycle: Lifecycle) -> Document:
    """Return the members of Describe that say where the job stands, since when, and what it measured."""
    happenings = [event for event in platform.resources.events(row.id) if event.phase in lifecycle.phases]
    begun = _begun(happenings)
    ended = next((event.at for event in happenings if lifecycle.settled(event.phase)), None)
    seconds = None if begun is None or ended is None else max(1, round(ended - begun))
    transitions = _transitions(row, happenings, lifecycle.settled(row.phase))
    metrics = row.private.get(FINAL) or _final_metrics(platform, row)
    said = (row.phase, transitions, begun, ended, seconds, seconds, metrics)
    return dict(zip(MEMBERS, said, strict=True))


def begun(platform: Platform, row: Row) -> float | None:
    """Return when the job began to work, in seconds since the epoch; None where it has not."""
    return _begun(platform.resources.events(row.id))


def final(platform: Platform, row: Row) -> Document:
    """Return what to merge into ``private`` so that the last metrics of an ended job outlast their points."""
    return {} if FINAL in row.private else {FINAL: _final_metrics(platform, row)}


def measure(platform: Platform, row: Row, events: Sequence[LogEvent]) -> None:
    """Keep the metrics that the job's MetricDefinitions find in these lines of its log."""
    definitions = row.doc["AlgorithmSpecification"]["MetricDefinitions"]
    points = [
        Point(name, event.timestamp / 1000, value)
        for event in events
        for name, value in metric_definition.read(definitions, event.text)
    ]
    platform.metrics.put(_series(row), points)


def _begun(happenings: Sequence[Happening]) -> float | None:
    """Return when the data began to be downloaded: what was waited before is not the job's."""
    return next((event.at for event in happenings if event.phase == "Downloading"), None)


def _series(row: Row) -> Series:
    return Series(NAMESPACE, {"TrainingJobName": row.name})


def _final_metrics(platform: Platform, row: Row) -> list[Document] | None:
    last = {point.name: point for point in platform.metrics.get(_series(row), start=row.created_at)}
    return [
        {"MetricName": name, "Value": point.value, "Timestamp": point.at} for name, point in last.items()
    ] or None


def _transitions(row: Row, happenings: Sequence[Happening], settled: bool) -> list[Document]:
    waiting = row.private.get("waiting") if row.phase == "Starting" else None
    ends: list[float | None] = [after.at for _, after in pairwise(happenings)]
    ends.append(happenings[-1].at if happenings and settled else None)
    return [
        {
            "Status": happening.phase,
            "StatusMessage": waiting or happening.message,
            "StartTime": happening.at,
            "EndTime": end,
        }
        for happening, end in zip(happenings, ends, strict=False)
    ]
