"""Spelling: under which members a shape shows what every row has: times, ARN, status, who made it."""

from collections.abc import Mapping, Sequence
from typing import Any

from clary.core.exchange import Caller, Document
from clary.engine.kind import Kind
from clary.engine.lifecycle import RECORD
from clary.store.resources import Row

_TIMES = {
    **dict.fromkeys(("CreationTime", "CreatedAt", "CreateDate", "RegistrationTime"), "created_at"),
    **dict.fromkeys(("LastModifiedTime", "LastModifiedAt", "LastUpdatedDate"), "modified_at"),
}
_WHOLE = ("integer", "long")
_PEOPLE = {"CreatedBy": "created_by", "LastModifiedBy": "modified_by"}


class Spelling:
    """The members of one ``shape``, a botocore structure, that say what rows of ``kind`` have in common."""

    def __init__(self, shape: Any, kind: Kind, arn_member: str) -> None:
        members: Mapping[str, Any] = getattr(shape, "members", {})
        self._kind = kind
        self._times = {name: column for name, column in _TIMES.items() if _is(members, name, "timestamp")}
        self._arns = [name for name in (arn_member, *kind.arn_aliases) if name in members]
        self._numbers = [
            name for name in kind.identity.members if name in members and members[name].type_name in _WHOLE
        ]
        self._names = [name for name in kind.name_aliases if name in members]
        self._statuses = _statuses(members, kind)
        self.people = {name: key for name, key in _PEOPLE.items() if _is(members, name, "structure")}

    def of(self, row: Row) -> Document:
        """Return those members for ``row``."""
        named = self._kind.identity.document(row)
        said: Document = {name: int(named[name]) if name in self._numbers else named[name] for name in named}
        said |= {name: getattr(row, column) for name, column in self._times.items()}
        said |= dict.fromkeys(self._arns, row.arn) | dict.fromkeys(self._names, row.name)
        said |= dict.fromkeys(self._statuses, self._kind.lifecycle.seen(row.phase, row.intent))
        return said | {name: row.private.get(key) for name, key in self.people.items()}


def told(kind: Kind, row: Row) -> Document:
    """Return all those members under the names that most shapes give them."""
    said: Document = {**kind.identity.document(row), f"{kind.noun}Arn": row.arn}
    if kind.lifecycle is not RECORD:
        said[f"{kind.noun}Status"] = kind.lifecycle.seen(row.phase, row.intent)
    said |= {"CreationTime": row.created_at, "LastModifiedTime": row.modified_at}
    return said | {name: row.private.get(key) for name, key in _PEOPLE.items()}


def told_members(kind: Kind) -> Sequence[str]:
    """Return the members that ``told`` tells."""
    status = () if kind.lifecycle is RECORD else (f"{kind.noun}Status",)
    times = ("CreationTime", "LastModifiedTime")
    return (*kind.identity.members, f"{kind.noun}Arn", *status, *times, *_PEOPLE)


def person(caller: Caller) -> Document:
    """Return the UserContext of whoever signed a request."""
    return {"IamIdentity": {"Arn": caller.arn, "PrincipalId": caller.user_id}}


def _is(members: Mapping[str, Any], name: str, type_name: str) -> bool:
    return name in members and members[name].type_name == type_name


def _statuses(members: Mapping[str, Any], kind: Kind) -> list[str]:
    if kind.lifecycle is RECORD:  # a status of such a noun is what its user says
        return []
    return [name for name in (f"{kind.noun}Status", "Status") if _is(members, name, "string")]
