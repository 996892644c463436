"""Uploads: multipart uploads and their parts, until they become an object or are aborted."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from clary.core import clock, ids
from clary.core.exchange import Document
from clary.store.blobs import Draft
from clary.store.database import Database
from clary.store.objects import Objects, versioning
from clary.store.stored import Guard, Stored, unguarded
from clary.store.tables import Part, Upload
from clary.store.versions import write_object


@dataclass(frozen=True, slots=True)
class UploadRow:
    """A multipart upload in progress."""

    id: str
    bucket: str
    key: str
    created_at: float
    meta: Document = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartRow:
    """One part of an upload."""

    upload: str
    number: int
    blob: str
    etag: str
    size: int
    modified_at: float
    meta: Document = field(default_factory=dict)


class Uploads:
    """The ``upload`` and ``part`` tables."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self._database = database
        self._objects = objects

    def begin(self, bucket: str, key: str, meta: Document) -> UploadRow:
        """Start an upload; ids sort by the time they were given."""
        row = UploadRow(ids.row_id() + ids.token(24), bucket, key, clock.now(), meta)
        with self._database.write(bucket, key) as connection:
            connection.execute(
                insert(Upload).values(
                    id=row.id, bucket=bucket, key=key.encode(), created_at=row.created_at, meta=meta
                )
            )
        return row

    def get(self, upload_id: str) -> UploadRow | None:
        """Return the upload."""
        found = self._database.rows(select(Upload.__table__).where(Upload.id == upload_id))
        return _upload(found[0]) if found else None

    def of(self, bucket: str) -> Sequence[UploadRow]:
        """Return the bucket's uploads, by key and then by id."""
        statement = select(Upload.__table__).where(Upload.bucket == bucket).order_by(Upload.key, Upload.id)
        return [_upload(row) for row in self._database.rows(statement)]

    def put_part(self, upload: UploadRow, number: int, draft: Draft, meta: Document) -> PartRow | None:
        """Make ``draft`` part ``number`` in place of any before it; None when the upload has ended."""
        etag = draft.md5.hexdigest()
        blob = self._objects.blobs.keep(draft)
        row = PartRow(upload.id, number, blob, etag, draft.size, clock.now(), meta)
        place = (upload.bucket, upload.key, f"{upload.id}/{number}")
        with self._objects.blobs.fate(blob) as fate, self._database.write(*place) as connection:
            open_still = connection.execute(select(Upload.id).where(Upload.id == upload.id)).first()
            fate.spend([blob] if open_still is None else _write_part(connection, row))
        return row if open_still is not None else None

    def parts(self, upload: UploadRow) -> Sequence[PartRow]:
        """Return the upload's parts by number."""
        statement = select(Part.__table__).where(Part.upload == upload.id).order_by(Part.number)
        return [PartRow(*row) for row in self._database.rows(statement)]

    def complete(
        self, upload: UploadRow, chosen: Sequence[PartRow], meta: Document, guard: Guard = unguarded
    ) -> Stored | None:
        """Join ``chosen`` into one object; None when a part or the whole upload was taken away meanwhile.

        The ETag is the MD5 of the parts' MD5s with ``-<number of parts>`` behind it, as S3 makes it. Raises
        what ``guard`` raises, and the upload goes on.
        """
        digests = b"".join(bytes.fromhex(part.etag) for part in chosen)
        etag = f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(chosen)}"
        try:
            with self._objects.draft() as draft:
                for part in chosen:
                    draft.append(self._objects.blobs.path(part.blob))
                blob = self._objects.blobs.keep(draft)
        except FileNotFoundError:
            return None
        stored = Stored(upload.bucket, upload.key, blob, etag, draft.size, clock.now(), meta)
        place = (upload.bucket, upload.key)
        with self._objects.blobs.fate(blob) as fate, self._database.write(*place) as connection:
            ended = connection.execute(delete(Upload).where(Upload.id == upload.id)).rowcount
            if not ended:
                fate.spend([blob])
                return None
            fate.spend(_take_parts(connection, upload))
            state = versioning(connection, stored.bucket) or ""
            stored, spent = write_object(connection, stored, state, guard)
            fate.spend(spent)
            return stored

    def abort(self, upload: UploadRow) -> None:
        """Give an upload up and remove its parts."""
        place = (upload.bucket, upload.key)
        with self._objects.blobs.fate() as fate, self._database.write(*place) as connection:
            fate.spend(_take_parts(connection, upload))
            connection.execute(delete(Upload).where(Upload.id == upload.id))


def _write_part(connection: Connection, row: PartRow) -> Sequence[str]:
    where = (Part.upload == row.upload, Part.number == row.number)
    replaced = list(connection.execute(select(Part.blob).where(*where)).scalars())
    connection.execute(delete(Part).where(*where))
    connection.execute(
        insert(Part).values(**{name: getattr(row, name) for name in PartRow.__dataclass_fields__})
    )
    return replaced


def _take_parts(connection: Connection, upload: UploadRow) -> Sequence[str]:
    spent = list(connection.execute(select(Part.blob).where(Part.upload == upload.id)).scalars())
    connection.execute(delete(Part).where(Part.upload == upload.id))
    return spent


def _upload(row: tuple[Any, ...]) -> UploadRow:
    upload_id, bucket, key, *rest = row
    return UploadRow(upload_id, bucket, key.decode(), *rest)
