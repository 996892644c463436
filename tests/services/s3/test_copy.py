"""Copies: what goes along, what does not, and what may not be."""

import pytest

from clary.services.s3.copy import Address, parse
from clary.store.objects import Objects
from clary.store.stored import Stored
from tests.services.s3.conftest import S3Desk


@pytest.fixture(autouse=True)
def source(s3: S3Desk) -> None:
    s3.put(
        "src",
        b"0123456789",
        ContentType="text/csv",
        Metadata={"a": "1"},
        Tagging="t=1",
        StorageClass="STANDARD_IA",
        ChecksumCRC32="pmhLKg==",
    )


def test_a_copy_has_its_sources_bytes_and_what_was_said_of_them(s3: S3Desk) -> None:
    result = s3("CopyObject", Key="dst", CopySource="box/src", ContentType="ignored/by-copy")
    assert result["CopyObjectResult"]["ETag"] == '"781e5e245d69b566979b86e28d23f2c7"'
    assert result["CopyObjectResult"]["ChecksumCRC32"] == "pmhLKg=="
    head = s3("HeadObject", Key="dst")
    assert (head["ContentType"], head["Metadata"], head["TagCount"]) == ("text/csv", {"a": "1"}, 1)
    assert "StorageClass" not in head
    s3("DeleteObject", Key="src")
    assert s3.read("dst") == b"0123456789"


def test_metadata_and_tags_are_replaced_when_that_is_asked(s3: S3Desk) -> None:
    s3(
        "CopyObject",
        Key="dst",
        CopySource="/box/src",
        MetadataDirective="REPLACE",
        TaggingDirective="REPLACE",
        Metadata={"b": "2"},
        Tagging="u=2&v=3",
    )
    head = s3("HeadObject", Key="dst")
    assert (head["ContentType"], head["Metadata"], head["TagCount"]) == ("binary/octet-stream", {"b": "2"}, 2)


def test_tags_given_without_the_directive_are_the_sources(s3: S3Desk) -> None:
    s3("CopyObject", Key="dst", CopySource="box/src", Tagging="u=2")
    assert s3("GetObjectTagging", Key="dst")["TagSet"] == [{"Key": "t", "Value": "1"}]


def test_an_object_is_copied_onto_itself_only_with_a_change(s3: S3Desk) -> None:
    error = s3.refusal("CopyObject", Key="src", CopySource="box/src")
    assert error.code == "InvalidRequest"
    assert "to itself" in error.message
    s3("CopyObject", Key="src", CopySource="box/src", MetadataDirective="REPLACE", Metadata={"z": "9"})
    s3("CopyObject", Key="src", CopySource="box/src", StorageClass="GLACIER")
    head = s3("HeadObject", Key="src")
    assert (head["Metadata"], head["StorageClass"]) == ({"z": "9"}, "GLACIER")
    assert s3.read("src") == b"0123456789"


def test_a_copy_between_buckets_keeps_their_owners_apart(s3: S3Desk) -> None:
    s3("CreateBucket", Bucket="theirs", account="999988887777")
    s3("CreateBucket", Bucket="box-2")
    s3("CopyObject", Bucket="box-2", Key="dst", CopySource="box/src")
    assert s3.read("dst", Bucket="box-2") == b"0123456789"
    assert s3.refusal("CopyObject", Bucket="theirs", Key="dst", CopySource="box/src").status == 403
    assert s3.refusal("CopyObject", Key="dst", CopySource="theirs/src").status == 403


def test_what_is_not_there_cannot_be_copied(s3: S3Desk) -> None:
    assert s3.refusal("CopyObject", Key="dst", CopySource="box/missing").code == "NoSuchKey"
    assert s3.refusal("CopyObject", Key="dst", CopySource="missing/src").code == "NoSuchBucket"
    assert s3.refusal("CopyObject", Key="dst", CopySource="box/src?versionId=7").code == "InvalidArgument"
    assert s3.refusal("CopyObject", Key="dst", CopySource="box/src", MetadataDirective="MERGE").status == 400


def test_a_source_that_is_replaced_meanwhile_is_copied_as_it_is_by_then(
    s3: S3Desk, objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first reading of the index is followed by a replacement, so that its bytes are gone."""
    get, readings = objects.get, []

    def get_and_replace(bucket: str, key: str) -> Stored | None:
        found = get(bucket, key)
        readings.append(found)
        if readings == [found]:
            s3.put("src", b"newer")
        return found

    monkeypatch.setattr(objects, "get", get_and_replace)
    s3("CopyObject", Key="dst", CopySource="box/src")
    assert s3.read("dst") == b"newer"
    upload_id = s3("CreateMultipartUpload", Key="big")["UploadId"]
    s3.put("src", b"new again")
    readings.clear()
    s3("UploadPartCopy", Key="big", UploadId=upload_id, PartNumber=1, CopySource="box/src")
    assert [part["Size"] for part in s3("ListParts", Key="big", UploadId=upload_id)["Parts"]] == [5]


def test_conditions_are_on_the_source_and_on_the_target(s3: S3Desk) -> None:
    error = s3.refusal("CopyObject", Key="dst", CopySource="box/src", CopySourceIfMatch='"x"')
    assert error.status == 412
    s3("CopyObject", Key="dst", CopySource="box/src", IfNoneMatch="*")
    assert s3.refusal("CopyObject", Key="dst", CopySource="box/src", IfNoneMatch="*").status == 412


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("box/a%20b%2Bc/%E5%90%8D", Address("box", "a b+c/名", None)),
        ("/box/a+b", Address("box", "a+b", None)),
        ("box//a", Address("box", "/a", None)),
        ("box/k%3FversionId=1", Address("box", "k?versionId=1", None)),
        ("box/k?versionId=null", Address("box", "k", "null")),
    ],
)
def test_a_source_is_read_as_clients_write_it(text: str, address: Address) -> None:
    assert parse(text) == address


@pytest.mark.parametrize("text", ["", "box", "box/", "/box", "//key"])
def test_a_source_names_a_bucket_and_a_key(s3: S3Desk, text: str) -> None:
    assert s3.refusal("CopyObject", Key="dst", CopySource=text).code == "InvalidArgument"
