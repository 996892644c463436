"""Objects: buckets and keys over blobs; a key is an index entry, never a path."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from clary.core import clock
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
    """A page of keys to list: those that begin with ``prefix`` and come after ``after``."""

    bucket: str
    prefix: str = ""
    after: str | None = None
    limit: int = 1000


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

    def configure_bucket(self, name: str, settings: Document) -> None:
        """Replace the stored subresources of a bucket."""
        with self._database.write() as connection:
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
        self, draft: Draft, bucket: str, key: str, meta: Document, etag: str | None = None
    ) -> Stored | None:
        """Make ``draft`` the object ``key``: on the disk first, then in the index.

        ``etag`` is the MD5 of the bytes unless given. None when the bucket is gone.
        """
        etag = etag or draft.md5.hexdigest()
        blob = self.blobs.keep(draft)
        stored = Stored(bucket, key, blob, etag, draft.size, clock.now(), meta)
        with self._database.write() as connection:
            kept = _has_bucket(connection, bucket)
            replaced = write_object(connection, stored) if kept else [blob]
        self.blobs.remove(replaced)
        return stored if kept else None

    def put_file(self, source: Path, bucket: str, key: str, meta: Document) -> Stored | None:
        """Store a copy of the file ``source`` as the object ``key``; None when there is no such bucket."""
        with self.draft() as draft, source.open("rb") as file:
            while data := file.read(1 << 20):
                draft.write(data)
            return self.put(draft, bucket, key, meta)

    def get(self, bucket: str, key: str) -> Stored | None:
        """Return the object ``key``."""
        found = self._database.rows(
            select(Object.__table__).where(Object.bucket == bucket, Object.key == key.encode())
        )
        return _stored(found[0]) if found else None

    def annotate(self, stored: Stored, meta: Document) -> None:
        """Replace what is said of an object, leaving its bytes and time alone."""
        with self._database.write() as connection:
            connection.execute(update(Object).where(_is(stored.bucket, stored.key)).values(meta=meta))

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
        found = self._database.rows(statement.order_by(Object.key).limit(keys.limit))
        return [_stored(row) for row in found]

    def count(self, bucket: str) -> int:
        """Return how many objects the bucket holds."""
        return int(
            self._database.rows(select(func.count()).select_from(Object).where(Object.bucket == bucket))[0][0]
        )


def write_object(connection: Connection, stored: Stored) -> Sequence[str]:
    """Index ``stored`` in place of what its key named; return the blobs that nothing names any more."""
    where = _is(stored.bucket, stored.key)
    replaced = list(connection.execute(select(Object.blob).where(where)).scalars())
    connection.execute(delete(Object).where(where))
    columns = {name: getattr(stored, name) for name in Stored.__dataclass_fields__}
    connection.execute(insert(Object).values(**(columns | {"key": stored.key.encode()})))
    return replaced


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
