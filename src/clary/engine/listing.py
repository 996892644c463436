"""Listing: a List operation's filters, order and page, read from its shapes."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from clary.core import errors
from clary.engine.kind import Kind
from clary.engine.platform import Platform
from clary.engine.state import State
from clary.store.resources import Query

_PAGING = {"SortBy", "SortOrder", "MaxResults", "NextToken"}
_TIME = re.compile(r"(?P<what>CreationTime|Created|LastModifiedTime|ModifiedTime)(?P<side>After|Before)")
_ORDER = re.compile(r"default[^.]*?\b(ascending|descending)\b", re.IGNORECASE)
_BY_NAME = re.compile(r"default (?:value )?is Name\b")
_RESULTS = re.compile(r"default[^.]*? (\d+)")
_COLUMNS = {
    "name": "name",
    "creationtime": "created_at",
    "createdate": "created_at",
    "version": "created_at",
    "accountidowner": "created_at",  # all that is here has one owner
    "lastmodifiedtime": "modified_at",
    "status": "phase",
}
_TIMES = ("created_at", "modified_at")
_PAGE = 100


class Listing:
    """How one List operation of a kind becomes a query; ``inputs`` is its input shape."""

    def __init__(self, operation: str, kind: Kind, inputs: Any, created: Any) -> None:
        self._operation = operation
        self._kind = kind
        self._inputs = inputs
        self._created = frozenset(getattr(created, "members", ()))
        self._descending = _stated(_ORDER, inputs, "SortOrder").lower() != "ascending"
        self._sort = "name" if _stated(_BY_NAME, inputs, "SortBy") else "created_at"
        self._page = int(_stated(_RESULTS, inputs, "MaxResults") or _PAGE)

    def query(self, platform: Platform, params: Mapping[str, Any]) -> Query:
        """Return the query; its limit is one more than the page, which tells whether another follows."""
        sort = self._column(params["SortBy"]) if params.get("SortBy") else self._sort
        order = params.get("SortOrder")
        query = Query(
            home=platform.home(self._kind.noun),
            sort=sort,
            descending=self._descending if order is None else order.lower() == "descending",
            after=behind(params.get("NextToken"), sort),
            limit=params.get("MaxResults", self._page) + 1,
        )
        for member, value in params.items():
            if member not in _PAGING and value is not None:
                narrowed = self._kind.narrow(platform, query, member, value)
                query = self.filter(member)(query, value) if narrowed is None else narrowed
        return query

    def path(self, params: Mapping[str, Any]) -> str | None:
        """Return the path of the part of the document that a request sorts by; None where it is a column."""
        return self._kind.sorts.get(params.get("SortBy") or "")

    def filter(self, member: str) -> Callable[[Query, Any], Query]:
        """Return what narrows a query by the value of ``member``; raises ClaryError where nothing does."""
        kind = self._kind
        name = kind.identity.name
        if (member,) == kind.identity.members[:-1]:
            return lambda query, value: replace(query, scope=value.rpartition("/")[2])
        if member in kind.filters:
            return _matching(kind.filters[member])
        if bound := _TIME.fullmatch(member):
            return _within(bound["what"], bound["side"])
        if member in {"NameContains", f"{name}Contains", f"{kind.noun}NameContains"}:
            return lambda query, value: replace(query, name_contains=value)
        if member in {"StatusEquals", "Status", f"{kind.noun}Status", f"{kind.noun}StatusEquals"}:
            return self._in_status
        if member.removesuffix("Equals") in self._created:
            return _matching(member.removesuffix("Equals"))
        if kind.state is State.SIMULATED:
            return lambda query, _value: query  # of nothing, any part is nothing
        raise errors.validation(f"{self._operation}: {member} is not supported by this release of Clary.")

    def _in_status(self, query: Query, status: str) -> Query:
        return replace(query, phases=self._kind.lifecycle.phases_of(status))

    def _column(self, sort: str) -> str:
        plain = sort.replace("_", "").lower()
        noun = self._kind.noun.lower()
        for spelling in (plain, plain.removeprefix(noun), plain.removeprefix(noun.removesuffix("version"))):
            if spelling in _COLUMNS:
                return _COLUMNS[spelling]
        if self._kind.state is State.SIMULATED:
            return self._sort
        raise errors.validation(
            f"{self._operation}: SortBy {sort} is not supported by this release of Clary."
        )


def token(value: float | str, row_id: str) -> str:
    """Return the NextToken of a page that ends with this value of the sorted column and this row."""
    return base64.urlsafe_b64encode(f"{row_id} {value}".encode()).decode()


def behind(given: str | None, sort: str) -> tuple[float | str, str] | None:
    """Return the (value, id) that a token carries, given out for the same order."""
    if not given:
        return None
    try:
        row_id, _, text = base64.urlsafe_b64decode(given).decode().partition(" ")
        int(row_id, 16)
        value = float(text) if sort in _TIMES else text
    except ValueError as error:
        raise errors.validation(
            f"Invalid pagination token: {given!r} was not given out by this API."
        ) from error
    return value, row_id


def _within(what: str, side: str) -> Callable[[Query, Any], Query]:
    column = "created" if what.startswith("Creat") else "modified"

    def narrow(query: Query, at: Any) -> Query:
        after, before = getattr(query, column)
        bounds = (at.timestamp(), before) if side == "After" else (after, at.timestamp())
        return replace(query, created=bounds) if column == "created" else replace(query, modified=bounds)

    return narrow


def _matching(path: str) -> Callable[[Query, Any], Query]:
    return lambda query, value: replace(query, match={**query.match, path: value})


def _stated(default: re.Pattern[str], inputs: Any, member: str) -> str:
    """Return what the model's documentation calls a member's default: only its prose states any."""
    shape = getattr(inputs, "members", {}).get(member)
    prose = re.sub(r"<[^>]+>", "", shape.documentation or "") if shape is not None else ""
    found = default.search(prose)
    return found[found.lastindex or 0] if found else ""
