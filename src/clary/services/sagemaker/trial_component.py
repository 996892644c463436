"""TrialComponent: what one step of a trial was given, did and measured; a record of trials and of jobs."""

from collections.abc import Iterator
from statistics import fmean, pstdev

from clary.core.errors import ClaryError
from clary.core.exchange import Context, Document, Reply
from clary.engine.operation import operation
from clary.engine.platform import Platform
from clary.engine.record import Record
from clary.services import component_metrics, lineage, membership
from clary.store.resources import Query, Row


class TrialComponent(Record):
    """Parameters, artifacts and metrics."""

    def __init__(self) -> None:
        super().__init__("TrialComponent", lineage.TRIAL_COMPONENT)

    viewed = ("Metrics", "Sources")

    def update(self, platform: Platform, row: Row, doc: Document) -> Document:
        """Add to the maps what the request gives; take out what it names; replace the rest."""
        given = dict(doc)
        for member in lineage.TRIAL_COMPONENT.removes.values():
            if member in given:
                given[member] = {**(row.doc.get(member) or {}), **given[member]}
        return super().update(platform, row, given)

    def view(self, platform: Platform, row: Row) -> Document:
        """Return the metrics as statistics, and the source as the newer member shows it."""
        source = row.doc.get("Source")
        return {"Metrics": list(_metrics(platform, row)), "Sources": [source] if source else None}

    def narrow(self, platform: Platform, query: Query, member: str, value: str) -> Query | None:
        """Narrow a List to the components of a trial or of an experiment's trials."""
        if member == "TrialName":
            trial = platform.get("Trial", value)
            trials = [trial] if trial else []
        elif member == "ExperimentName":
            trials = list(membership.trials_of(platform, value))
        else:
            return None
        return membership.among(platform, query, membership.components(platform, trials))

    def holder(self, platform: Platform, row: Row) -> str | None:
        """Keep a component that trials are associated with."""
        return "Trial" if membership.trials(platform, row) else None

    @operation("AssociateTrialComponent")
    def associate(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Let a component belong to a trial; again is no error."""
        del ctx
        trial, component = _pair(platform, params)
        membership.join(platform, trial, component)
        return Reply({"TrialArn": trial.arn, "TrialComponentArn": component.arn})

    @operation("DisassociateTrialComponent")
    def disassociate(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """End that; again is no error."""
        del ctx
        trial, component = _pair(platform, params)
        membership.part(platform, trial, component)
        return Reply({"TrialArn": trial.arn, "TrialComponentArn": component.arn})


def _pair(platform: Platform, params: Document) -> tuple[Row, Row]:
    return _required(platform, "Trial", params), _required(platform, "TrialComponent", params)


def _required(platform: Platform, noun: str, params: Document) -> Row:
    name = params[f"{noun}Name"]
    row = platform.get(noun, name)
    if row is None:
        raise ClaryError("ResourceNotFound", f"{noun} {name} does not exist.")
    return row


def _metrics(platform: Platform, row: Row) -> Iterator[Document]:
    """Yield a TrialComponentMetricSummary for each metric that was reported."""
    values: dict[str, list[tuple[float, float]]] = {}
    for point in component_metrics.read(platform, row):
        values.setdefault(point.name, []).append((point.at, point.value))
    for name, points in values.items():
        numbers = [value for _, value in points]
        yield {
            "MetricName": name,
            "SourceArn": row.arn,
            "TimeStamp": points[-1][0],
            "Max": max(numbers),
            "Min": min(numbers),
            "Last": numbers[-1],
            "Count": len(numbers),
            "Avg": fmean(numbers),
            "StdDev": pstdev(numbers),
        }
