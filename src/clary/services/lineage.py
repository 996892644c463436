"""Lineage: the graph of what contributed to what, walked from given ARNs."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.engine.record import Traits
from clary.store.edges import Edge, Links
from clary.store.resources import Row

FAMILY = "lineage"
"""The family of the edges that are associations."""
DEPTH = 10
"""Steps that a query goes from its start at most."""

TRIAL_COMPONENT = Traits(
    resource="experiment-trial-component",
    displayed="DisplayName",
    removes={
        "ParametersToRemove": "Parameters",
        "InputArtifactsToRemove": "InputArtifacts",
        "OutputArtifactsToRemove": "OutputArtifacts",
    },
    filters={"SourceArn": "Source.SourceArn"},
)
ARTIFACT = Traits(
    named_by=("ArtifactArn",),
    removes={"PropertiesToRemove": "Properties"},
    filters={"SourceUri": "Source.SourceUri"},
)

_DIGITS = 32
_TYPES = {"Artifact": "ArtifactType", "Action": "ActionType", "Context": "ContextType"}
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Walk:
    """What was found: ARNs in the order of their distance from the start, and the edges passed."""

    arns: Sequence[str]
    edges: Sequence[Edge]


def artifact_name(uri: str) -> str:
    """Return the name of the one artifact for a source: a digest of its URI."""
    return hashlib.sha256(uri.encode()).hexdigest()[:_DIGITS]


def artifact(platform: Platform, uri: str) -> Row | None:
    """Return the artifact for a source."""
    return platform.get("Artifact", artifact_name(uri))


def walk(platform: Platform, starts: Sequence[str], direction: str, depth: int) -> Walk:
    """Follow edges from ``starts`` to Ascendants, Descendants or Both, level by level."""
    seen, passed = dict.fromkeys(starts), dict[tuple[str, str], Edge]()
    level = list(starts)
    for _ in range(depth):
        found = list(_around(platform, level, direction))
        passed |= {(edge.source, edge.destination): edge for edge in found}
        ends = (end for edge in found for end in (edge.source, edge.destination))
        level = [arn for arn in dict.fromkeys(ends) if arn not in seen]
        seen |= dict.fromkeys(level)
        if not level:
            break
    return Walk(list(seen), list(passed.values()))


def entity_type(row: Row) -> str:
    """Return what users or the server called the entity's type: ``DataSet``, ``TrainingJob``.

    A component whose source is a ``SageMakerTrainingJob`` is a ``TrainingJob`` in lineage, by which the SDK
    asks for it.
    """
    if row.kind in _TYPES:
        return str(row.doc.get(_TYPES[row.kind], ""))
    return str((row.doc.get("Source") or {}).get("SourceType", row.kind)).removeprefix("SageMaker")


def vertex(row: Row) -> Document:
    """Return the Vertex that QueryLineage answers for ``row``."""
    return {"Arn": row.arn, "Type": entity_type(row), "LineageType": row.kind}


def passes(row: Row, filters: Document) -> bool:
    """Tell whether ``row`` meets QueryFilters."""
    properties = row.doc.get("Properties") or {}
    return (
        _among(entity_type(row), filters.get("Types"))
        and _among(row.kind, filters.get("LineageTypes"))
        and _within(row.created_at, filters, "Created")
        and _within(row.modified_at, filters, "Modified")
        and all(properties.get(key) == value for key, value in (filters.get("Properties") or {}).items())
    )


def _around(platform: Platform, arns: Sequence[str], direction: str) -> Iterator[Edge]:
    for start in range(0, len(arns), _AT_ONCE):
        some = arns[start : start + _AT_ONCE]
        if direction != "Descendants":
            yield from platform.edges.list(Links(FAMILY, destinations=some))
        if direction != "Ascendants":
            yield from platform.edges.list(Links(FAMILY, sources=some))


def _among(value: str, allowed: Sequence[str] | None) -> bool:
    return not allowed or value in allowed


def _within(at: float, filters: Document, name: str) -> bool:
    after: Any = filters.get(f"{name}After")
    before: Any = filters.get(f"{name}Before")
    return (after is None or at > after.timestamp()) and (before is None or at < before.timestamp())
