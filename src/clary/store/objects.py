"""Objects: buckets and keys over blobs; a key is an index entry, never a path."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, union_all, update

from clary.core import clock
from clary.core.errors import ClaryError
from clary.core.exchange import Document, FileSlice, Source
from clary.store.blobs import Blobs, Draft, DraftBlock, Fate
from clary.store.database import Database
from clary.store.keys import Keys
from clary.store.stored import Guard, Stored, unguarded
from clary.store.tables import Bucket, Object, ObjectVersion, Part, Upload
from clary.store.versions import CURRENT, Removal, Removed, Versions, remove_object, write_object

_BUCKET = select(Bucket.__table__).where(Bucket.name == bindparam("name"))
_VERSIONING = select(Bucket.versioning).where(Bucket.name == bindparam("name"))


@dataclass(frozen=True, slots=True)
class BucketRow:
    """A bucket. ``settings`` are its stored subresources by name.

    ``versioning`` is ``Enabled``, ``Suspended`` or, where it was never asked for, empty.
    """

    name: str
    account: str
    region: str
    created_at: float
    settings: Document = field(default_factory=dict)
    versioning: str = ""


class Objects:
    """The ``bucket``, ``object`` and ``object_version`` tables and the blobs they point at."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self.blobs = blobs
        self.versions = Versions(database)

    def create_bucket(self, bucket: BucketRow) -> bool:
        """Add ``bucket``; False when its name is taken."""
        with self._database.write(bucket.name) as connection:
            if versioning(connection, bucket.name) is not None:
                return False
            connection.execute(
                insert(Bucket).values(
                    **{name: getattr(bucket, name) for name in BucketRow.__dataclass_fields__}
                )
            )
        return True

    def bucket(self, name: str) -> BucketRow | None:
        """Return the bucket ``name``."""
        found = self._database.rows(_BUCKET, {"name": name})
        return BucketRow(*found[0]) if found else None

    def buckets(self, account: str) -> Sequence[BucketRow]:
        """Return the account's buckets, sorted by name."""
        statement = select(Bucket.__table__).where(Bucket.account == account).order_by(Bucket.name)
        return [BucketRow(*found) for found in self._database.rows(statement)]

    def all_buckets(self) -> Sequence[BucketRow]:
        """Return every account's buckets, sorted by name."""
        found = self._database.rows(select(Bucket.__table__).order_by(Bucket.name))
        return [BucketRow(*row) for row in found]

    def configure_bucket(self, name: str, subresource: str, value: Any) -> None:
        """Store a subresource of a bucket, or forget it when ``value`` is None; leaves the others alone."""
        with self._database.write(name) as connection:
            found = connection.execute(select(Bucket.settings).where(Bucket.name == name)).scalar()
            settings = {key: kept for key, kept in (found or {}).items() if key != subresource}
            if value is not None:
                settings[subresource] = value
            connection.execute(update(Bucket).where(Bucket.name == name).values(settings=settings))

    def set_versioning(self, name: str, state: str) -> None:
        """Let a bucket's writes keep what they replace from here on (``Enabled``), or not (``Suspended``)."""
        with self._database.write(name) as connection:
            connection.execute(update(Bucket).where(Bucket.name == name).values(versioning=state))

    def delete_bucket(self, name: str) -> bool:
        """Remove a bucket; False when it still holds objects, versions of them or unfinished uploads."""
        with self._database.write(name) as connection:
            for table in (Object, ObjectVersion, Upload):
                if connection.execute(select(table.bucket).where(table.bucket == name).limit(1)).first():
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
        found = self._database.rows(CURRENT, {"at_bucket": bucket, "at_key": key.encode()})
        return Stored.from_row(found[0]) if found else None

    def annotate(self, stored: Stored, meta: Document) -> bool:
        """Replace what is said of a version, leaving its bytes and time alone; False when it is gone."""
        with self._database.write(stored.bucket, stored.key) as connection:
            for table in (Object, ObjectVersion):
                same = (table.bucket == stored.bucket, table.key == stored.key.encode())
                changed = update(table).where(*same, table.blob == stored.blob).values(meta=meta)
                if connection.execute(changed).rowcount:
                    return True
        return False

    def path(self, stored: Stored) -> Path:
        """Return the file that holds the object's bytes; read-only, to be linked or read."""
        return self.blobs.path(stored.blob)

    def content(self, stored: Stored, offset: int, length: int) -> FileSlice | Source:
        """Return a part of the object's bytes to be sent; raises FileNotFoundError when they are gone."""
        return self.blobs.content(stored.blob, offset, length)

    def remove(self, bucket: str, removals: Sequence[Removal]) -> Sequence[Removed | ClaryError]:
        """Carry out ``removals`` at once; return what each came to, or the error that its guard raised.

        Keys and versions that are not there are no error.
        """
        place = (bucket, removals[0].key) if len(removals) == 1 else (bucket,)
        with self.blobs.fate() as fate, self._database.write(*place) as connection:
            state = versioning(connection, bucket) or ""
            return [_removed(connection, (bucket, state), removal, fate) for removal in removals]

    def list(self, keys: Keys) -> Sequence[Stored]:
        """Return at most ``keys.limit`` objects in the byte order of their keys."""
        statement = select(Object.__table__).where(*keys.within(Object))
        found = self._database.rows(statement.order_by(Object.key).limit(keys.limit))
        return [Stored.from_row(row) for row in found]

    def count(self, bucket: str) -> int:
        """Return how many objects the bucket holds."""
        return int(
            self._database.rows(select(func.count()).select_from(Object).where(Object.bucket == bucket))[0][0]
        )

    def sweep(self) -> int:
        """Remove what a crash left of blobs that no row names; return how many drafts and blobs that were.

        To be called before anybody writes.
        """
        return self.blobs.sweep(self._named)

    def _named(self, blobs: Sequence[str]) -> Collection[str]:
        """Return those of ``blobs`` that an object, a version or a part lies in."""
        tables = (Object, ObjectVersion, Part)
        naming = union_all(*(select(table.blob).where(table.blob.in_(blobs)) for table in tables))
        return {row[0] for row in self._database.rows(naming)}

    def _index(self, stored: Stored, guard: Guard) -> Stored | None:
        place = (stored.bucket, stored.key)
        with self.blobs.fate(stored.blob) as fate, self._database.write(*place) as connection:
            state = versioning(connection, stored.bucket)
            if state is None:
                fate.spend([stored.blob])
                return None
            written, spent = write_object(connection, stored, state, guard)
            fate.spend(spent)
            return written

    def _md5(self, stored: Stored) -> str:
        with self.path(stored).open("rb") as file:
            return hashlib.file_digest(file, _md5).hexdigest()


def versioning(connection: Connection, bucket: str) -> str | None:
    """Return whether a bucket keeps what is replaced in it; None when the bucket is not there."""
    found = connection.execute(_VERSIONING, {"name": bucket}).first()
    return None if found is None else str(found[0])


def _removed(
    connection: Connection, place: tuple[str, str], removal: Removal, fate: Fate
) -> Removed | ClaryError:
    try:
        removed, spent = remove_object(connection, *place, removal)
    except ClaryError as error:
        return error
    fate.spend(spent)
    return removed


def _md5() -> Any:
    return hashlib.md5(usedforsecurity=False)
