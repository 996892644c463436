"""Versions: what replaces and removes keeps, what is removed for good, and listings of all of it."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clary.core import ids
from clary.core.errors import ClaryError
from clary.store.keys import Keys
from clary.store.objects import BucketRow, Objects
from clary.store.stored import Stored
from clary.store.versions import ENABLED, SUSPENDED, Removal, Removed, Version


def put(objects: Objects, key: str, data: bytes = b"", bucket: str = "box") -> Stored:
    with objects.draft() as draft:
        draft.write(data)
        stored = objects.put(draft, bucket, key, {"Of": data.decode()})
    assert stored is not None
    return stored


def remove(objects: Objects, key: str, version: str | None = None, bucket: str = "box") -> Removed:
    (removed,) = objects.remove(bucket, [Removal(key, version)])
    assert isinstance(removed, Removed)
    return removed


def shown(versions: Sequence[Version]) -> list[tuple[str, str, bool, bool]]:
    return [(entry.key, entry.stored.version, entry.latest, entry.marker) for entry in versions]


def blobs(tmp_path: Path) -> set[str]:
    return {path.name for path in (tmp_path / "objects").rglob("*") if path.is_file()}


@pytest.fixture
def kept(objects: Objects) -> Objects:
    """Objects whose bucket ``box`` keeps versions."""
    objects.set_versioning("box", ENABLED)
    return objects


def test_without_versioning_nothing_is_kept(objects: Objects, tmp_path: Path) -> None:
    put(objects, "key", b"old")
    new = put(objects, "key", b"new")
    assert new.version == "null"
    assert shown(objects.versions.list(Keys("box"))) == [("key", "null", True, False)]
    assert blobs(tmp_path) == {new.blob}
    assert remove(objects, "key") == Removed("key")
    assert (objects.versions.list(Keys("box")), blobs(tmp_path)) == ([], set())


def test_what_is_replaced_is_kept_and_what_was_there_before_is_null(objects: Objects) -> None:
    first = put(objects, "key", b"1")
    objects.set_versioning("box", ENABLED)
    second, third = put(objects, "key", b"2"), put(objects, "key", b"3")
    assert objects.get("box", "key") == third
    listed = objects.versions.list(Keys("box"))
    assert [entry.stored for entry in listed] == [third, second, first]
    assert [entry.latest for entry in listed] == [True, False, False]
    assert listed[0].retired_at is None
    assert listed[2].retired_at is not None
    assert listed[2].retired_at >= second.modified_at
    found = objects.versions.get("box", "key", second.version)
    assert found is not None
    assert objects.path(found.stored).read_bytes() == b"2"
    assert objects.versions.get("box", "key", "0" * 32) is None


def test_a_removal_leaves_a_marker_and_removing_that_brings_back_what_was_there(kept: Objects) -> None:
    stored = put(kept, "key", b"1")
    marker = remove(kept, "key")
    assert marker.marker
    assert kept.get("box", "key") is None
    assert kept.list(Keys("box")) == []
    hidden = kept.versions.marker("box", "key")
    assert hidden is not None
    assert (hidden.stored.version, hidden.latest) == (marker.version, True)
    assert kept.versions.get("box", "key", str(marker.version)) == hidden
    assert shown(kept.versions.list(Keys("box"))) == [
        ("key", str(marker.version), True, True),
        ("key", stored.version, False, False),
    ]
    assert remove(kept, "key", marker.version) == Removed("key", marker.version, marker=True)
    assert kept.get("box", "key") == stored
    assert kept.versions.marker("box", "key") is None


def test_removing_the_latest_version_brings_back_the_one_before(kept: Objects, tmp_path: Path) -> None:
    first, second = put(kept, "key", b"1"), put(kept, "key", b"2")
    assert remove(kept, "key", second.version) == Removed("key", second.version)
    assert kept.get("box", "key") == first
    assert blobs(tmp_path) == {first.blob}
    assert remove(kept, "key", "0" * 32) == Removed("key", "0" * 32)
    remove(kept, "key", first.version)
    assert (kept.versions.list(Keys("box")), blobs(tmp_path)) == ([], set())


def test_a_marker_is_left_even_where_nothing_was(kept: Objects) -> None:
    first, second = remove(kept, "key"), remove(kept, "key")
    assert shown(kept.versions.list(Keys("box"))) == [
        ("key", str(second.version), True, True),
        ("key", str(first.version), False, True),
    ]
    remove(kept, "key", second.version)
    assert kept.get("box", "key") is None
    assert kept.versions.marker("box", "key") is not None


def test_while_suspended_there_is_one_null_version(kept: Objects, tmp_path: Path) -> None:
    first = put(kept, "key", b"1")
    kept.set_versioning("box", SUSPENDED)
    put(kept, "key", b"2")
    third = put(kept, "key", b"3")
    assert third.version == "null"
    assert [entry.stored for entry in kept.versions.list(Keys("box"))] == [third, first]
    assert blobs(tmp_path) == {first.blob, third.blob}
    assert remove(kept, "key") == Removed("key", "null", marker=True)
    assert blobs(tmp_path) == {first.blob}
    assert remove(kept, "key") == Removed("key", "null", marker=True)
    kept.set_versioning("box", ENABLED)
    last = put(kept, "key", b"4")
    assert [entry.stored.version for entry in kept.versions.list(Keys("box"))] == [
        last.version,
        "null",
        first.version,
    ]


def test_a_null_version_kept_is_replaced_by_the_next(objects: Objects, tmp_path: Path) -> None:
    put(objects, "key", b"1")
    objects.set_versioning("box", ENABLED)
    second = put(objects, "key", b"2")
    objects.set_versioning("box", SUSPENDED)
    third = put(objects, "key", b"3")
    assert [entry.stored for entry in objects.versions.list(Keys("box"))] == [third, second]
    assert blobs(tmp_path) == {second.blob, third.blob}


def test_a_bucket_with_versions_left_is_not_empty(kept: Objects) -> None:
    stored = put(kept, "key")
    marker = remove(kept, "key")
    assert not kept.delete_bucket("box")
    remove(kept, "key", stored.version)
    assert not kept.delete_bucket("box")
    remove(kept, "key", marker.version)
    assert kept.delete_bucket("box")


def test_each_removal_is_refused_by_itself(kept: Objects) -> None:
    put(kept, "a")
    put(kept, "b")

    def never(_current: Stored | None) -> None:
        raise ClaryError("PreconditionFailed", "no", 412)

    refused, removed = kept.remove("box", [Removal("a", guard=never), Removal("b")])
    assert isinstance(refused, ClaryError)
    assert isinstance(removed, Removed)
    assert [stored.key for stored in kept.list(Keys("box"))] == ["a"]


def test_what_is_said_of_a_version_is_changed_alone(kept: Objects) -> None:
    first, second = put(kept, "key", b"1"), put(kept, "key", b"2")
    assert kept.annotate(first, {"Tags": {"a": "1"}})
    found = kept.versions.get("box", "key", first.version)
    assert found is not None
    assert found.stored.meta == {"Tags": {"a": "1"}}
    assert kept.get("box", "key") == second


def test_a_page_begins_again_with_the_key_whose_version_is_gone(kept: Objects) -> None:
    stored = [put(kept, "key", str(index).encode()) for index in range(4)][::-1]
    page = kept.versions.list(Keys("box", limit=2))
    for entry in page:
        remove(kept, "key", entry.stored.version)
    rest = kept.versions.list(Keys("box"), kept.versions.place("box", "key", page[-1].stored.version))
    assert [entry.stored for entry in rest] == stored[2:]
    assert rest[0].latest


ACTS = st.lists(
    st.tuples(st.sampled_from(["put", "remove", "purge", "Enabled", "Suspended"]), st.sampled_from("ab")),
    max_size=14,
)


@settings(max_examples=25)
@given(acts=ACTS, size=st.integers(1, 3))
def test_versions_follow_the_model(objects: Objects, acts: list[tuple[str, str]], size: int) -> None:
    """A list of (version, marker) a key, newest first, is all there is to versions."""
    bucket = ids.token(12)
    objects.create_bucket(BucketRow(bucket, "1" * 12, "us-east-1", 1.0))
    model: dict[str, list[tuple[str, bool]]] = {"a": [], "b": []}
    state = ""
    for act, key in acts:
        held = model[key]
        if act in (ENABLED, SUSPENDED):
            state = act
            objects.set_versioning(bucket, act)
        elif act == "purge" and held:
            version = held.pop(len(held) // 2)[0]
            remove(objects, key, version, bucket)
        elif act in ("put", "remove"):
            made: Stored | Removed
            made = put(objects, key, bucket=bucket) if act == "put" else remove(objects, key, None, bucket)
            if state != ENABLED:
                held[:] = [entry for entry in held if entry[0] != "null"]
            if act == "put" or state:
                held.insert(0, (str(made.version), act == "remove"))
    expected = [
        (key, version, index == 0, marker)
        for key in "ab"
        for index, (version, marker) in enumerate(model[key])
    ]
    seen: list[Version] = []
    behind = None
    while page := objects.versions.list(Keys(bucket, limit=size), behind):
        seen += page
        last = page[-1]
        behind = last.place
        assert objects.versions.place(bucket, last.key, last.stored.version) == behind
    assert shown(seen) == expected
    for key in "ab":
        current = objects.get(bucket, key)
        named = model[key][0][0] if model[key] and not model[key][0][1] else None
        assert (current.version if current else None) == named
