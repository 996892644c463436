"""Objects: buckets and keys over blobs; a key is an index entry, never a path."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from clary.core import clock
from clary.core.errors import ClaryError
from clary.core.exchange import Document
from clary.store.blobs import Blobs, Draft, DraftBlock
from clary.store.database import Database
from clary.store.tables import Bucket, Object, Upload


@dataclass(frozen=True, slots=True)
class BucketRow:
    """A bucket. ``settings`` are its stored subresources by name."""

    name: str
    account: str
    region: str
    created_at: float
    settings: Document = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stored:
    """An object. ``meta`` holds what its writer said of it (ContentType, Metadata, checksums …)."""

    bucket: str
    key: str
    blob: str
    etag: str
    size: int
    modified_at: float
    meta: Document = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Keys:
    """A page of keys to list: those that begin with ``prefix`` and come after ``after``.

    ``beyond`` leaves out every key that begins with it and all before those, so that a listing by delimiter
    can step over a common prefix without reading what is in it.
    """

    bucket: str
    prefix: str = ""
    after: str | None = None
    beyond: str | None = None
    limit: int = 1000


Guard = Callable[[Stored | None], None]
"""Sees what a key names at the moment it would be replaced, and raises ClaryError to prevent that."""


def unguarded(_current: Stored | None) -> None:
    """Let anything be replaced."""


class Objects:
    """The ``bucket`` and ``object`` tables and the blobs they point at."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self.blobs = blobs

    def create_bucket(self, bucket: BucketRow) -> bool:
        """Add ``bucket``; False when its name is taken."""
        with self._database.write() as connection:
            if _has_bucket(connection, bucket.name):
                return False
            connection.execute(
                insert(Bucket).values(
                    **{name: getattr(bucket, name) for name in BucketRow.__dataclass_fields__}
                )
            )
        return True

    def bucket(self, name: str) -> BucketRow | None:
        """Return the bucket ``name``."""
        found = self._database.rows(select(Bucket.__table__).where(Bucket.name == name))
        return BucketRow(*found[0]) if found else None

    def buckets(self, account: str) -> Sequence[BucketRow]:
        """Return the account's buckets, sorted by name."""
        statement = select(Bucket.__table__).where(Bucket.account == account).order_by(Bucket.name)
        return [BucketRow(*found) for found in self._database.rows(statement)]

    def configure_bucket(self, name: str, subresource: str, value: Any) -> None:
        """Store a subresource of a bucket, or forget it when ``value`` is None; leaves the others alone."""
        with self._database.write() as connection:
            found = connection.execute(select(Bucket.settings).where(Bucket.name == name)).scalar()
            settings = {key: kept for key, kept in (found or {}).items() if key != subresource}
            if value is not None:
                settings[subresource] = value
            connection.execute(update(Bucket).where(Bucket.name == name).values(settings=settings))

    def delete_bucket(self, name: str) -> bool:
        """Remove a bucket; False when it still holds objects or unfinished uploads."""
        with self._database.write() as connection:
            occupied = connection.execute(select(Object.key).where(Object.bucket == name).limit(1)).first()
            uploading = connection.execute(select(Upload.id).where(Upload.bucket == name).limit(1)).first()
            if occupied or uploading:
                return False
            connection.execute(delete(Bucket).where(Bucket.name == name))
        return True

    def draft(self) -> DraftBlock:
        """Return a context manager that gives a Draft to write an object's bytes into."""
        return self.blobs.draft()

    def put(
        self, draft: Draft, bucket: str, key: str, meta: Document, guard: Guard = unguarded
    ) -> Stored | None:
        """Make ``draft`` the object ``key``: on the disk first, then in the index.

        None when the bucket is gone; raises what ``guard`` raises. Either way nothing is stored.
        """
        etag = draft.md5.hexdigest()
        blob = self.blobs.keep(draft)
        return self._index(Stored(bucket, key, blob, etag, draft.size, clock.now(), meta), guard)

    def copy(self, source: Stored, bucket: str, key: str, meta: Document, guard: Guard) -> Stored | None:
        """Make the bytes of ``source`` the object ``key`` too, by a link to the same file.

        Returns and raises as ``put``; FileNotFoundError when ``source`` is gone.
        """
        etag = source.etag if "-" not in source.etag else self._md5(source)
        blob = self.blobs.link(source.blob)
        return self._index(Stored(bucket, key, blob, etag, source.size, clock.now(), meta), guard)

    def get(self, bucket: str, key: str) -> Stored | None:
        """Return the object ``key``."""
        found = self._database.rows(
            select(Object.__table__).where(Object.bucket == bucket, Object.key == key.encode())
        )
        return _stored(found[0]) if found else None

    def annotate(self, stored: Stored, meta: Document) -> bool:
        """Replace what is said of an object, leaving its bytes and time alone; False when it was replaced."""
        same = and_(_is(stored.bucket, stored.key), Object.blob == stored.blob)
        with self._database.write() as connection:
            return bool(connection.execute(update(Object).where(same).values(meta=meta)).rowcount)

    def path(self, stored: Stored) -> Path:
        """Return the file that holds the object's bytes; read-only, to be linked or read."""
        return self.blobs.path(stored.blob)

    def delete(self, bucket: str, keys: Sequence[str]) -> None:
        """Remove objects; keys that are not there are no error."""
        encoded = [key.encode() for key in keys]
        where = and_(Object.bucket == bucket, Object.key.in_(encoded))
        with self._database.write() as connection:
            blobs = list(connection.execute(select(Object.blob).where(where)).scalars())
            connection.execute(delete(Object).where(where))
        self.blobs.remove(blobs)

    def list(self, keys: Keys) -> Sequence[Stored]:
        """Return at most ``keys.limit`` objects in the byte order of their keys."""
        prefix = keys.prefix.encode()
        statement = select(Object.__table__).where(Object.bucket == keys.bucket)
        if prefix:
            statement = statement.where(Object.key >= prefix)
            beyond = _successor(prefix)
            statement = statement.where(Object.key < beyond) if beyond is not None else statement
        if keys.after is not None:
            statement = statement.where(Object.key > keys.after.encode())
        if keys.beyond is not None:
            statement = statement.where(Object.key >= _successor(keys.beyond.encode()))
        found = self._database.rows(statement.order_by(Object.key).limit(keys.limit))
        return [_stored(row) for row in found]

    def count(self, bucket: str) -> int:
        """Return how many objects the bucket holds."""
        return int(
            self._database.rows(select(func.count()).select_from(Object).where(Object.bucket == bucket))[0][0]
        )

    def _index(self, stored: Stored, guard: Guard) -> Stored | None:
        try:
            with self._database.write() as connection:
                kept = _has_bucket(connection, stored.bucket)
                replaced = write_object(connection, stored, guard) if kept else [stored.blob]
        except ClaryError:
            self.blobs.remove([stored.blob])
            raise
        self.blobs.remove(replaced)
        return stored if kept else None

    def _md5(self, stored: Stored) -> str:
        with self.path(stored).open("rb") as file:
            return hashlib.file_digest(file, _md5).hexdigest()


