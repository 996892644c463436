"""Objects: buckets, keys of any Unicode in byte order, replacement, guards and copies."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clary.core import ids
from clary.core.errors import ClaryError
from clary.store.keys import Keys
from clary.store.objects import BucketRow, Objects
from clary.store.stored import Stored, unguarded
from clary.store.versions import Removal

KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
NEARBY = st.text("a/\x00\x7fé\uffff\U0010ffff", min_size=1, max_size=5)
on_one_store = settings(
    max_examples=20,
)


def put(objects: Objects, key: str, data: bytes = b"", bucket: str = "box", **meta: object) -> Stored:
    with objects.draft() as draft:
        draft.write(data)
        stored = objects.put(draft, bucket, key, meta)
    assert stored is not None
    return stored


def fresh_bucket(objects: Objects, keys: Sequence[str]) -> str:
    name = ids.token(12)
    objects.create_bucket(BucketRow(name, "1" * 12, "us-east-1", 1.0))
    for key in keys:
        put(objects, key, bucket=name)
    return name


def blob_files(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "objects").rglob("*") if path.is_file()]


def no_more(current: Stored | None) -> None:
    if current is not None:
        raise ClaryError("PreconditionFailed", "there already", 412)


def test_a_bucket_is_made_once_and_found(objects: Objects) -> None:
    made = BucketRow("box-2", "2" * 12, "eu-west-1", 5.0)
    assert objects.create_bucket(made)
    assert not objects.create_bucket(dataclasses.replace(made, account="3" * 12))
    assert objects.bucket("box-2") == made
    assert objects.bucket("box-3") is None
    assert objects.buckets("2" * 12) == [made]


def test_a_subresource_is_stored_beside_the_others(objects: Objects) -> None:
    objects.configure_bucket("box", "Policy", "{}")
    objects.configure_bucket("box", "Tagging", {"TagSet": []})
    objects.configure_bucket("box", "Policy", None)
    found = objects.bucket("box")
    assert found is not None
    assert found.settings == {"Tagging": {"TagSet": []}}


def test_only_an_empty_bucket_is_removed(objects: Objects) -> None:
    put(objects, "key")
    assert not objects.delete_bucket("box")
    objects.remove("box", [Removal("key")])
    assert objects.delete_bucket("box")
    assert objects.bucket("box") is None


def test_an_object_is_found_as_it_was_put(objects: Objects) -> None:
    stored = put(objects, "a/b", b"bytes", ContentType="text/plain")
    assert objects.get("box", "a/b") == stored
    assert (stored.size, stored.etag) == (5, "4b3a6218bb3e3a7303e8a171a60fcf92")
    assert objects.path(stored).read_bytes() == b"bytes"
    assert objects.get("box", "a") is None
    assert objects.count("box") == 1


def test_replacing_an_object_removes_its_old_bytes(objects: Objects, tmp_path: Path) -> None:
    old = put(objects, "key", b"old")
    new = put(objects, "key", b"new")
    assert objects.get("box", "key") == new
    assert not objects.path(old).exists()
    assert blob_files(tmp_path) == [objects.path(new)]


def test_nothing_is_left_of_a_put_into_a_bucket_that_is_gone(objects: Objects, tmp_path: Path) -> None:
    with objects.draft() as draft:
        draft.write(b"late")
        assert objects.put(draft, "gone", "key", {}) is None
    assert blob_files(tmp_path) == []


def test_a_guard_sees_what_the_key_names_and_prevents_the_put(objects: Objects, tmp_path: Path) -> None:
    stored = put(objects, "key", b"first")
    with pytest.raises(ClaryError), objects.draft() as draft:
        draft.write(b"second")
        objects.put(draft, "box", "key", {}, no_more)
    assert objects.get("box", "key") == stored
    assert blob_files(tmp_path) == [objects.path(stored)]


def test_a_copy_is_a_link_to_the_same_file(objects: Objects) -> None:
    stored = put(objects, "key", b"bytes")
    copied = objects.copy(stored, "box", "copy", {"ContentType": "a/b"}, unguarded)
    assert copied is not None
    assert (copied.etag, copied.size, copied.meta) == (stored.etag, 5, {"ContentType": "a/b"})
    assert objects.path(copied).stat().st_ino == objects.path(stored).stat().st_ino
    objects.remove("box", [Removal("key")])
    assert objects.path(copied).read_bytes() == b"bytes"


def test_a_copy_of_a_multipart_object_has_the_digest_of_its_bytes(objects: Objects) -> None:
    stored = dataclasses.replace(put(objects, "key", b"bytes"), etag="0" * 32 + "-2")
    copied = objects.copy(stored, "box", "copy", {}, unguarded)
    assert copied is not None
    assert copied.etag == "4b3a6218bb3e3a7303e8a171a60fcf92"


def test_an_object_can_be_copied_onto_itself(objects: Objects) -> None:
    stored = put(objects, "key", b"bytes")
    copied = objects.copy(stored, "box", "key", {"Metadata": {"a": "b"}}, unguarded)
    assert copied is not None
    assert objects.get("box", "key") == copied
    assert objects.path(copied).read_bytes() == b"bytes"
    assert not objects.path(stored).exists()


def test_a_copy_of_what_is_gone_says_so(objects: Objects) -> None:
    stored = put(objects, "key", b"bytes")
    objects.remove("box", [Removal("key")])
    with pytest.raises(FileNotFoundError):
        objects.copy(stored, "box", "copy", {}, unguarded)


def test_what_is_said_of_an_object_is_not_written_onto_its_successor(objects: Objects) -> None:
    old = put(objects, "key", b"old")
    assert objects.annotate(old, {"Tags": {"a": "1"}})
    new = put(objects, "key", b"new", ContentType="text/plain")
    assert not objects.annotate(old, {"Tags": {"a": "2"}})
    assert objects.get("box", "key") == new


def test_deleting_takes_what_is_there(objects: Objects, tmp_path: Path) -> None:
    put(objects, "a")
    put(objects, "b")
    kept = put(objects, "a/")
    objects.remove("box", [Removal("a"), Removal("b"), Removal("missing")])
    assert objects.list(Keys("box")) == [kept]
    assert blob_files(tmp_path) == [objects.path(kept)]


@on_one_store
@given(key=KEYS)
@example("\x00")
@example("%2F/../.")
@example("𝒦" * 256)
def test_a_key_may_be_any_text(objects: Objects, key: str) -> None:
    stored = put(objects, key, b"x")
    assert objects.get("box", key) == stored
    assert objects.list(Keys("box", prefix=key))[0] == stored
    objects.remove("box", [Removal(key)])
    assert objects.get("box", key) is None


@on_one_store
@given(
    keys=st.sets(st.one_of(KEYS, NEARBY), max_size=12),
    prefix=st.one_of(st.just(""), NEARBY),
    page=st.integers(1, 4),
)
def test_pages_list_every_key_once_in_byte_order(
    objects: Objects, keys: set[str], prefix: str, page: int
) -> None:
    bucket = fresh_bucket(objects, sorted(keys))
    seen: list[str] = []
    while found := objects.list(Keys(bucket, prefix, seen[-1] if seen else None, limit=page)):
        assert len(found) <= page
        seen += [stored.key for stored in found]
    assert seen == sorted((key for key in keys if key.startswith(prefix)), key=str.encode)


@on_one_store
@given(keys=st.sets(NEARBY, max_size=12), beyond=NEARBY)
def test_stepping_over_a_prefix_leaves_out_all_it_holds(
    objects: Objects, keys: set[str], beyond: str
) -> None:
    bucket = fresh_bucket(objects, sorted(keys))
    found = [stored.key for stored in objects.list(Keys(bucket, beyond=beyond))]
    expected = [key for key in keys if key.encode() > beyond.encode() and not key.startswith(beyond)]
    assert found == sorted(expected, key=str.encode)
