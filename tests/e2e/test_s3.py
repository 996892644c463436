"""S3 as unmodified boto3 meets it: versions, conditions, checksums, forms, lifecycle rules, keys."""

import base64
import hashlib
import os
import signal
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.e2e.conftest import Lab, Server, started
from tests.postgres import BOTH, Postgres


@pytest.fixture(scope="module")
def on_postgresql(postgres: Postgres) -> Iterator[Server]:
    yield from started("--database", postgres.url(), "--no-tls")


@pytest.fixture(params=BOTH)
def s3_server(request: pytest.FixtureRequest) -> Server:
    """A server on SQLite, and one on PostgreSQL."""
    found: Server = request.getfixturevalue("server" if request.param == "sqlite" else "on_postgresql")
    return found


@pytest.fixture
def s3(s3_server: Server) -> Any:
    return s3_server.client("s3")


@pytest.fixture
def bucket(s3: Any, lab: Lab) -> Iterator[str]:
    """A bucket of the test's own."""
    name = lab.name("bucket")
    s3.create_bucket(Bucket=name)
    yield name
    empty(s3, name)
    s3.delete_bucket(Bucket=name)


@pytest.fixture
def versioned(s3: Any, bucket: str) -> str:
    """A bucket that keeps versions."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def empty(s3: Any, bucket: str) -> None:
    """Remove all that a bucket holds, as programs do: a page at a time."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, MaxKeys=3):
        named = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        objects = [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in named]
        if objects:
            assert "Errors" not in s3.delete_objects(Bucket=bucket, Delete={"Objects": objects})


