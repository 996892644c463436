"""Membership: which trial components belong to which trials, kept as edges from the trial."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from clary.core import clock
from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.store.candidates import Linked
from clary.store.edges import Edge, Links
from clary.store.resources import Query, Row

_FAMILY = "trial"


def join(platform: Platform, trial: Row, component: Row) -> None:
    """Let ``component`` belong to ``trial``; does nothing when it does already."""
    platform.edges.add(Edge(_FAMILY, trial.arn, component.arn, "", clock.now(), {}))


def part(platform: Platform, trial: Row, component: Row) -> bool:
    """End that; False when it did not belong."""
    return platform.edges.remove(_FAMILY, trial.arn, component.arn)


def components(platform: Platform, trials: Iterable[Row]) -> Sequence[str]:
    """Return the ARNs of the components of any of ``trials``."""
    arns = [trial.arn for trial in trials]
    return [edge.destination for edge in platform.edges.list(Links(_FAMILY, sources=arns))]


def trials(platform: Platform, component: Row) -> Sequence[str]:
    """Return the ARNs of the trials that ``component`` belongs to."""
    return [edge.source for edge in platform.edges.list(Links(_FAMILY, destinations=[component.arn]))]


def parents(platform: Platform, component: Row) -> Sequence[Document]:
    """Return the trials that ``component`` belongs to with their experiments, as Search shows them."""
    rows = (platform.by_arn(arn) for arn in trials(platform, component))
    return [
        {"TrialName": row.name, "ExperimentName": row.doc["ExperimentName"]}
        for row in rows
        if row is not None
    ]


def belonging(trials: Iterable[Row]) -> Linked:
    """Return what finds the components of any of ``trials``."""
    return Linked(_FAMILY, [trial.arn for trial in trials])


def among(platform: Platform, query: Query, arns: Iterable[str]) -> Query:
    """Return ``query`` narrowed to the resources with these ARNs."""
    rows = (platform.by_arn(arn) for arn in arns)
    return replace(query, names=[row.name for row in rows if row is not None])


def trials_of(platform: Platform, experiment: str) -> Iterator[Row]:
    """Yield all trials of the experiment called ``experiment``."""
    match = {"ExperimentName": experiment}
    query = Query(platform.home("Trial"), match=match, limit=1000, descending=False)
    return platform.resources.each(query)
