"""Verbs: Create, Describe, List, Update, Delete and Stop, the same for every kind.

A verb writes documents and intents; it never starts anything and never writes a phase that is not the first.
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from clary.core import clock, errors, ids
from clary.core.exchange import Context, Document, Reply
from clary.engine.catalog import Catalog, Entry
from clary.engine.kind import Kind
from clary.engine.lifecycle import RECORD
from clary.engine.platform import Platform
from clary.engine.projection import project, storable
from clary.store.resources import GONE, AlreadyExistsError, Home, Query, Row

_FILTERS = {
    *("NameContains", "StatusEquals", "SortBy", "SortOrder", "MaxResults", "NextToken"),
    *("CreationTimeAfter", "CreationTimeBefore", "LastModifiedTimeAfter", "LastModifiedTimeBefore"),
}
_SORT = {"Name": "name", "CreationTime": "created_at", "LastModifiedTime": "modified_at", "Status": "phase"}
_TIMES = ("created_at", "modified_at")
_PAGE = 100


class Verbs:
    """The verbs of one service's catalog."""

    def __init__(self, platform: Platform, catalog: Catalog) -> None:
        self._platform = platform
        self._catalog = catalog

    def __call__(self, ctx: Context, entry: Entry, params: Document) -> Reply:
        """Carry out ``entry``'s operation."""
        verbs = {
            "Create": self._create,
            "Describe": self._describe,
            "List": self._list,
            "Update": self._update,
            "Delete": self._delete,
            "Stop": self._stop,
        }
        return verbs[entry.verb](ctx, entry, params)

    def _create(self, ctx: Context, entry: Entry, params: Document) -> Reply:
        kind, name = entry.kind, params[entry.name_member]
        arn = self._arn(kind, name)
        tags = {tag["Key"]: tag["Value"] for tag in params.get("Tags") or ()}
        existing = self._find(kind, name)
        if existing is not None:
            raise kind.taken(existing.arn)
        doc = {key: value for key, value in params.items() if key != "Tags"}
        self._check_references(kind, doc)
        doc = storable(kind.prepare(self._platform, ctx, doc))
        row = self._new_row(kind, name, arn, doc)
        try:
            self._platform.resources.insert(row, kind.lifecycle.first.message, tags.items())
        except AlreadyExistsError as error:
            raise kind.taken(error.row.arn) from error
        self._wake(row)
        return Reply({entry.arn_member: arn})

    def _describe(self, ctx: Context, entry: Entry, params: Document) -> Reply:
        del ctx
        row = self._get(entry, params)
        whole = {**row.doc, **_common(entry, row), **entry.kind.view(self._platform, row)}
        hold = None if entry.kind.lifecycle.settled(row.phase) else row.id
        return Reply(project(whole, entry.outputs), hold=hold)

    def _list(self, ctx: Context, entry: Entry, params: Document) -> Reply:
        del ctx
        query = self._query(entry, params)
        rows = self._platform.resources.list(query)
        page = rows[: query.limit - 1]
        member = next(name for name, shape in entry.outputs.members.items() if shape.type_name == "list")
        summary = entry.outputs.members[member].member
        answer: Document = {
            member: [
                project({**row.doc, **_common(entry, row), **entry.kind.summary(row)}, summary)
                for row in page
            ]
        }
        if len(rows) > len(page):
            answer["NextToken"] = _token(getattr(page[-1], query.sort), page[-1].id)
        return Reply(answer)

    def _update(self, ctx: Context, entry: Entry, params: Document) -> Reply:
        del ctx
        row = self._get(entry, params)
        self._check_references(entry.kind, params)
        kind = entry.kind
        self._intend(
            kind, row, "update", lambda now: {"doc": storable(kind.update(self._platform, now, params))}
        )
        return Reply({entry.arn_member: row.arn})

    def _delete(self, ctx: Context, entry: Entry, params: Document) -> Reply:
        del ctx
        row = self._get(entry, params)
        entry.kind.guard("delete", row)
        if entry.kind.lifecycle is RECORD:
            self._platform.resources.change(row, "deleted", phase=GONE)
        else:
            self._intend(entry.kind, row, "delete")
        return Reply()

    def _stop(self, ctx: Context, entry: Entry, params: Document) -> Reply:
        del ctx
        self._intend(entry.kind, self._get(entry, params), "stop")
        return Reply()

    def _intend(
        self, kind: Kind, row: Row, intent: str, revise: Callable[[Row], Document] = lambda _row: {}
    ) -> None:
        """Write ``intent`` and what ``revise`` makes of the row, against whoever else is changing it."""
        current: Row | None = row
        while current is not None and (current.intent != "delete" or intent == "delete"):
            kind.guard(intent, current)
            columns: dict[str, Any] = {
                "intent": intent,
                "due_at": clock.now(),
                "modified_at": current.modified_at,
                **revise(current),
            }
            if self._platform.resources.change(current, **columns) is not None:
                self._wake(current)
                return
            current = self._platform.resources.get(row.id)
        if intent != "delete":  # a row that is asked to go is as good as gone
            raise kind.missing(row.arn)

    def _wake(self, row: Row) -> None:
        self._platform.bus.publish("due", row.id)

    def _check_references(self, kind: Kind, doc: Document) -> None:
        for reference in kind.references(doc):
            other = self._catalog.kinds[reference.noun]
            if self._find(other, reference.name) is None:
                raise other.missing(self._arn(other, reference.name))

    def _new_row(self, kind: Kind, name: str, arn: str, doc: Document) -> Row:
        now, first = clock.now(), kind.lifecycle.first
        site = self._platform.site
        due = now if first.step else None
        return Row(
            id=ids.row_id(),
            account=site.account,
            region=site.region,
            kind=kind.noun,
            scope="",
            name=name,
            arn=arn,
            phase=first.name,
            intent=None,
            due_at=due,
            version=0,
            created_at=now,
            modified_at=now,
            doc=doc,
            private={},
        )

    def _home(self, kind: Kind) -> Home:
        return Home(self._platform.site.account, self._platform.site.region, kind.noun)

    def _find(self, kind: Kind, name: str) -> Row | None:
        return self._platform.resources.find(self._home(kind), name)

    def _get(self, entry: Entry, params: Document) -> Row:
        name = params[entry.name_member]
        row = self._find(entry.kind, name)
        if row is None:
            raise entry.kind.missing(self._arn(entry.kind, name))
        return row

    def _arn(self, kind: Kind, name: str) -> str:
        return self._platform.site.arn(f"{kind.resource}/{name.lower()}")

    def _query(self, entry: Entry, params: Document) -> Query:
        unknown = sorted(params.keys() - _FILTERS)
        if unknown:
            raise errors.validation(
                f"{entry.operation}: {', '.join(unknown)} is not supported by this release of Clary."
            )
        status, sort = params.get("StatusEquals"), _SORT[params.get("SortBy") or "CreationTime"]
        return Query(
            home=self._home(entry.kind),
            name_contains=params.get("NameContains"),
            phases=None if status is None else entry.kind.lifecycle.phases_of(status),
            created=_range(params, "CreationTime"),
            modified=_range(params, "LastModifiedTime"),
            sort=sort,
            descending=params.get("SortOrder", "Descending") == "Descending",
            after=_behind(params.get("NextToken"), sort),
            limit=params.get("MaxResults", _PAGE) + 1,
        )


def _common(entry: Entry, row: Row) -> Document:
    """Return the members that every kind's answers have under names made from its noun."""
    status = entry.kind.lifecycle.phases[row.phase].status
    return {
        entry.name_member: row.name,
        entry.arn_member: row.arn,
        entry.status_member: status,
        "CreationTime": row.created_at,
        "LastModifiedTime": row.modified_at,
    }


def _range(params: Mapping[str, Any], member: str) -> tuple[float | None, float | None]:
    after, before = params.get(f"{member}After"), params.get(f"{member}Before")
    return (after and after.timestamp(), before and before.timestamp())


def _token(value: float | str, row_id: str) -> str:
    return base64.urlsafe_b64encode(f"{row_id} {value}".encode()).decode()


def _behind(token: str | None, sort: str) -> tuple[float | str, str] | None:
    """Return the (value, id) that a token of ``_token`` carries, given out for the same order."""
    if not token:
        return None
    try:
        row_id, _, text = base64.urlsafe_b64decode(token).decode().partition(" ")
        int(row_id, 16)
        value = float(text) if sort in _TIMES else text
    except ValueError as error:
        raise errors.validation(
            f"Invalid pagination token: {token!r} was not given out by this API."
        ) from error
    return value, row_id