def write_object(connection: Connection, stored: Stored, guard: Guard) -> Sequence[str]:
    """Index ``stored`` in place of what its key named; return the blobs that nothing names any more."""
    where = _is(stored.bucket, stored.key)
    row = connection.execute(select(Object.__table__).where(where)).first()
    current = _stored(tuple(row)) if row else None
    guard(current)
    connection.execute(delete(Object).where(where))
    columns = {name: getattr(stored, name) for name in Stored.__dataclass_fields__}
    connection.execute(insert(Object).values(**(columns | {"key": stored.key.encode()})))
    return [current.blob] if current else []


def _md5() -> Any:
    return hashlib.md5(usedforsecurity=False)


def _has_bucket(connection: Connection, name: str) -> bool:
    return connection.execute(select(Bucket.name).where(Bucket.name == name)).first() is not None


def _is(bucket: str, key: str) -> ColumnElement[bool]:
    return and_(Object.bucket == bucket, Object.key == key.encode())


def _stored(row: tuple[Any, ...]) -> Stored:
    bucket, key, *rest = row
    return Stored(bucket, key.decode(), *rest)


def _successor(prefix: bytes) -> bytes | None:
    """Return the smallest byte string above every one that begins with ``prefix``."""
    trimmed = prefix.rstrip(b"\xff")
    return trimmed[:-1] + bytes([trimmed[-1] + 1]) if trimmed else None
