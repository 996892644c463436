"""Verbs: Create, Describe, List, Update, Delete and Stop, the same for every kind.

A verb writes documents and intents; it never starts anything and never writes a phase that is not the first.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from clary.core import clock, errors
from clary.core.errors import ClaryError
from clary.core.exchange import Context, Document, Reply
from clary.engine import position
from clary.engine.catalog import ABOUT, REFUSED, Catalog, Entry
from clary.engine.identity import Address
from clary.engine.kind import Kind
from clary.engine.listing import Listing, token
from clary.engine.platform import Platform
from clary.engine.projection import part, project, storable
from clary.engine.spelling import person
from clary.engine.tagging import given_tags, shaped
from clary.store.resources import GONE, AlreadyExistsError, Row

_logger = logging.getLogger(__name__)

_AT_ONCE = 100
_NEVER_KEPT = {"Tags", "ClientToken", "ClientRequestToken"}
_DONE = {"start": "started", "stop": "stopped", "update": "updated"}


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
            "Start": self._start,
            "Stop": self._stop,
            ABOUT: self._about,
            REFUSED: self._refuse,
        }
        return verbs[entry.verb](ctx, entry, params)

    def _create(self, ctx: Context, entry: Entry, params: Document) -> Reply:
        kind = entry.kind
        tags = given_tags(params.get("Tags") or ())
        doc = {key: value for key, value in params.items() if key not in _NEVER_KEPT}
        self._check_references(entry, doc)
        address = kind.new_address(self._platform, params)
        existing = kind.at(self._platform, address)
        if existing is not None:
            return self._again(entry, existing, params)
        doc = storable(kind.prepare(self._platform, ctx, doc))
        private = {"created_by": person(ctx.caller), "token": _client_token(params)}
        row = kind.first_row(self._platform.site, address, doc, storable(private))
        try:
            self._platform.resources.insert(row, kind.lifecycle.first.message, tags.items())
        except AlreadyExistsError as error:
            return self._again(entry, error.row, params)
        kind.made(self._platform, row)
        self._wake(row)
        return self._answer(entry, row)

    def _again(self, entry: Entry, row: Row, params: Document) -> Reply:
        """Answer a Create of what exists: the same to who repeats a request, an error to anybody else."""
        given = _client_token(params)
        if given is None or given != row.private.get("token"):
            raise entry.kind.taken(row.arn, entry.errors)
        return self._answer(entry, row)

    def _answer(self, entry: Entry, row: Row) -> Reply:
        """Return what Create and Update answer: whatever of the row their shape has room for."""
        if entry.outputs is None:
            return Reply()
        whole = {**row.doc, **entry.spelling.of(row), **entry.kind.answer(row)}
        return Reply(_placed(entry, project({**whole, entry.arn_member: row.arn}, entry.outputs)))

    def _describe(self, ctx: Context, entry: Entry, params: Document) -> Reply:
        del ctx
        row = self._sound(entry, params)
        whole = {**row.doc, **entry.spelling.of(row), **entry.kind.view(self._platform, row)}
        if "Tags" in entry.outputs.members:  # where Describe shows them; mostly only ListTags does
            whole["Tags"] = shaped(self._platform.tags.of(row.arn))
        hold = None if entry.kind.lifecycle.settled(row.phase) else row.id
        return Reply(_placed(entry, project(whole, entry.outputs)), hold=hold)

    def _list(self, ctx: Context, entry: Entry, params: Document) -> Reply:
        del ctx
        assert entry.listing is not None  # noqa: S101 - every List has one
        if entry.inputs.required_members:
            self._check_references(entry, params)
        asked = entry.kind.asked(self._platform, params)
        path = entry.listing.path(asked)
        if path is not None:
            return self._ranked(entry, entry.listing, asked, path)
        query = entry.listing.query(self._platform, asked)
        rows = self._platform.resources.list(query)
        page = rows[: query.limit - 1]
        answer: Document = {entry.within: [project(_summary(entry, row), entry.outputs) for row in page]}
        if len(rows) > len(page):
            answer["NextToken"] = token(getattr(page[-1], query.sort), page[-1].id)
        return Reply(answer)

    def _ranked(self, entry: Entry, listing: Listing, params: Document, path: str) -> Reply:
        """Answer a List that is sorted by a part of the document, which reads all that it could show."""
        begin = position.read(params.get("NextToken"))
        plain = {name: value for name, value in params.items() if name not in ("NextToken", "SortBy")}
        query = listing.query(self._platform, plain)
        size = query.limit - 1
        rows = list(self._platform.resources.each(replace(query, limit=_AT_ONCE)))
        rows.sort(key=lambda row: (str(part(row.doc, path) or ""), row.id), reverse=query.descending)
        page = rows[begin : begin + size]
        answer: Document = {entry.within: [project(_summary(entry, row), entry.outputs) for row in page]}
        following = position.following(begin, size, len(rows))
        return Reply(answer | ({"NextToken": following} if following else {}))

    def _update(self, ctx: Context, entry: Entry, params: Document) -> Reply:
        kind, row = entry.kind, self._sound(entry, params)
        self._check_references(entry, params)
        doc = {key: value for key, value in params.items() if key not in _NEVER_KEPT}
        named = set(kind.identity.members)
        given = {key: value for key, value in doc.items() if key not in named}

        def revise(now: Row) -> Document:
            private = {**now.private, "modified_by": person(ctx.caller)}
            return {"doc": storable(kind.update(self._platform, now, given)), "private": private}

        return self._answer(entry, self._carry_out(entry, row, "update", revise))

    def _carry_out(
        self, entry: Entry, row: Row, intent: str, revise: Callable[[Row], Document] = lambda _row: {}
    ) -> Row:
        """Have ``intent`` carried out, which for a noun that has no steps to take means: do it at once."""
        if not entry.kind.lifecycle.moves:
            return self._amend(entry, row, intent, revise)
        self._intend(entry, row, intent, revise)
        return row

    def _amend(self, entry: Entry, row: Row, intent: str, revise: Callable[[Row], Document]) -> Row:
        """Write what ``intent`` makes of a record over it, against whoever else is writing."""
        target = entry.kind.lifecycle.intents[intent]

        def allowed(now: Row) -> Document:
            entry.kind.guard(intent, now)
            return revise(now) | ({"phase": target} if target else {})

        changed = self._platform.amend(row, allowed, _DONE[intent])
        if changed is None:
            raise entry.kind.missing(row.arn, entry.errors)
        entry.kind.changed(self._platform, changed, row)
        return changed

    def _delete(self, ctx: Context, entry: Entry, params: Document) -> Reply:
        del ctx
        kind, row = entry.kind, self._get(entry, params)
        if _damage(kind, row):
            self._platform.resources.change(row, "deleted, damaged", phase=GONE)
            return Reply()
        kind.guard("delete", row)
        holder = kind.holder(self._platform, row)
        if holder is not None:
            raise kind.held(row.arn, holder, entry.errors)
        if kind.lifecycle.moves:
            self._intend(entry, row, "delete")
        else:
            self._remove(kind, row)
        return self._answer(entry, row)

    def _remove(self, kind: Kind, row: Row) -> None:
        """Take a record away, whoever else is changing it."""

        def allowed(now: Row) -> Document:
            kind.guard("delete", now)
            return {"phase": GONE}

        self._platform.amend(row, allowed, "deleted")
        kind.gone(self._platform, row)

    def _start(self, ctx: Context, entry: Entry, params: Document) -> Reply:
        del ctx
        return self._answer(entry, self._carry_out(entry, self._sound(entry, params), "start"))

    def _stop(self, ctx: Context, entry: Entry, params: Document) -> Reply:
        del ctx
        return self._answer(entry, self._carry_out(entry, self._sound(entry, params), "stop"))

    def _about(self, ctx: Context, entry: Entry, params: Document) -> Reply:
        """Answer what the kind tells of the resource that is asked about, if one is."""
        kind = entry.kind
        arn = params.get(f"{kind.noun}Arn")
        row = None
        if arn is not None:
            row = kind.find(self._platform, {kind.identity.name: arn})
            if row is None:
                raise kind.missing(arn, entry.errors)
        elif params.get(kind.identity.name) is not None:
            row = self._get(entry, params)
        return Reply(kind.tell(ctx, params, row, entry.within))

    def _refuse(self, ctx: Context, entry: Entry, params: Document) -> Reply:
        """Refuse with the kind's reason; what a request names has to be there first."""
        if all(params.get(member) is not None for member in entry.kind.identity.members):
            self._get(entry, params)
        refusal = errors.unsupported(ctx.operation, ctx.service)
        raise ClaryError(refusal.code, f"{refusal.message} {entry.kind.refuses[ctx.operation]}")

    def _intend(
        self, entry: Entry, row: Row, intent: str, revise: Callable[[Row], Document] = lambda _row: {}
    ) -> None:
        """Write ``intent`` and what ``revise`` makes of the row, against whoever else is changing it."""
        current: Row | None = row
        while current is not None and (current.intent != "delete" or intent == "delete"):
            entry.kind.guard(intent, current)
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
            raise entry.kind.missing(row.arn, entry.errors)

    def _wake(self, row: Row) -> None:
        self._platform.bus.publish("due", row.id)

    def _check_references(self, entry: Entry, doc: Document) -> None:
        for reference in entry.kind.references(doc):
            other = self._catalog.kinds[reference.noun]
            named = {other.identity.name: reference.name}
            if other.find(self._platform, named) is None:
                raise other.missing(self._arn(other, other.identity.address(named), doc), entry.errors)

    def _get(self, entry: Entry, params: Document) -> Row:
        kind = entry.kind
        row = kind.find(self._platform, params)
        if row is None:
            raise kind.missing(self._arn(kind, kind.identity.address(params), params), entry.errors)
        return row

    def _sound(self, entry: Entry, params: Document) -> Row:
        """Return the row; raises ClaryError where what is stored of it cannot be read."""
        row = self._get(entry, params)
        damage = _damage(entry.kind, row)
        if damage:
            raise ClaryError(
                "InternalFailure",
                f"What is stored of {row.arn} is damaged: {damage}. Delete it and create it again, or "
                "restore the database from a backup.",
                500,
            )
        return row

    def _arn(self, kind: Kind, address: Address, doc: Document) -> str:
        return self._platform.site.arn(kind.path(address, doc))


def _damage(kind: Kind, row: Row) -> str:
    """Return what is wrong with what is stored of a row; empty where nothing is."""
    unknown = "" if row.phase in kind.lifecycle.phases else f"no {kind.spoken} is ever in phase {row.phase}"
    return row.damage or unknown


def _summary(entry: Entry, row: Row) -> Document:
    """Return what a list shows of a row; of a damaged one its name and its times, and that it failed."""
    kind = entry.kind
    if not _damage(kind, row):
        try:
            return {**row.doc, **entry.spelling.of(row), **kind.summary(row)}
        except Exception:
            _logger.exception("%s cannot be summarised", row.arn)
    failed = kind.lifecycle.failing(kind.lifecycle.first.name)
    known = failed if failed in kind.lifecycle.phases else kind.lifecycle.first.name
    return entry.spelling.of(replace(row, phase=known, doc={}, private={}))


def _placed(entry: Entry, shown: Document) -> Document:
    return {entry.within: shown} if entry.within else shown


def _client_token(params: Document) -> str | None:
    return params.get("ClientToken") or params.get("ClientRequestToken")
