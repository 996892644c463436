"""S3 as a whole: its table of operations, and an unmodified boto3 against it."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clary.services.s3 import OPERATIONS
from tests.services.s3.conftest import S3Desk

MODEL = botocore.session.get_session().get_service_model("s3")


def test_every_operation_served_is_one_of_the_api() -> None:
    assert set(OPERATIONS) <= set(MODEL.operation_names)


def test_every_other_operation_says_that_it_is_not_served(s3: S3Desk) -> None:
    for operation in set(MODEL.operation_names) - set(OPERATIONS):
        error = s3.refusal(operation)
        assert (error.code, error.status) == ("NotImplemented", 501)
        assert operation in error.message


@pytest.fixture
def s3_client(client: Callable[[str], Any]) -> Any:
    made = client("s3")
    made.create_bucket(Bucket="box")
    return made


def test_boto3_finds_its_default_bucket(s3_client: Any) -> None:
    with pytest.raises(ClientError) as caught:
        s3_client.head_bucket(Bucket="sagemaker-us-east-1-111122223333")
    assert caught.value.response["Error"] == {"Code": "404", "Message": "Not Found"}
    with pytest.raises(ClientError) as caught:
        s3_client.head_bucket(Bucket="box", ExpectedBucketOwner="999988887777")
    assert caught.value.response["Error"]["Code"] == "403"
    assert s3_client.list_buckets()["Buckets"][0]["CreationDate"].tzinfo is not None
    s3_client.get_waiter("bucket_exists").wait(Bucket="box")


@pytest.mark.parametrize("key", ["plain", "a b+c&d=e?f#g", "名/ä~*'()", "q//dbl", "dir/", "%2F%20"])
def test_boto3_round_trips_keys_and_what_is_said_of_them(s3_client: Any, key: str) -> None:
    said = {"ContentType": "text/csv", "Metadata": {"origin": "field 7"}, "CacheControl": "no-cache"}
    put = s3_client.put_object(Bucket="box", Key=key, Body=b"bytes", Tagging="a=1", **said)
    got = s3_client.get_object(Bucket="box", Key=key)
    assert got["Body"].read() == b"bytes"
    assert {name: got[name] for name in said} == said
    assert (got["ETag"], got["TagCount"], got["ContentLength"]) == (put["ETag"], 1, 5)
    assert [entry["Key"] for entry in s3_client.list_objects_v2(Bucket="box")["Contents"]] == [key]
    assert [entry["Key"] for entry in s3_client.list_objects(Bucket="box", Prefix=key)["Contents"]] == [key]
    s3_client.copy_object(Bucket="box", Key="copy", CopySource={"Bucket": "box", "Key": key})
    deleted = s3_client.delete_objects(Bucket="box", Delete={"Objects": [{"Key": key}, {"Key": "copy"}]})
    assert {entry["Key"] for entry in deleted["Deleted"]} == {key, "copy"}
    assert "Contents" not in s3_client.list_objects_v2(Bucket="box")


def test_boto3_reads_ranges_and_conditions(s3_client: Any) -> None:
    tag = s3_client.put_object(Bucket="box", Key="key", Body=b"0123456789")["ETag"]
    got = s3_client.get_object(Bucket="box", Key="key", Range="bytes=-3", IfMatch=tag)
    assert (got["Body"].read(), got["ContentRange"]) == (b"789", "bytes 7-9/10")
    assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
    for params, code in (
        ({"IfNoneMatch": tag}, "304"),
        ({"IfMatch": '"x"'}, "PreconditionFailed"),
        ({"Range": "bytes=10-"}, "InvalidRange"),
        ({"Key": "missing"}, "NoSuchKey"),
    ):
        with pytest.raises(ClientError) as caught:
            s3_client.get_object(**{"Bucket": "box", "Key": "key"} | params)
        assert caught.value.response["Error"]["Code"] == code
    for params in ({"IfNoneMatch": "*"}, {"IfMatch": '"x"'}):
        with pytest.raises(ClientError) as caught:
            s3_client.put_object(Bucket="box", Key="key", Body=b"x" * 100_000, **params)
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 412
    assert s3_client.get_object(Bucket="box", Key="key")["Body"].read() == b"0123456789"


def test_boto3_transfers_large_files_in_parts(s3_client: Any, tmp_path: Path) -> None:
    data = os.urandom(11 * 1024 * 1024 + 7)
    source, target = tmp_path / "up", tmp_path / "down"
    source.write_bytes(data)
    config = TransferConfig(multipart_threshold=5 * 1024 * 1024, multipart_chunksize=5 * 1024 * 1024)
    s3_client.upload_file(str(source), "box", "big", Config=config, ExtraArgs={"Metadata": {"a": "1"}})
    head = s3_client.head_object(Bucket="box", Key="big")
    assert head["ETag"].endswith('-3"')
    assert head["Metadata"] == {"a": "1"}
    s3_client.download_file("box", "big", str(target), Config=config)
    assert target.read_bytes() == data
    s3_client.copy({"Bucket": "box", "Key": "big"}, "box", "copy", Config=config)
    assert s3_client.get_object(Bucket="box", Key="copy", ChecksumMode="ENABLED")["Body"].read() == data
    part = s3_client.get_object(Bucket="box", Key="big", PartNumber=3)
    assert (part["PartsCount"], part["Body"].read()) == (3, data[10 * 1024 * 1024 :])


def test_boto3_pages_through_folders(s3_client: Any) -> None:
    for key in ("a/1", "a/2", "b+ ", "c/1", "d"):
        s3_client.put_object(Bucket="box", Key=key)
    for name in ("list_objects", "list_objects_v2"):
        pages = s3_client.get_paginator(name).paginate(
            Bucket="box", Delimiter="/", PaginationConfig={"PageSize": 1}
        )
        seen = [
            entry for page in pages for entry in page.get("Contents", []) + page.get("CommonPrefixes", [])
        ]
        assert [entry.get("Key") or entry["Prefix"] for entry in seen] == ["a/", "b+ ", "c/", "d"]


def test_boto3_reads_back_what_it_configures(s3_client: Any) -> None:
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAgeSeconds": 9}
    s3_client.put_bucket_cors(Bucket="box", CORSConfiguration={"CORSRules": [rule]})
    assert s3_client.get_bucket_cors(Bucket="box")["CORSRules"] == [rule]
    policy = '{"Version": "2012-10-17", "Statement": []}'
    s3_client.put_bucket_policy(Bucket="box", Policy=policy)
    assert s3_client.get_bucket_policy(Bucket="box")["Policy"] == policy
    tags = {"TagSet": [{"Key": "team", "Value": "red & blue"}]}
    s3_client.put_bucket_tagging(Bucket="box", Tagging=tags)
    assert s3_client.get_bucket_tagging(Bucket="box")["TagSet"] == tags["TagSet"]
    encryption = {
        "Rules": [
            {
                "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"},
                "BucketKeyEnabled": True,
            }
        ]
    }
    s3_client.put_bucket_encryption(Bucket="box", ServerSideEncryptionConfiguration=encryption)
    found = s3_client.get_bucket_encryption(Bucket="box")["ServerSideEncryptionConfiguration"]
    assert found == encryption
    assert "Status" not in s3_client.get_bucket_versioning(Bucket="box")
    assert s3_client.get_bucket_location(Bucket="box")["LocationConstraint"] is None
    s3_client.put_bucket_versioning(Bucket="box", VersioningConfiguration={"Status": "Enabled"})
    assert s3_client.get_bucket_versioning(Bucket="box")["Status"] == "Enabled"


def test_boto3_tags_objects_and_lists_uploads(s3_client: Any) -> None:
    s3_client.put_object(Bucket="box", Key="key", Body=io.BytesIO(b"x"))
    tags = [{"Key": "team", "Value": "red"}]
    s3_client.put_object_tagging(Bucket="box", Key="key", Tagging={"TagSet": tags})
    assert s3_client.get_object_tagging(Bucket="box", Key="key")["TagSet"] == tags
    upload = s3_client.create_multipart_upload(Bucket="box", Key="big")["UploadId"]
    s3_client.upload_part(Bucket="box", Key="big", UploadId=upload, PartNumber=2, Body=b"x")
    (part,) = s3_client.list_parts(Bucket="box", Key="big", UploadId=upload)["Parts"]
    assert (part["PartNumber"], part["Size"]) == (2, 1)
    (listed,) = s3_client.list_multipart_uploads(Bucket="box")["Uploads"]
    assert (listed["Key"], listed["UploadId"]) == ("big", upload)
    s3_client.abort_multipart_upload(Bucket="box", Key="big", UploadId=upload)
    assert "Uploads" not in s3_client.list_multipart_uploads(Bucket="box")
    attributes = s3_client.get_object_attributes(
        Bucket="box", Key="key", ObjectAttributes=["ETag", "ObjectSize"]
    )
    assert (attributes["ETag"], attributes["ObjectSize"]) == ("9dd4e461268c8034f5c8564e155c67a6", 1)


LEGAL = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


@settings(max_examples=40)
@given(key=st.one_of(LEGAL, st.text("./ +%?#&=~\x00\x01\x7f\r\n\t<>&\"'é", min_size=1, max_size=12)))
@example("..")
@example("../../etc/passwd")
@example("a/../b")
@example("./a//b/")
@example("/")
@example("//")
@example("dir/")
@example("\x00\x01\x1f\x7f\ufffe\uffff")
@example("%2e%2e/%00+ ")
@example("𝒦" * 256)
def test_boto3_round_trips_any_legal_key(s3_client: Any, tmp_path: Path, key: str) -> None:
    s3_client.put_object(Bucket="box", Key=key, Body=key.encode())
    assert s3_client.get_object(Bucket="box", Key=key)["Body"].read() == key.encode()
    for listing, member in (
        (s3_client.list_objects_v2, "Contents"),
        (s3_client.list_objects, "Contents"),
        (s3_client.list_object_versions, "Versions"),
    ):
        assert [entry["Key"] for entry in listing(Bucket="box")[member]] == [key]
    s3_client.delete_object(Bucket="box", Key=key)
    assert "Contents" not in s3_client.list_objects_v2(Bucket="box")
    assert {path.name for path in tmp_path.iterdir()} <= {
        "clary.db",
        "clary.db-wal",
        "clary.db-shm",
        "objects",
    }


def test_a_key_has_1024_bytes_at_most(s3_client: Any) -> None:
    for key, fits in (("ä" * 512, True), ("ä" * 512 + "x", False)):
        if fits:
            s3_client.put_object(Bucket="box", Key=key, Body=b"")
            continue
        with pytest.raises(ClientError) as caught:
            s3_client.put_object(Bucket="box", Key=key, Body=b"")
        assert caught.value.response["Error"]["Code"] == "KeyTooLongError"
