"""Listings of versions: in order, in pages, by prefix and delimiter."""

import pytest

from clary.core.exchange import Document
from tests.services.s3.conftest import S3Desk


@pytest.fixture
def versioned(s3: S3Desk) -> S3Desk:
    """Keys with one to three versions, one of them hidden."""
    s3("PutBucketVersioning", VersioningConfiguration={"Status": "Enabled"})
    for key, count in (("a/1", 2), ("a/2", 1), ("b", 3), ("c d", 1)):
        for index in range(count):
            s3.put(key, str(index).encode())
    s3("DeleteObject", Key="b")
    return s3


def pages(s3: S3Desk, size: int, **params: object) -> list[Document]:
    found: list[Document] = []
    place: Document = {}
    while True:
        found.append(s3("ListObjectVersions", MaxKeys=size, **params, **place))
        if not found[-1]["IsTruncated"]:
            return found
        place = {"KeyMarker": found[-1]["NextKeyMarker"]}
        if "NextVersionIdMarker" in found[-1]:
            place["VersionIdMarker"] = found[-1]["NextVersionIdMarker"]


def test_all_versions_are_listed_newest_first(versioned: S3Desk) -> None:
    output = versioned("ListObjectVersions")
    assert [(entry["Key"], entry["IsLatest"]) for entry in output["Versions"]] == [
        ("a/1", True),
        ("a/1", False),
        ("a/2", True),
        ("b", False),
        ("b", False),
        ("b", False),
        ("c d", True),
    ]
    (marker,) = output["DeleteMarkers"]
    assert (marker["Key"], marker["IsLatest"]) == ("b", True)
    assert "ETag" not in marker
    bodies = [versioned.read("b", VersionId=entry["VersionId"]) for entry in output["Versions"][3:6]]
    assert bodies == [b"2", b"1", b"0"]
    assert output["Versions"][0].keys() >= {"ETag", "Size", "StorageClass", "LastModified", "Owner"}


@pytest.mark.parametrize("size", [1, 2, 3, 8])
def test_pages_add_up(versioned: S3Desk, size: int) -> None:
    whole = versioned("ListObjectVersions")
    found = pages(versioned, size)
    for member in ("Versions", "DeleteMarkers"):
        assert [entry for page in found for entry in page[member]] == whole[member]
    assert all(len(page["Versions"]) + len(page["DeleteMarkers"]) <= size for page in found)


@pytest.mark.parametrize("size", [1, 2, 8])
def test_versions_are_listed_by_folder(versioned: S3Desk, size: int) -> None:
    found = pages(versioned, size, Delimiter="/")
    assert [entry["Prefix"] for page in found for entry in page["CommonPrefixes"]] == ["a/"]
    assert [entry["Key"] for page in found for entry in page["Versions"]] == ["b", "b", "b", "c d"]
    inside = versioned("ListObjectVersions", Prefix="a/", Delimiter="/")
    assert [entry["Key"] for entry in inside["Versions"]] == ["a/1", "a/1", "a/2"]


def test_keys_are_percent_encoded_when_asked_for(versioned: S3Desk) -> None:
    output = versioned("ListObjectVersions", Prefix="c", EncodingType="url")
    assert output["Versions"][0]["Key"] == "c%20d"


def test_a_version_marker_needs_a_key_marker(versioned: S3Desk) -> None:
    error = versioned.refusal("ListObjectVersions", VersionIdMarker="null")
    assert (error.code, error.details["ArgumentName"]) == ("InvalidArgument", "version-id-marker")


def test_an_unversioned_bucket_lists_null_versions(s3: S3Desk) -> None:
    s3.put("key", b"1")
    s3.put("key", b"2")
    (entry,) = s3("ListObjectVersions")["Versions"]
    assert (entry["VersionId"], entry["IsLatest"], entry["Size"]) == ("null", True, 1)
