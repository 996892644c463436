"""Association: an edge of lineage between two entities, and the questions asked of the graph."""

import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, cast

from clary.core import clock, errors
from clary.core.errors import ClaryError
from clary.core.exchange import Context, Document, Reply
from clary.engine import position
from clary.engine.kind import Kind
from clary.engine.operation import operation
from clary.engine.platform import Platform
from clary.engine.spelling import person
from clary.services import lineage
from clary.store.edges import Edge, Links
from clary.store.resources import Row

ENTITIES = ("Artifact", "Action", "Context", "TrialComponent")
"""The nouns that an association may join."""
_NOUNS = {noun.lower(): noun for noun in ENTITIES} | {lineage.TRIAL_COMPONENT.resource: "TrialComponent"}
_PAGE = 10
_VERTICES = 50
"""A page of QueryLineage where the request does not say: all it may be, as SDK v2 reads one page only."""
_SORT: dict[str, Literal["at", "source", "destination"]] = {
    "CreationTime": "at",
    "SourceArn": "source",
    "DestinationArn": "destination",
}


class Association(Kind):
    """Added, listed and deleted by its two ends; it has no name and no ARN."""

    noun = "Association"
    resource = "association"
    spoken = "association"

    @operation("AddAssociation")
    def add(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Join two entities; a second time writes the type anew."""
        source = _entity(platform, params["SourceArn"])
        destination = _entity(platform, params["DestinationArn"])
        if source.arn == destination.arn:
            raise errors.validation("An entity cannot be associated with itself.")
        kind = params.get("AssociationType", "AssociatedWith")
        doc = {"CreatedBy": person(ctx.caller)}
        platform.edges.put(Edge(lineage.FAMILY, source.arn, destination.arn, kind, clock.now(), doc))
        return Reply({"SourceArn": source.arn, "DestinationArn": destination.arn})

    @operation("DeleteAssociation")
    def delete(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Part two entities."""
        del ctx
        source, destination = (_spelt(platform, params[f"{side}Arn"]) for side in ("Source", "Destination"))
        if not platform.edges.remove(lineage.FAMILY, source, destination):
            raise ClaryError("ResourceNotFound", f"There is no association from {source} to {destination}.")
        return Reply({"SourceArn": source, "DestinationArn": destination})

    @operation("ListAssociations")
    def list(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Return a page of associations by their ends, types and times."""
        del ctx
        size, after = params.get("MaxResults", _PAGE), _after(params.get("NextToken"))
        links = _links(platform, params, after, size + 1)
        page: list[tuple[Edge, Document]] = []
        while len(page) <= size:
            found = platform.edges.list(replace(links, after=after))
            shown = ((edge, _summary(platform, edge)) for edge in found)
            page += [(edge, summary) for edge, summary in shown if _typed(summary, params)]
            if len(found) <= size:
                break
            after = found[-1]
        more = len(page) > size
        answer: Document = {"AssociationSummaries": [summary for _, summary in page[:size]]}
        return Reply(answer | ({"NextToken": _token(page[size - 1][0])} if more else {}))

    @operation("QueryLineage")
    def query(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Return the entities that lead to or from the given ones, the nearest first."""
        del ctx
        starts = [_entity(platform, arn).arn for arn in params.get("StartArns") or ()]
        depth = params.get("MaxDepth", lineage.DEPTH)
        walk = lineage.walk(platform, starts, params.get("Direction", "Both"), depth)
        rows = [row for row in map(platform.by_arn, walk.arns) if row is not None]
        filters = params.get("Filters") or {}
        wanted = [row for row in rows if lineage.passes(row, filters)]
        begin, size = position.read(params.get("NextToken")), params.get("MaxResults", _VERTICES)
        page = [lineage.vertex(row) for row in wanted[begin : begin + size]]
        passed = walk.edges if params.get("IncludeEdges", True) else ()
        answer: Document = {"Vertices": page, "Edges": _edges(passed, {row.arn for row in wanted})}
        following = position.following(begin, size, len(wanted))
        return Reply(answer | ({"NextToken": following} if following else {}))


def _entity(platform: Platform, arn: str) -> Row:
    row = platform.by_arn(arn)
    if row is None or row.kind not in ENTITIES:
        raise ClaryError("ResourceNotFound", f"{arn} is no artifact, action, context or trial component.")
    return row


def _spelt(platform: Platform, arn: str) -> str:
    """Return an ARN as the entity that it names has it; an association may outlive that."""
    row = platform.by_arn(arn)
    return arn if row is None else row.arn


def _links(platform: Platform, params: Document, after: Edge | None, limit: int) -> Links:
    sort = _SORT.get(params.get("SortBy", "CreationTime"))
    if sort is None:
        raise errors.validation(
            f"ListAssociations: SortBy {params['SortBy']} is not supported by this release of Clary."
        )
    return Links(
        lineage.FAMILY,
        sources=_one(platform, params.get("SourceArn")),
        destinations=_one(platform, params.get("DestinationArn")),
        type=params.get("AssociationType"),
        created=(_seconds(params.get("CreatedAfter")), _seconds(params.get("CreatedBefore"))),
        sort=sort,
        descending=params.get("SortOrder", "Descending") == "Descending",
        after=after,
        limit=limit,
    )


def _summary(platform: Platform, edge: Edge) -> Document:
    said: Document = {
        "SourceArn": edge.source,
        "DestinationArn": edge.destination,
        "AssociationType": edge.type,
        "CreationTime": edge.at,
        **edge.doc,
    }
    for side, arn in (("Source", edge.source), ("Destination", edge.destination)):
        row = platform.by_arn(arn)
        if row is not None:
            said |= {f"{side}Type": lineage.entity_type(row), f"{side}Name": _name(row)}
    return said


def _noun(arn: str) -> str:
    """Return the kind of entity that an ARN names, for example ``Action``."""
    return _NOUNS.get(arn.split(":", 5)[-1].partition("/")[0], "")


def _name(row: Row) -> str:
    return str(row.doc.get(f"{row.kind}Name") or row.name)


def _typed(summary: Document, params: Document) -> bool:
    """Tell whether both ends are of the types asked for: their own, or the kind of entity they are.

    The SDK asks for a DestinationType of "Action" or "Context" to find the endpoints of a model.
    """
    return all(
        params.get(f"{side}Type") in (None, summary.get(f"{side}Type"), _noun(summary[f"{side}Arn"]))
        for side in ("Source", "Destination")
    )


def _edges(edges: Sequence[Edge], arns: set[str]) -> "list[Document]":
    return [
        {"SourceArn": edge.source, "DestinationArn": edge.destination, "AssociationType": edge.type}
        for edge in edges
        if edge.source in arns and edge.destination in arns
    ]


def _one(platform: Platform, arn: str | None) -> "list[str] | None":
    return None if arn is None else [_spelt(platform, arn)]


def _seconds(at: Any) -> float | None:
    return None if at is None else cast("float", at.timestamp())


def _token(edge: Edge) -> str:
    return base64.urlsafe_b64encode(json.dumps([edge.source, edge.destination, edge.at]).encode()).decode()


def _after(token: str | None) -> Edge | None:
    if token is None:
        return None
    try:
        source, destination, at = json.loads(base64.urlsafe_b64decode(token))
        return Edge(lineage.FAMILY, str(source), str(destination), "", float(at), {})
    except (ValueError, TypeError) as error:
        raise errors.validation(f"Invalid pagination token: {token!r}.") from error
