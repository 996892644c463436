"""Lineage entity: the components, artifacts, actions and contexts that the server writes by itself."""

from clary.core import clock
from clary.core.exchange import Document
from clary.engine.identity import Address
from clary.engine.platform import Platform
from clary.engine.record import Record
from clary.services import lineage
from clary.store.edges import Edge
from clary.store.resources import AlreadyExistsError, Row

_KINDS = {
    kind.noun: kind
    for kind in (
        Record("Action"),
        Record("Artifact", lineage.ARTIFACT),
        Record("Context"),
        Record("TrialComponent", lineage.TRIAL_COMPONENT),
    )
}


def keep(platform: Platform, noun: str, name: str, doc: Document) -> Row:
    """Create the entity ``name``, or bring it up to date; what ``doc`` does not say of it stays."""
    found = platform.get(noun, name) or _insert(platform, noun, name, doc)
    if doc.items() <= found.doc.items():
        return found
    return platform.amend(found, lambda now: {"doc": {**now.doc, **doc}}, "updated") or found


def artifact(platform: Platform, uri: str, kind: str) -> Row:
    """Return the one artifact for a source, which is made where there is none; ``kind`` is its type then."""
    doc = {"Source": {"SourceUri": uri}, "ArtifactType": kind}
    return lineage.artifact(platform, uri) or _insert(platform, "Artifact", lineage.artifact_name(uri), doc)


def associate(platform: Platform, source: Row, destination: Row, kind: str) -> None:
    """Join two entities; does nothing where they are joined."""
    platform.edges.add(Edge(lineage.FAMILY, source.arn, destination.arn, kind, clock.now(), {}))


def source(arn: str) -> Document:
    """Return the Source of an entity that stands for the resource with this ARN."""
    return {"SourceUri": arn, "SourceType": "ARN"}


def _insert(platform: Platform, noun: str, name: str, doc: Document) -> Row:
    row = _KINDS[noun].first_row(platform.site, Address("", name), doc, {})
    try:
        platform.resources.insert(row)
    except AlreadyExistsError as error:
        return error.row
    return row
