"""Search: resources of a noun by any of their properties."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from clary.core import errors
from clary.core.exchange import Context, Document, Reply
from clary.engine import position
from clary.engine.kind import Kind
from clary.engine.listing import behind, token
from clary.engine.operation import operation
from clary.engine.platform import Platform
from clary.engine.spelling import told
from clary.services import condition, membership, narrowing
from clary.services.narrowing import Narrowing
from clary.store.candidates import Part
from clary.store.facts import fold
from clary.store.resources import Query, Row

_NOUNS = {"ExperimentTrial": "Trial", "ExperimentTrialComponent": "TrialComponent"}
"""Nouns that Search calls by another name."""
_COLUMNS = {"CreationTime": "created_at", "LastModifiedTime": "modified_at"}
_PAGE = 10
_SUGGESTIONS = 50
_LOOK = (20, 180)
"""Rows that are looked at before an index is asked for those that can meet the expression."""
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class _Hit:
    """A resource as Describe shows it; ``facets`` is the same by the names that filters use."""

    row: Row
    shown: Document
    facets: Document


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of resources: ``part`` finds those that can meet it, ``heads`` begin what it is about."""

    holds: condition.Predicate
    part: Part | None
    heads: frozenset[str]


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
        kind = self._kind(params["Resource"])
        reader = _Reader(platform, kind, _asked(platform, kind, params))
        size, sort = params.get("MaxResults", _PAGE), params.get("SortBy", "LastModifiedTime")
        descending = params.get("SortOrder", "Descending") == "Descending"
        column = "name" if sort == kind.identity.name else _COLUMNS.get(sort)
        order = Query(platform.home(kind.noun), sort=column or "created_at", descending=descending)
        if column is None:
            return reader.ranked(order, sort, size, params.get("NextToken"))
        order = replace(order, after=behind(params.get("NextToken"), order.sort))
        page = [row for row, _ in islice(reader.found(order), size + 1)]
        answer: Document = {"Results": reader.records(page[:size])}
        if len(page) > size:
            last = page[size - 1]
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
        tags = platform.tags.of_all([row.arn for row in rows])
        names = {name for row in rows for name in _paths(_hit(platform, kind, row, tags[row.arn]).facets)}
        fitting = sorted(name for name in names if name.lower().startswith(hint.lower()))
        return Reply({"PropertyNameSuggestions": [{"PropertyName": name} for name in fitting[:_SUGGESTIONS]]})

    def _kind(self, resource: str) -> Kind:
        kind = self._kinds.get(_NOUNS.get(resource, resource))
        if kind is None:
            raise errors.validation(f"Search: Resource {resource} is not supported by this release of Clary.")
        return kind


class _Reader:
    """Reads the resources of a kind that meet what is asked."""

    def __init__(self, platform: Platform, kind: Kind, asked: _Asked) -> None:
        self._platform = platform
        self._kind = kind
        self._asked = asked

    def found(self, order: Query, sort: str = "") -> Iterator[tuple[Row, Document]]:
        """Yield in order what meets it, with the facets it is asked and sorted by."""
        heads = self._asked.heads | {fold(sort.partition(".")[0])}
        rows = self._rows(narrowing.within(order, self._asked.part), ranked=bool(sort))
        while some := list(islice(rows, _LOOK[0])):
            tags = self._platform.tags.of_all([row.arn for row in some]) if "tags" in heads else {}
            for row in some:
                facets = _hit(self._platform, self._kind, row, tags.get(row.arn, {}), heads).facets
                if self._asked.holds(facets):
                    yield row, facets

    def ranked(self, order: Query, sort: str, size: int, given: str | None) -> Reply:
        """Return the page that begins at place ``given`` of all that meets it, sorted by any property."""
        start, count = position.read(given), 0

        def ranks() -> Iterator[tuple[tuple[bool, float, str], str]]:
            nonlocal count
            for row, facets in self.found(order, sort):
                count += 1
                yield _rank(facets, sort), row.id

        best = heapq.nlargest if order.descending else heapq.nsmallest
        page = best(start + size, ranks(), key=lambda ranked: ranked[0])[start:]
        rows = (self._platform.resources.get(row_id) for _, row_id in page)
        answer: Document = {"Results": self.records([row for row in rows if row is not None])}
        following = position.following(start, size, count)
        return Reply(answer | ({"NextToken": following} if following else {}))

    def records(self, rows: Sequence[Row]) -> Sequence[Document]:
        """Return SearchRecords: a model stands in its own as a dashboard shows it."""
        tags = self._platform.tags.of_all([row.arn for row in rows])
        noun = self._kind.noun
        shown = (_hit(self._platform, self._kind, row, tags[row.arn]).shown for row in rows)
        return [{noun: {"Model": one} if noun == "Model" else one} for one in shown]

    def _rows(self, query: Query, *, ranked: bool) -> Iterator[Row]:
        """Yield in order at least the rows that can meet it: of the first all, then what an index finds."""
        resources = self._platform.resources
        for look in () if ranked else _LOOK:  # what is sorted otherwise is found before the first is known
            page = resources.list(replace(query, limit=look))
            yield from page
            if len(page) < look:
                return
            query = query.behind(page[-1])
        query = replace(query, limit=_AT_ONCE)
        few = None if self._asked.part is None else resources.few(query, self._asked.part)
        yield from resources.each(query) if few is None else few


def _asked(platform: Platform, kind: Kind, params: Document) -> _Asked:
    """Return what the expression and the visibility conditions ask for together."""
    expression = params.get("SearchExpression")
    meets = condition.parse(expression) if expression else lambda _document: True
    visible = [(one["Key"], one["Value"]) for one in params.get("VisibilityConditions") or ()]

    def holds(document: Document) -> bool:
        seen = (value in condition.values(document, key) for key, value in visible)
        return all(seen) and meets(document)

    also = {"Filters": [{"Name": key, "Value": value} for key, value in visible]}
    expressions = [also, *([expression] if expression else [])]
    narrow = Narrowing(platform, kind)
    part = narrowing.every([narrow.of(one) for one in expressions])
    return _Asked(holds, part, frozenset(head for one in expressions for head in condition.heads(one)))


def _hit(
    platform: Platform, kind: Kind, row: Row, tags: Mapping[str, str], heads: frozenset[str] | None = None
) -> _Hit:
    """Return what is known of a row: at least what begins with one of ``heads``, or everything."""

    def wanted(*members: str) -> bool:
        return heads is None or any(fold(member) in heads for member in members)

    shown: Document = {**row.doc, **told(kind, row)}
    if wanted(*kind.viewed, "Metrics"):
        view = kind.view(platform, row)
        shown |= {name: view[name] for name in kind.viewed if name in view}
    shown["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
    if kind.noun == "TrialComponent" and wanted("Parents"):
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


def _rank(shown: Document, path: str) -> tuple[bool, float, str]:
    """Return a key that sorts numbers as numbers, behind what has no such property."""
    value = next(condition.values(shown, path), None)
    number = value if isinstance(value, (int, float)) else 0.0
    return value is not None, float(number), str(value)


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
