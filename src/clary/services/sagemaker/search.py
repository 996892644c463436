"""Search: resources of a noun by any of their properties."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from clary.core import errors
from clary.core.exchange import Context, Document, Reply
from clary.engine.kind import Kind
from clary.engine.listing import behind, token
from clary.engine.operation import operation
from clary.engine.platform import Platform
from clary.engine.spelling import told
from clary.services import condition, membership
from clary.store.resources import Query, Row

_NOUNS = {"ExperimentTrial": "Trial", "ExperimentTrialComponent": "TrialComponent"}
"""Nouns that Search calls by another name."""
_COLUMNS = {"CreationTime": "created_at", "LastModifiedTime": "modified_at"}
_PAGE = 10
_SUGGESTIONS = 50


@dataclass(frozen=True, slots=True)
class _Hit:
    """A resource as Describe shows it; ``facets`` is the same by the names that filters use."""

    row: Row
    shown: Document
    facets: Document


class Search(Kind):
    """Reads the documents of other kinds, as their Describe shows them."""

    noun = "Search"
    resource = "search"
    spoken = "search"

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self._kinds: Mapping[str, Kind] = {kind.noun: kind for kind in kinds}

    @operation("Search")
    def search(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Return a page of resources that meet the expression."""
        del ctx
        kind, holds = self._kind(params["Resource"]), _conditions(params)
        size, sort = params.get("MaxResults", _PAGE), params.get("SortBy", "LastModifiedTime")
        descending = params.get("SortOrder", "Descending") == "Descending"
        column = "name" if sort == kind.identity.name else _COLUMNS.get(sort)
        order = Query(platform.home(kind.noun), sort=column or "created_at", descending=descending)
        if column is None:
            hits = [hit for hit in _hits(platform, kind, order) if holds(hit.facets)]
            hits.sort(key=lambda hit: _rank(hit.facets, sort), reverse=descending)
            return _page_at(kind, hits, size, params.get("NextToken"))
        order = replace(order, after=behind(params.get("NextToken"), order.sort))
        page = list(islice((hit for hit in _hits(platform, kind, order) if holds(hit.facets)), size + 1))
        answer: Document = {"Results": [_record(kind, hit) for hit in page[:size]]}
        if len(page) > size:
            last = page[size - 1].row
            answer["NextToken"] = token(getattr(last, order.sort), last.id)
        return Reply(answer)

    @operation("GetSearchSuggestions")
    def suggest(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Return names of properties that recent resources have and that begin as the hint does."""
        del ctx
        kind = self._kind(params["Resource"])
        asked = (params.get("SuggestionQuery") or {}).get("PropertyNameQuery") or {}
        hint = asked.get("PropertyNameHint", "")
        rows = platform.resources.list(Query(platform.home(kind.noun), limit=_SUGGESTIONS))
        names = {name for row in rows for name in _paths(_hit(platform, kind, row).facets)}
        fitting = sorted(name for name in names if name.lower().startswith(hint.lower()))
        return Reply({"PropertyNameSuggestions": [{"PropertyName": name} for name in fitting[:_SUGGESTIONS]]})

    def _kind(self, resource: str) -> Kind:
        kind = self._kinds.get(_NOUNS.get(resource, resource))
        if kind is None:
            raise errors.validation(f"Search: Resource {resource} is not supported by this release of Clary.")
        return kind


def _conditions(params: Document) -> condition.Predicate:
    """Return what the expression and the visibility conditions ask for together."""
    expression = params.get("SearchExpression")
    meets = condition.parse(expression) if expression else lambda _document: True
    visible = [(one["Key"], one["Value"]) for one in params.get("VisibilityConditions") or ()]

    def holds(document: Document) -> bool:
        seen = (value in condition.values(document, key) for key, value in visible)
        return all(seen) and meets(document)

    return holds


def _hits(platform: Platform, kind: Kind, query: Query) -> Iterator[_Hit]:
    """Yield every resource of a kind, reading some at a time."""
    for row in platform.resources.each(query):
        yield _hit(platform, kind, row)


def _hit(platform: Platform, kind: Kind, row: Row) -> _Hit:
    shown = {**row.doc, **told(kind, row), **kind.view(platform, row)}
    tags = platform.tags.of(row.arn)
    shown["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
    if kind.noun == "TrialComponent":
        shown["Parents"] = membership.parents(platform, row)
    measured = [*(shown.get("FinalMetricDataList") or ()), *(shown.get("Metrics") or ())]
    return _Hit(row, shown, {**shown, "Tags": tags, "Metrics": dict(_metrics(measured))})


def _metrics(measured: Sequence[Document]) -> Iterator[tuple[str, Any]]:
    """Yield each metric by its name and each of its statistics by ``name.Statistic``."""
    for metric in measured:
        name = metric["MetricName"]
        yield name, metric.get("Value", metric.get("Last"))
        for statistic in ("Max", "Min", "Last", "Avg", "Count", "StdDev"):
            if statistic in metric:
                yield f"{name}.{statistic}", metric[statistic]


def _record(kind: Kind, hit: _Hit) -> Document:
    """Return the SearchRecord: a model stands in it as a dashboard shows it."""
    return {kind.noun: {"Model": hit.shown} if kind.noun == "Model" else hit.shown}


def _rank(shown: Document, path: str) -> tuple[bool, float, str]:
    """Return a key that sorts numbers as numbers, behind what has no such property."""
    value = next(condition.values(shown, path), None)
    number = value if isinstance(value, (int, float)) else 0.0
    return value is not None, float(number), str(value)


def _page_at(kind: Kind, found: Sequence[_Hit], size: int, given: str | None) -> Reply:
    if given is not None and not (given.isdecimal() and len(given) <= len(str(len(found)))):
        raise errors.validation(f"Invalid pagination token: {given!r} was not given out by this API.")
    start = int(given or 0)
    answer: Document = {"Results": [_record(kind, hit) for hit in found[start : start + size]]}
    return Reply(answer | ({"NextToken": str(start + size)} if start + size < len(found) else {}))


def _paths(document: Any, prefix: str = "") -> Iterator[str]:
    """Yield the dotted path of every value in ``document``; items of a list share theirs."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield from _paths(value, f"{prefix}.{key}" if prefix else key)
    elif isinstance(document, list):
        for item in document:
            yield from _paths(item, prefix)
    else:
        yield prefix
