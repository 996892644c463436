"""Candidates: which few rows can meet a filter, known from indexes before any document is read.

A filter is made of parts, each of which an index answers. What comes of it may hold rows too many, never one
too few, so the filter itself has the last word. A part that more than FEW rows meet narrows nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import ColumnElement, Select, column, func, literal_column, select, table

from clary.store import facts
from clary.store.database import Database
from clary.store.tables import Edge, Resource, Tag

if TYPE_CHECKING:
    from clary.store.resources import Home

FEW = 2_000
"""Rows that are gathered and sorted for one page at most."""
KEYS = 200
"""Different keys of tags among which another casing of one is looked for."""
PIECE = 3
"""Letters of the pieces that names are indexed by."""


class Part(Protocol):
    """Something that is asked of rows; a value, without any connection."""

    def find(self, database: Database, home: "Home") -> Sequence[int] | None:
        """Return the numbers of all rows of ``home`` that can meet it; None when they are not few."""
        ...


@dataclass(frozen=True, slots=True)
class Named:
    """Rows with one of these names."""

    names: Sequence[str]

    def find(self, database: Database, home: "Home") -> Sequence[int] | None:
        """Find them by their names."""
        return _few(database, _of(home).where(Resource.name.in_(self.names)))


@dataclass(frozen=True, slots=True)
class NameHolds:
    """Rows whose names hold ``text``, of three letters or more."""

    text: str

    def find(self, database: Database, home: "Home") -> Sequence[int] | None:
        """Find all that have every three letters of it, of whatever home, by the index of migration 0003."""
        del home
        starts = range(len(self.text) - PIECE + 1)
        pieces = sorted({self.text[start : start + PIECE] for start in starts})
        if not pieces:
            return None
        if database.postgresql:
            held = func.clary_pieces(Resource.name).op("@>")(pieces)
            return _few(database, select(Resource.seq).where(held))
        words = " AND ".join('"' + piece.replace('"', '""') + '"' for piece in pieces)
        rows = select(table("resource_name", column("rowid")).c.rowid)
        return _few(database, rows.where(literal_column("resource_name").op("MATCH")(words)))


@dataclass(frozen=True, slots=True)
class InPhase:
    """Rows in one of these phases."""

    phases: Sequence[str]

    def find(self, database: Database, home: "Home") -> Sequence[int] | None:
        """Find them by their phases."""
        return _few(database, _of(home).where(Resource.phase.in_(self.phases)))


@dataclass(frozen=True, slots=True)
class Between:
    """Rows whose time, ``created_at`` or ``modified_at``, lies between two; None bounds nothing."""

    time: str
    after: float | None
    before: float | None

    def find(self, database: Database, home: "Home") -> Sequence[int] | None:
        """Find them by that time."""
        return _few(
            database, _of(home).where(*between(getattr(Resource, self.time), self.after, self.before))
        )


@dataclass(frozen=True, slots=True)
class Stated:
    """Rows whose document says ``value`` at a dotted ``path``; ``number`` is what that means as a number."""

    path: str
    value: str
    number: float | None = None

    def find(self, database: Database, home: "Home") -> Sequence[int] | None:
        """Find them by the facts of their documents."""
        stating = facts.stating(home.kind, self.path, self.value, self.number)
        return _few(database, facts.stated(stating, postgresql=database.postgresql))


@dataclass(frozen=True, slots=True)
class Tagged:
    """Rows with a tag of this ``key``, however cased; of this ``value`` where one is given."""

    key: str
    value: str | None = None

    def find(self, database: Database, home: "Home") -> Sequence[int] | None:
        """Find them by their tags."""
        keys = _keys(database)
        if len(keys) > KEYS:
            return None
        cased = [key for key in keys if facts.fold(key) == facts.fold(self.key)]
        arns = select(Tag.arn).where(Tag.key.in_(cased))
        return _with_arns(database, home, arns if self.value is None else arns.where(Tag.value == self.value))


@dataclass(frozen=True, slots=True)
class WithArn:
    """Rows with one of these ARNs, of whatever home."""

    arns: Sequence[str]

    def find(self, database: Database, home: "Home") -> Sequence[int] | None:
        """Find them by their ARNs alone: with their home SQLite would rather walk along all of that."""
        del home
        return _few(database, select(Resource.seq).where(Resource.arn.in_(self.arns)))


@dataclass(frozen=True, slots=True)
class Linked:
    """Rows to which edges of a family lead from one of these ARNs."""

    family: str
    sources: Sequence[str]

    def find(self, database: Database, home: "Home") -> Sequence[int] | None:
        """Find them by their edges."""
        arns = select(Edge.destination).where(Edge.family == self.family, Edge.source.in_(self.sources))
        return _with_arns(database, home, arns)


@dataclass(frozen=True, slots=True)
class Every:
    """Rows that meet all of these parts."""

    parts: Sequence[Part]

    def find(self, database: Database, home: "Home") -> Sequence[int] | None:
        """Find those that meet the first part that few meet."""
        answers = (part.find(database, home) for part in self.parts)
        return next((found for found in answers if found is not None), None)


@dataclass(frozen=True, slots=True)
class Either:
    """Rows that meet one of these parts."""

    parts: Sequence[Part]

    def find(self, database: Database, home: "Home") -> Sequence[int] | None:
        """Find those of every part."""
        together: set[int] = set()
        for part in self.parts:
            found = part.find(database, home)
            if found is None or len(together := together.union(found)) > FEW:
                return None
        return sorted(together)


def between(time: Any, after: float | None, before: float | None) -> list[ColumnElement[bool]]:
    """Return the conditions for a column that lies between two times; None bounds nothing."""
    return [
        *([time > after] if after is not None else []),
        *([time < before] if before is not None else []),
    ]


def home_is(home: "Home") -> list[ColumnElement[bool]]:
    """Return the conditions for the rows of a home: the first columns of every index."""
    return [Resource.account == home.account, Resource.region == home.region, Resource.kind == home.kind]


def _of(home: "Home") -> Select[Any]:
    return select(Resource.seq).where(*home_is(home))


def _few(database: Database, numbers: Select[Any]) -> Sequence[Any] | None:
    found = database.rows(numbers.limit(FEW + 1))
    return None if len(found) > FEW else [value for (value,) in found]


def _with_arns(database: Database, home: "Home", arns: Select[Any]) -> Sequence[int] | None:
    found = _few(database, arns)
    return found and WithArn(found).find(database, home)


def _keys(database: Database) -> Sequence[str]:
    """Return the different keys of all tags, some more than KEYS at most, by leaps along their index."""
    key = select(func.min(Tag.key).label("key")).cte("keys", recursive=True)
    further = select(func.min(Tag.key)).where(Tag.key > key.c.key).scalar_subquery()
    keys = key.union_all(select(further).where(key.c.key.is_not(None)))
    found = database.rows(select(keys.c.key).where(keys.c.key.is_not(None)).limit(KEYS + 1))
    return [value for (value,) in found]
