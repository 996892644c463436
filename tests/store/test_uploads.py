"""Uploads: parts in any order, replaced, joined or given up."""

import hashlib
from pathlib import Path

import pytest

from clary.core.errors import ClaryError
from clary.store.objects import BucketRow, Objects
from clary.store.stored import Stored
from clary.store.uploads import PartRow, UploadRow, Uploads


def put_part(uploads: Uploads, objects: Objects, upload: UploadRow, number: int, data: bytes) -> PartRow:
    with objects.draft() as draft:
        draft.write(data)
        part = uploads.put_part(upload, number, draft, {})
    assert part is not None
    return part


def blob_files(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "objects").rglob("*") if path.is_file()]


def refuse(_current: Stored | None) -> None:
    raise ClaryError("PreconditionFailed", "no", 412)


def test_parts_come_in_any_order_and_join_in_theirs(
    uploads: Uploads, objects: Objects, tmp_path: Path
) -> None:
    upload = uploads.begin("box", "key", {"ContentType": "text/plain"})
    put_part(uploads, objects, upload, 7, b"world")
    put_part(uploads, objects, upload, 2, b"wrong")
    put_part(uploads, objects, upload, 2, b"hello ")
    parts = uploads.parts(upload)
    assert [(part.number, part.size) for part in parts] == [(2, 6), (7, 5)]
    stored = uploads.complete(upload, parts, upload.meta)
    assert stored is not None
    digests = b"".join(hashlib.md5(data).digest() for data in (b"hello ", b"world"))
    assert stored.etag == f"{hashlib.md5(digests).hexdigest()}-2"
    assert objects.get("box", "key") == stored
    assert objects.path(stored).read_bytes() == b"hello world"
    assert blob_files(tmp_path) == [objects.path(stored)]
    assert uploads.get(upload.id) is None


def test_parts_that_are_not_chosen_are_removed_with_the_rest(
    uploads: Uploads, objects: Objects, tmp_path: Path
) -> None:
    upload = uploads.begin("box", "key", {})
    put_part(uploads, objects, upload, 1, b"one")
    put_part(uploads, objects, upload, 2, b"two")
    stored = uploads.complete(upload, uploads.parts(upload)[1:], {})
    assert stored is not None
    assert objects.path(stored).read_bytes() == b"two"
    assert blob_files(tmp_path) == [objects.path(stored)]


def test_an_upload_is_completed_once(uploads: Uploads, objects: Objects) -> None:
    upload = uploads.begin("box", "key", {})
    put_part(uploads, objects, upload, 1, b"one")
    parts = uploads.parts(upload)
    assert uploads.complete(upload, parts, {}) is not None
    assert uploads.complete(upload, parts, {}) is None


def test_an_upload_given_up_takes_no_more_parts(uploads: Uploads, objects: Objects, tmp_path: Path) -> None:
    upload = uploads.begin("box", "key", {})
    put_part(uploads, objects, upload, 1, b"one")
    uploads.abort(upload)
    with objects.draft() as draft:
        draft.write(b"two")
        assert uploads.put_part(upload, 2, draft, {}) is None
    assert uploads.get(upload.id) is None
    assert blob_files(tmp_path) == []


def test_a_guard_that_refuses_leaves_the_upload_as_it_was(
    uploads: Uploads, objects: Objects, tmp_path: Path
) -> None:
    upload = uploads.begin("box", "key", {})
    part = put_part(uploads, objects, upload, 1, b"one")
    with pytest.raises(ClaryError):
        uploads.complete(upload, [part], {}, refuse)
    assert uploads.parts(upload) == [part]
    assert blob_files(tmp_path) == [objects.blobs.path(part.blob)]
    assert objects.get("box", "key") is None


def test_a_bucket_with_an_upload_is_not_empty(uploads: Uploads, objects: Objects) -> None:
    upload = uploads.begin("box", "key", {})
    assert not objects.delete_bucket("box")
    uploads.abort(upload)
    assert objects.delete_bucket("box")


def test_a_bucket_tells_its_own_uploads_by_key_and_age(uploads: Uploads, objects: Objects) -> None:
    objects.create_bucket(BucketRow("other", "1" * 12, "us-east-1", 1.0))
    first = uploads.begin("box", "b", {})
    uploads.begin("other", "a", {})
    second = uploads.begin("box", "a", {"StorageClass": "GLACIER"})
    assert uploads.of("box") == [second, first]
