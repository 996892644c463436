"""Listings: prefixes, delimiters, pages and keys of any kind, compared with the plain definition."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clary.core import ids
from clary.core.exchange import Document
from clary.services.s3 import listing
from clary.services.s3.listing import Asked
from clary.store.keys import Keys
from clary.store.objects import Objects
from tests.services.s3.conftest import S3Desk

NEARBY = st.text("ab/é\U0010ffff", min_size=1, max_size=5)


def keys(output: Document) -> list[str]:
    return [entry["Key"] for entry in output["Contents"]]


def prefixes(output: Document) -> list[str]:
    return [entry["Prefix"] for entry in output["CommonPrefixes"]]


@pytest.fixture
def tree(s3: S3Desk) -> S3Desk:
    for key in ("e", "e/sub", "q//dbl", "dir/", "dir/a", "dir/b/c", "Z", "é"):
        s3.put(key)
    return s3


def test_keys_are_listed_in_byte_order(tree: S3Desk) -> None:
    output = tree("ListObjectsV2")
    assert keys(output) == ["Z", "dir/", "dir/a", "dir/b/c", "e", "e/sub", "q//dbl", "é"]
    assert (output["KeyCount"], output["MaxKeys"], output["IsTruncated"]) == (8, 1000, False)
    assert (output["Name"], output["Prefix"]) == ("box", "")
    assert "NextContinuationToken" not in output


def test_a_delimiter_gathers_what_lies_behind_it(tree: S3Desk) -> None:
    output = tree("ListObjectsV2", Delimiter="/")
    assert (keys(output), prefixes(output)) == (["Z", "e", "é"], ["dir/", "e/", "q/"])
    assert (output["KeyCount"], output["Delimiter"]) == (6, "/")
    inner = tree("ListObjectsV2", Delimiter="/", Prefix="dir/")
    assert (keys(inner), prefixes(inner)) == (["dir/", "dir/a"], ["dir/b/"])
    assert prefixes(tree("ListObjectsV2", Delimiter="//")) == ["q//"]


def test_an_entry_tells_what_its_object_is(s3: S3Desk) -> None:
    tag = s3.put("key", b"bytes", ChecksumCRC32="AAAAAA==", StorageClass="GLACIER")["ETag"]
    (entry,) = s3("ListObjectsV2", FetchOwner=True)["Contents"]
    assert entry.pop("LastModified") == s3("HeadObject", Key="key")["LastModified"]
    owner = entry.pop("Owner")
    assert owner == s3("ListBuckets")["Owner"]
    assert entry == {
        "Key": "key",
        "ETag": tag,
        "Size": 5,
        "StorageClass": "GLACIER",
        "ChecksumAlgorithm": ["CRC32"],
    }
    assert "Owner" not in s3("ListObjectsV2")["Contents"][0]
    assert s3("ListObjects")["Contents"][0]["Owner"] == owner


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_continuation_tokens_lead_through_every_entry_once(tree: S3Desk, size: int) -> None:
    seen: list[str] = []
    token: dict[str, str] = {}
    while True:
        output = tree("ListObjectsV2", Delimiter="/", MaxKeys=size, **token)
        assert output["KeyCount"] <= size
        seen += keys(output) + prefixes(output)
        if not output["IsTruncated"]:
            break
        token = {"ContinuationToken": output["NextContinuationToken"]}
    assert sorted(seen, key=str.encode) == ["Z", "dir/", "e", "e/", "q/", "é"]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_markers_lead_through_every_entry_once(tree: S3Desk, size: int) -> None:
    seen: list[str] = []
    marker = ""
    while True:
        output = tree("ListObjects", Delimiter="/", MaxKeys=size, Marker=marker)
        assert output["Marker"] == marker
        seen += keys(output) + prefixes(output)
        if not output["IsTruncated"]:
            break
        marker = output["NextMarker"]
    assert sorted(seen, key=str.encode) == ["Z", "dir/", "e", "e/", "q/", "é"]


def test_without_a_delimiter_the_last_key_is_the_next_marker(tree: S3Desk) -> None:
    first = tree("ListObjects", MaxKeys=3)
    assert first["IsTruncated"]
    assert "NextMarker" not in first
    assert keys(tree("ListObjects", Marker=keys(first)[-1]))[0] == "dir/b/c"


def test_a_listing_starts_behind_any_key_there_or_not(tree: S3Desk) -> None:
    output = tree("ListObjectsV2", StartAfter="dir/aa")
    assert keys(output)[0] == "dir/b/c"
    assert output["StartAfter"] == "dir/aa"
    assert prefixes(tree("ListObjectsV2", StartAfter="dir/aa", Delimiter="/")) == ["dir/", "e/", "q/"]


def test_a_token_outranks_the_start(tree: S3Desk) -> None:
    token = tree("ListObjectsV2", MaxKeys=5)["NextContinuationToken"]
    assert keys(tree("ListObjectsV2", StartAfter="Z", ContinuationToken=token))[0] == "e/sub"


@pytest.mark.parametrize("token", ["nonsense", "", "eA==", "a===", "é"])
def test_a_token_nobody_was_given_is_refused(s3: S3Desk, token: str) -> None:
    error = s3.refusal("ListObjectsV2", ContinuationToken=token)
    assert (error.code, error.message) == (
        "InvalidArgument",
        "The continuation token provided is incorrect",
    )


def test_limits_are_from_0_to_1000(tree: S3Desk) -> None:
    none = tree("ListObjectsV2", MaxKeys=0)
    assert (none["KeyCount"], none["IsTruncated"], keys(none)) == (0, False, [])
    assert tree("ListObjectsV2", MaxKeys=5000)["MaxKeys"] == 1000
    assert tree.refusal("ListObjectsV2", MaxKeys=-1).code == "InvalidArgument"


def test_keys_are_percent_encoded_when_asked_for(s3: S3Desk) -> None:
    s3.put("a b+c/\x01é")
    s3.put("a b+d")
    output = s3("ListObjects", EncodingType="url", Delimiter="/", Prefix="a b", Marker="a ", MaxKeys=1)
    assert prefixes(output) == ["a%20b%2Bc/"]
    assert (output["Prefix"], output["Marker"], output["NextMarker"]) == ("a%20b", "a%20", "a%20b%2Bc/")
    assert output["EncodingType"] == "url"
    start = s3("ListObjectsV2", EncodingType="url", StartAfter="a b+c/")
    assert (keys(start), start["StartAfter"]) == (["a%20b%2Bc/%01%C3%A9", "a%20b%2Bd"], "a%20b%2Bc/")
    assert s3.refusal("ListObjectsV2", EncodingType="base64").code == "InvalidArgument"


def test_a_full_folder_is_stepped_over_and_not_read(s3: S3Desk, objects: Objects) -> None:
    for index in range(60):
        s3.put(f"full/{index:03d}")
    s3.put("next/1")
    read: list[int] = []

    class Counting(Objects):
        def __init__(self) -> None:
            self.__dict__ = objects.__dict__

        def list(self, keys: Keys) -> object:  # type: ignore[override]
            found = super().list(keys)
            read.append(len(found))
            return found

    asked = Asked("box", "", "/")
    found = listing.entries(listing.object_pages(Counting(), asked), asked)
    assert list(found) == ["full/", "next/"]
    assert sum(read) <= 52


@settings(max_examples=20)
@given(
    names=st.sets(NEARBY, max_size=10),
    prefix=st.one_of(st.just(""), NEARBY),
    delimiter=st.sampled_from(["", "/", "a/", "é"]),
    size=st.integers(1, 3),
)
def test_pages_add_up_to_the_definition(
    s3: S3Desk, names: set[str], prefix: str, delimiter: str, size: int
) -> None:
    bucket = ids.token(12)
    s3("CreateBucket", Bucket=bucket)
    for name in names:
        s3.put(name, Bucket=bucket)
    expected = {
        key
        if not delimiter or delimiter not in key[len(prefix) :]
        else key[: key.index(delimiter, len(prefix)) + len(delimiter)]
        for key in names
        if key.startswith(prefix)
    }
    for operation, member, following in (
        ("ListObjectsV2", "ContinuationToken", "NextContinuationToken"),
        ("ListObjects", "Marker", "NextMarker"),
    ):
        seen: list[str] = []
        place: Document = {}
        while True:
            output = s3(operation, Bucket=bucket, Prefix=prefix, Delimiter=delimiter, MaxKeys=size, **place)
            page = sorted(keys(output) + prefixes(output), key=str.encode)
            seen += page
            if not output["IsTruncated"]:
                break
            place = {member: output.get(following) or page[-1]}
        assert seen == sorted(expected, key=str.encode)