def refusal(call: Any, **params: Any) -> dict[str, Any]:
    """Return the response of a call that is refused."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    response: dict[str, Any] = caught.value.response
    return response


def test_versions_come_back_until_they_are_purged(s3: Any, versioned: str) -> None:
    first = s3.put_object(Bucket=versioned, Key="key", Body=b"1")["VersionId"]
    second = s3.put_object(Bucket=versioned, Key="key", Body=b"2")["VersionId"]
    deleted = s3.delete_object(Bucket=versioned, Key="key")
    assert deleted["DeleteMarker"] is True
    gone = refusal(s3.get_object, Bucket=versioned, Key="key")
    assert gone["Error"]["Code"] == "NoSuchKey"
    assert gone["ResponseMetadata"]["HTTPHeaders"]["x-amz-delete-marker"] == "true"
    for call in (s3.get_object, s3.head_object):
        refused = refusal(call, Bucket=versioned, Key="key", VersionId=deleted["VersionId"])
        assert refused["ResponseMetadata"]["HTTPStatusCode"] == 405
        assert refused["ResponseMetadata"]["HTTPHeaders"]["allow"] == "DELETE"
    assert s3.get_object(Bucket=versioned, Key="key", VersionId=first)["Body"].read() == b"1"
    listed = s3.list_object_versions(Bucket=versioned)
    assert [entry["VersionId"] for entry in listed["Versions"]] == [second, first]
    assert [entry["IsLatest"] for entry in listed["DeleteMarkers"]] == [True]
    refused = refusal(s3.delete_bucket, Bucket=versioned)
    assert refused["Error"]["Code"] == "BucketNotEmpty"
    s3.delete_object(Bucket=versioned, Key="key", VersionId=deleted["VersionId"])
    assert s3.get_object(Bucket=versioned, Key="key")["Body"].read() == b"2"


def test_the_resource_api_empties_a_versioned_bucket(s3_server: Server, s3: Any, versioned: str) -> None:
    variables = s3_server.variables
    for index in range(25):
        s3.put_object(Bucket=versioned, Key=f"key {index % 5}", Body=b"x")
    s3.delete_object(Bucket=versioned, Key="key 1")
    session = boto3.Session(variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"])
    resource = session.resource(
        "s3",
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        region_name=variables["AWS_DEFAULT_REGION"],
    )
    resource.Bucket(versioned).object_versions.delete()
    assert "Versions" not in s3.list_object_versions(Bucket=versioned)


def test_a_conditional_delete_takes_only_what_it_knows(s3: Any, bucket: str) -> None:
    tag = s3.put_object(Bucket=bucket, Key="key", Body=b"1")["ETag"]
    refused = refusal(s3.delete_object, Bucket=bucket, Key="key", IfMatch='"other"')
    assert refused["Error"]["Code"] == "PreconditionFailed"
    s3.delete_object(Bucket=bucket, Key="key", IfMatch=tag)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_a_start_clears_away_what_a_crash_left(own_server: Server) -> None:
    """A file was kept and the server died before it was indexed: nothing of it is left after a start."""
    s3 = own_server.client("s3")
    s3.create_bucket(Bucket="box")
    s3.put_object(Bucket="box", Key="key", Body=b"kept")
    objects = own_server.data / "objects"
    (kept,) = [path for path in objects.rglob("*") if path.is_file()]
    lost = kept.with_name("f" * 22 + kept.name[-2:])
    os.kill(own_server.supervisor(), signal.SIGKILL)
    lost.write_bytes(b"lost")
    for name in (lost.name, kept.name, "half"):
        (objects / "drafts" / name).touch()
    own_server.up()
    assert s3.get_object(Bucket="box", Key="key")["Body"].read() == b"kept"
    assert [path for path in objects.rglob("*") if path.is_file()] == [kept]


CHECK_VALUES = {
    "CRC32": "y/Q5Jg==",
    "CRC32C": "4waSgw==",
    "CRC64NVME": "rosUhgp5mIg=",
    "SHA1": "98O8HYCOBHMq32eZZczDTKeuNEE=",
    "SHA256": "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",
    "SHA512": "2eZ2LdHI6vbWGzxhkvxAjU1tXxF20MKRabwk5xw/J0rSf81YEbMT1oH35V7ALXPUmclUVba1u1A6z1dPuo/+hQ==",
    "MD5": "JfnnlDI7RTiF9RgfG2JNCw==",
    "XXHASH64": "jLhB20DmroM=",
    "XXHASH3": "ctyxi2ehff8=",
    "XXHASH128": "MxGUd+3l3NXpcWQnaB1YYA==",
}
"""What each checksum is of ``123456789``."""


@pytest.mark.parametrize("name", CHECK_VALUES)
def test_every_checksum_is_verified_kept_and_told(s3: Any, bucket: str, name: str) -> None:
    member, value = f"Checksum{name}", CHECK_VALUES[name]
    put = s3.put_object(Bucket=bucket, Key="key", Body=b"123456789", **{member: value})
    assert (put[member], put["ChecksumType"]) == (value, "FULL_OBJECT")
    head = s3.head_object(Bucket=bucket, Key="key", ChecksumMode="ENABLED")
    assert head[member] == value
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"123456789"
    attributes = s3.get_object_attributes(Bucket=bucket, Key="key", ObjectAttributes=["Checksum"])
    assert attributes["Checksum"][member] == value
    refused = refusal(s3.put_object, Bucket=bucket, Key="key", Body=b"12345678X", **{member: value})
    assert refused["Error"]["Code"] == "BadDigest"
    assert s3.head_object(Bucket=bucket, Key="key")["ContentLength"] == 9


@pytest.mark.parametrize("kind", ["COMPOSITE", "FULL_OBJECT"])
def test_a_multipart_upload_is_checked_as_a_whole(s3: Any, bucket: str, kind: str) -> None:
    data = [b"a" * (5 << 20), b"end"]
    common = {"Bucket": bucket, "Key": "big"}
    begun = s3.create_multipart_upload(**common, ChecksumAlgorithm="CRC32", ChecksumType=kind)
    common["UploadId"] = begun["UploadId"]
    parts = []
    for number, body in enumerate(data, 1):
        part = s3.upload_part(**common, PartNumber=number, Body=body)
        parts.append({"PartNumber": number, "ETag": part["ETag"], "ChecksumCRC32": part["ChecksumCRC32"]})
    crcs = [zlib.crc32(body).to_bytes(4, "big") for body in data]
    value = b"".join(crcs) if kind == "COMPOSITE" else b"".join(data)
    checksum = base64.b64encode(zlib.crc32(value).to_bytes(4, "big")).decode()
    request = {**common, "MultipartUpload": {"Parts": parts}, "ChecksumType": kind}
    refused = refusal(s3.complete_multipart_upload, **request, ChecksumCRC32="AAAAAA==")
    assert refused["Error"]["Code"] == "BadDigest"
    done = s3.complete_multipart_upload(**request, ChecksumCRC32=checksum)
    assert done["ChecksumCRC32"] == checksum + ("-2" if kind == "COMPOSITE" else "")
    again = s3.complete_multipart_upload(**request, ChecksumCRC32=checksum)
    assert again["ETag"] == done["ETag"]
    digests = b"".join(hashlib.md5(body).digest() for body in data)
    assert done["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-2"'
    assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == b"".join(data)


def test_lifecycle_rules_are_carried_out(s3: Any, versioned: str) -> None:
    for key in ("tmp/a", "tmp/b", "kept"):
        s3.put_object(Bucket=versioned, Key=key, Body=b"x")
    rule = {
        "ID": "tidy up",
        "Status": "Enabled",
        "Filter": {"And": {"Prefix": "tmp/", "ObjectSizeGreaterThan": 0}},
        "Expiration": {"Date": datetime(2020, 1, 1, tzinfo=UTC)},
    }
    s3.put_bucket_lifecycle_configuration(Bucket=versioned, LifecycleConfiguration={"Rules": [rule]})
    found = s3.get_bucket_lifecycle_configuration(Bucket=versioned)["Rules"]
    assert found == [rule]
    deadline = time.monotonic() + 20
    while len(s3.list_objects_v2(Bucket=versioned)["Contents"]) > 1:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert [entry["Key"] for entry in s3.list_object_versions(Bucket=versioned)["DeleteMarkers"]] == [
        "tmp/a",
        "tmp/b",
    ]
    put = s3.put_object(Bucket=versioned, Key="tmp/c", Body=b"x")
    assert put["Expiration"] == 'expiry-date="Wed, 01 Jan 2020 00:00:00 GMT", rule-id="tidy%20up"'
    s3.delete_bucket_lifecycle(Bucket=versioned)
    refused = refusal(s3.get_bucket_lifecycle_configuration, Bucket=versioned)
    assert refused["Error"]["Code"] == "NoSuchLifecycleConfiguration"


def test_tools_find_what_a_bucket_is_not_configured_with(s3: Any, bucket: str) -> None:
    """What tools that describe infrastructure read and make sure of."""
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    assert s3.list_bucket_metrics_configurations(Bucket=bucket)["IsTruncated"] is False
    for call, code in (
        (s3.get_bucket_website, "NoSuchWebsiteConfiguration"),
        (s3.get_bucket_replication, "ReplicationConfigurationNotFoundError"),
        (s3.get_object_lock_configuration, "ObjectLockConfigurationNotFoundError"),
        (s3.get_bucket_cors, "NoSuchCORSConfiguration"),
        (s3.get_bucket_tagging, "NoSuchTagSet"),
        (s3.get_bucket_policy_status, "NoSuchBucketPolicy"),
        (s3.get_public_access_block, "NoSuchPublicAccessBlockConfiguration"),
    ):
        assert refusal(call, Bucket=bucket)["Error"]["Code"] == code
