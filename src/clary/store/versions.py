"""Versions: what keys named before, and the delete markers that hide it.

A key's newest version is its row among the objects, so that buckets without versioning, and every read of
what is there now, never look further. What a versioned bucket replaces or hides moves to ``object_version``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, insert, or_, select

from clary.core import clock, ids
from clary.store.database import Database
from clary.store.keys import Keys
from clary.store.stored import NULL, Guard, Stored, unguarded
from clary.store.tables import Object, ObjectVersion

ENABLED = "Enabled"
SUSPENDED = "Suspended"

# Made once: to make a statement takes longer than to carry it out, and every read and write needs these.
_AT = (Object.bucket == bindparam("at_bucket"), Object.key == bindparam("at_key"))
CURRENT = select(Object.__table__).where(*_AT)
"""Reads what a key names now, by ``at_bucket`` and ``at_key``."""
_INSERT = insert(Object)
_DELETE = delete(Object).where(*_AT)

_VERSION = tuple(getattr(ObjectVersion, name) for name in Stored.__dataclass_fields__)


NEWEST = -(2**30)
"""The rank of what a key names now: below that of every version before it."""
_BEFORE = NEWEST - 1


class Place(NamedTuple):
    """Where a version stands in the order of a listing, whether it is still there or not."""

    key: str
    rank: int


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a key; of a ``marker`` only the key, the version and the time mean anything.

    ``retired_at`` is when another version took its place, None for the ``latest``.
    """

    stored: Stored
    latest: bool = True
    marker: bool = False
    retired_at: float | None = None
    rank: int = NEWEST

    @property
    def key(self) -> str:
        """The key that it is or was a version of."""
        return self.stored.key

    @property
    def place(self) -> Place:
        """Where it stands in a listing."""
        return Place(self.key, self.rank)


@dataclass(frozen=True, slots=True)
class Removal:
    """What to remove: a version for good, or without one what the key names now."""

    key: str
    version: str | None = None
    guard: Guard = unguarded


@dataclass(frozen=True, slots=True)
class Removed:
    """What a removal came to: ``version`` was removed, or was made when it is a new delete marker's."""

    key: str
    version: str | None = None
    marker: bool = False


class Versions:
    """Reads every version that a bucket has, whatever its keys name now."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, bucket: str, key: str, version: str) -> Version | None:
        """Return a version of ``key``."""
        now = select(Object.__table__).where(*_at(Object, bucket, key), Object.version == version)
        if found := self._database.rows(now):
            return Version(Stored.from_row(found[0]))
        former = _former().where(*_at(ObjectVersion, bucket, key))
        if not (found := self._database.rows(former.where(ObjectVersion.version == version))):
            return None
        entry = _version(found[0], latest=False)
        newest = self.marker(bucket, key) if entry.marker else None
        return entry if newest is None or newest.stored != entry.stored else newest

    def marker(self, bucket: str, key: str) -> Version | None:
        """Return the delete marker that hides ``key``, which names nothing now; None when there is none."""
        newest = _former().where(*_at(ObjectVersion, bucket, key)).order_by(ObjectVersion.rank).limit(1)
        found = self._database.rows(newest)
        return _version(found[0], latest=True) if found and found[0][2] is None else None

    def place(self, bucket: str, key: str, version: str) -> Place:
        """Return where to go on behind a version; where it is gone that is before its key."""
        found = self.get(bucket, key, version)
        return Place(key, _BEFORE if found is None else found.rank)

    def list(self, keys: Keys, behind: Place | None = None) -> Sequence[Version]:
        """Return at most ``keys.limit`` versions in the order of their keys, the newest of a key first.

        ``behind`` is the place of the version to go on behind, in place of ``keys.after``.
        """
        start = keys if behind is None else replace(keys, after=behind.key)
        now: list[Any] = list(start.within(Object))
        before: list[Any] = list(start.within(ObjectVersion))
        if behind is not None:
            key = behind.key
            rest = and_(*_at(ObjectVersion, keys.bucket, key), ObjectVersion.rank > behind.rank)
            before = [or_(and_(*before), rest)]
            if behind.rank < NEWEST:
                now = [or_(and_(*now), and_(*_at(Object, keys.bucket, key)))]
        objects = select(Object.__table__).where(*now).order_by(Object.key).limit(keys.limit)
        former = _former().where(*before).order_by(ObjectVersion.key, ObjectVersion.rank).limit(keys.limit)
        begun = behind.key if behind is not None and behind.rank >= NEWEST else None
        return _merged(self._database.rows(objects), self._database.rows(former), begun)[: keys.limit]


def write_object(
    connection: Connection, stored: Stored, versioning: str, guard: Guard
) -> tuple[Stored, Sequence[str]]:
    """Make ``stored`` what its key names; return it with its version, and the blobs then named by nothing."""
    current = _current(connection, stored.bucket, stored.key)
    guard(current)
    version, spent = _make_way(connection, (stored.bucket, stored.key), current, versioning)
    written = replace(stored, version=version)
    connection.execute(_INSERT, written.columns())
    return written, spent


def remove_object(
    connection: Connection, bucket: str, versioning: str, removal: Removal
) -> tuple[Removed, Sequence[str]]:
    """Carry out ``removal``; return what it came to and the blobs that nothing names now."""
    place = (bucket, removal.key)
    current = _current(connection, *place)
    removal.guard(current)
    if removal.version is not None:
        return _remove_version(connection, place, current, removal.version)
    version, spent = _make_way(connection, place, current, versioning)
    if not versioning:
        return Removed(removal.key), spent
    now = clock.now()
    marker = Stored(bucket, removal.key, "", "", 0, now, {}, version)
    _push(connection, marker, blob=None, retired_at=now)
    return Removed(removal.key, version, marker=True), spent


def _make_way(
    connection: Connection, place: tuple[str, str], current: Stored | None, versioning: str
) -> tuple[str, Sequence[str]]:
    """Leave nothing among the objects for a key; return the version of what comes next and spent blobs."""
    if current is not None:
        connection.execute(_DELETE, _place(*place))
    if versioning == ENABLED:
        if current is not None:
            _push(connection, current, current.blob, clock.now())
        return ids.token(32), ()
    spent = [current.blob] if current is not None and (not versioning or current.version == NULL) else []
    if versioning:
        if current is not None and current.version != NULL:
            _push(connection, current, current.blob, clock.now())
        spent += _drop(connection, place, NULL)
    return NULL, spent


def _remove_version(
    connection: Connection, place: tuple[str, str], current: Stored | None, version: str
) -> tuple[Removed, Sequence[str]]:
    key = place[1]
    if current is not None and current.version == version:
        connection.execute(_DELETE, _place(*place))
        _promote(connection, place)
        return Removed(key, version), [current.blob]
    at = and_(*_at(ObjectVersion, *place), ObjectVersion.version == version)
    found = connection.execute(select(ObjectVersion.blob).where(at)).first()
    if found is None:
        return Removed(key, version), ()
    spent = _drop(connection, place, version)
    if current is None:
        _promote(connection, place)
    return Removed(key, version, marker=found[0] is None), spent


def _promote(connection: Connection, place: tuple[str, str]) -> None:
    """Let a key that names nothing name its newest version, unless that is a delete marker."""
    newest = _former().where(*_at(ObjectVersion, *place)).order_by(ObjectVersion.rank).limit(1)
    found = connection.execute(newest).first()
    if found is not None and found[2] is not None:
        stored = _version(tuple(found), latest=True).stored
        _drop(connection, place, stored.version)
        connection.execute(_INSERT, stored.columns())


def _push(connection: Connection, stored: Stored, blob: str | None, retired_at: float) -> None:
    lowest = select(func.min(ObjectVersion.rank)).where(*_at(ObjectVersion, stored.bucket, stored.key))
    rank = int(connection.execute(lowest).scalar() or 0) - 1
    columns = stored.columns() | {"blob": blob, "rank": rank, "retired_at": retired_at}
    connection.execute(insert(ObjectVersion).values(**columns))


def _drop(connection: Connection, place: tuple[str, str], version: str) -> list[str]:
    """Remove a former version; return the blobs that nothing names now."""
    at = and_(*_at(ObjectVersion, *place), ObjectVersion.version == version)
    spent = [blob for blob in connection.execute(select(ObjectVersion.blob).where(at)).scalars() if blob]
    connection.execute(delete(ObjectVersion).where(at))
    return spent


def _current(connection: Connection, bucket: str, key: str) -> Stored | None:
    row = connection.execute(CURRENT, _place(bucket, key)).first()
    return Stored.from_row(tuple(row)) if row else None


def _place(bucket: str, key: str) -> dict[str, str | bytes]:
    return {"at_bucket": bucket, "at_key": key.encode()}


def _at(
    table: type[Object] | type[ObjectVersion], bucket: str, key: str
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return table.bucket == bucket, table.key == key.encode()


def _former() -> Any:
    return select(*_VERSION, ObjectVersion.retired_at, ObjectVersion.rank)


def _version(row: tuple[Any, ...], *, latest: bool) -> Version:
    *columns, retired_at, rank = row
    marker = columns[2] is None
    columns[2] = columns[2] or ""
    return Version(Stored.from_row(tuple(columns)), latest, marker, None if latest else retired_at, rank)


def _merged(
    now: Iterable[tuple[Any, ...]], before: Iterable[tuple[Any, ...]], begun: str | None
) -> list[Version]:
    """Join both tables by key; a marker is the latest where nothing of its key comes before it."""
    current = (Version(Stored.from_row(row)) for row in now)
    former = (_version(row, latest=False) for row in before)
    found: list[Version] = []
    for entry in merge(
        current, former, key=lambda version: (version.stored.key.encode(), not version.latest)
    ):
        first = entry.stored.key != (found[-1].stored.key if found else begun)
        found.append(replace(entry, latest=True, retired_at=None) if entry.marker and first else entry)
    return found
