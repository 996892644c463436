"""Objects: what is put comes back, whole or in ranges, or is refused as S3 refuses it."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clary.core.errors import ClaryError
from tests.services.s3.conftest import S3Desk, content


class Broken:
    """A body whose checksum turns out wrong at its end."""

    def __init__(self) -> None:
        self.pieces = [b"most of it"]

    def read(self, size: int = -1) -> bytes:
        if self.pieces:
            return self.pieces.pop()
        raise ClaryError("BadDigest", "The checksum did not match.")


def test_an_object_comes_back_with_what_was_said_of_it(s3: S3Desk) -> None:
    said = {
        "ContentType": "text/csv",
        "CacheControl": "no-cache",
        "ContentEncoding": "gzip",
        "ContentDisposition": "attachment",
        "ContentLanguage": "de",
        "Metadata": {"Origin": "field 7"},
        "ServerSideEncryption": "aws:kms",
        "SSEKMSKeyId": "key-1",
        "StorageClass": "STANDARD_IA",
    }
    put = s3.put("key", b"bytes", Expires=datetime(2030, 1, 1, tzinfo=UTC), **said)
    assert put == {
        "ETag": '"4b3a6218bb3e3a7303e8a171a60fcf92"',
        "ServerSideEncryption": "aws:kms",
        "SSEKMSKeyId": "key-1",
        "ChecksumCRC64NVME": "JphbblFKTCQ=",
        "ChecksumType": "FULL_OBJECT",
    }
    got = s3("GetObject", Key="key")
    assert content(got.pop("Body")) == b"bytes"
    assert got == s3("HeadObject", Key="key")
    assert got.items() >= (said | {"Metadata": {"origin": "field 7"}}).items()
    assert got["Expires"] == datetime(2030, 1, 1, tzinfo=UTC).timestamp()
    assert (got["ContentLength"], got["AcceptRanges"]) == (5, "bytes")
    assert got["LastModified"] == int(got["LastModified"])


def test_an_object_has_s3s_type_and_no_class_by_default(s3: S3Desk) -> None:
    s3.put("key", StorageClass="STANDARD")
    head = s3("HeadObject", Key="key")
    assert head["ContentType"] == "binary/octet-stream"
    assert "StorageClass" not in head
    assert s3.read("key") == b""


def test_a_missing_object_is_404(s3: S3Desk) -> None:
    error = s3.refusal("GetObject", Key="key")
    assert (error.code, error.status) == ("NoSuchKey", 404)
    assert error.message == "The specified key does not exist."
    assert s3.refusal("HeadObject", Key="key").status == 404


def test_nothing_is_stored_of_a_body_that_is_not_what_it_claims(s3: S3Desk, tmp_path: Path) -> None:
    s3.put("key", b"before")
    error = s3.refusal("PutObject", Key="key", Body=Broken())
    assert error.code == "BadDigest"
    assert s3.read("key") == b"before"
    assert sum(path.is_file() for path in (tmp_path / "objects").rglob("*")) == 1


@pytest.mark.parametrize(
    "key", ["e", "e/sub", "q//dbl", "dir/", "/", "..", "a b+c&d", "名/ä", "\x01", "k" * 1024]
)
def test_keys_are_not_paths(s3: S3Desk, key: str) -> None:
    s3.put("e", b"neighbour")
    s3.put(key, key.encode())
    assert s3.read(key) == key.encode()


def test_a_key_is_1024_bytes_at_most_and_unicode(s3: S3Desk) -> None:
    assert s3.refusal("PutObject", Key="ä" * 513).code == "KeyTooLongError"
    assert s3.refusal("PutObject", Key="\ud800").code == "InvalidURI"


def test_a_range_is_206_with_what_it_is_of(s3: S3Desk) -> None:
    s3.put("key", b"0123456789")
    reply = s3.reply("GetObject", Bucket="box", Key="key", Range="bytes=2-4", ChecksumMode="ENABLED")
    assert reply.status == 206
    assert content(reply.output["Body"]) == b"234"
    assert (reply.output["ContentLength"], reply.output["ContentRange"]) == (3, "bytes 2-4/10")
    head = s3.reply("HeadObject", Bucket="box", Key="key", Range="bytes=-3")
    assert (head.status, head.output["ContentRange"]) == (206, "bytes 7-9/10")


def test_checksums_are_told_for_whole_objects_when_asked_for(s3: S3Desk) -> None:
    put = s3.put("key", b"0123456789", ChecksumCRC32="pmhLKg==")
    assert (put["ChecksumCRC32"], put["ChecksumType"]) == ("pmhLKg==", "FULL_OBJECT")
    assert s3("GetObject", Key="key", ChecksumMode="ENABLED")["ChecksumCRC32"] == "pmhLKg=="
    assert s3("HeadObject", Key="key", ChecksumMode="ENABLED")["ChecksumCRC32"] == "pmhLKg=="
    assert "ChecksumCRC32" not in s3("GetObject", Key="key")
    assert "ChecksumCRC32" not in s3("GetObject", Key="key", ChecksumMode="ENABLED", Range="bytes=0-1")


def test_an_answer_can_be_given_other_headers(s3: S3Desk) -> None:
    s3.put("key", ContentType="text/csv", CacheControl="no-cache")
    got = s3("GetObject", Key="key", ResponseContentType="text/plain", ResponseContentDisposition="inline")
    assert (got["ContentType"], got["ContentDisposition"]) == ("text/plain", "inline")
    assert got["CacheControl"] == "no-cache"


def test_what_is_known_already_is_304_without_a_body(s3: S3Desk) -> None:
    tag = s3.put("key", b"bytes")["ETag"]
    for operation in ("GetObject", "HeadObject"):
        reply = s3.reply(operation, Bucket="box", Key="key", IfNoneMatch=tag)
        assert reply.status == 304
        assert reply.output.keys() == {"ETag", "LastModified"}


def test_a_write_may_demand_that_nothing_is_there(s3: S3Desk) -> None:
    s3.put("key", b"first", IfNoneMatch="*")
    error = s3.refusal("PutObject", Key="key", Body=io.BytesIO(b"second"), IfNoneMatch="*")
    assert (error.code, error.status) == ("PreconditionFailed", 412)
    assert s3.read("key") == b"first"


def test_a_write_may_demand_what_is_there(s3: S3Desk) -> None:
    tag = s3.put("key", b"first")["ETag"]
    s3.put("key", b"second", IfMatch=tag)
    assert s3.refusal("PutObject", Key="key", IfMatch=tag).status == 412
    assert s3.refusal("PutObject", Key="other", IfMatch=tag).code == "NoSuchKey"
    assert s3.read("key") == b"second"


def test_the_last_word_on_a_condition_is_said_when_the_body_is_there(s3: S3Desk) -> None:
    """Somebody else's object comes while the body of a conditional put is still arriving."""

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            s3.put("key", b"theirs")
            return super().read(size)

    assert s3.refusal("PutObject", Key="key", Body=Slow(b"ours"), IfNoneMatch="*").status == 412
    assert s3.read("key") == b"theirs"


def test_deleting_is_no_error_twice(s3: S3Desk) -> None:
    s3.put("key")
    assert s3("DeleteObject", Key="key") == {}
    assert s3("DeleteObject", Key="key", VersionId="null") == {"VersionId": "null"}
    assert s3.refusal("HeadObject", Key="key").status == 404


def test_many_are_deleted_at_once(s3: S3Desk) -> None:
    for key in ("a", "b", "c"):
        s3.put(key)
    keys = [{"Key": "a"}, {"Key": "missing"}, {"Key": "k" * 1025}, {"Key": "b", "VersionId": "7"}]
    output = s3("DeleteObjects", Delete={"Objects": keys})
    assert output["Deleted"] == [{"Key": "a"}, {"Key": "missing"}]
    assert [(error["Key"][:2], error["Code"]) for error in output["Errors"]] == [
        ("kk", "KeyTooLongError"),
        ("b", "InvalidArgument"),
    ]
    assert [entry["Key"] for entry in s3("ListObjectsV2")["Contents"]] == ["b", "c"]
    quiet = s3("DeleteObjects", Delete={"Objects": [{"Key": "b"}], "Quiet": True})
    assert quiet == {"Deleted": [], "Errors": []}


@pytest.mark.parametrize("count", [0, 1001])
def test_no_or_too_many_deletions_are_refused(s3: S3Desk, count: int) -> None:
    error = s3.refusal("DeleteObjects", Delete={"Objects": [{"Key": "k"}] * count})
    assert error.code == "MalformedXML"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"SSECustomerAlgorithm": "AES256"}, "NotImplemented"),
        ({"WriteOffsetBytes": 5}, "NotImplemented"),
        ({"ObjectLockMode": "GOVERNANCE"}, "InvalidRequest"),
        ({"ACL": "public-read"}, "AccessControlListNotSupported"),
        ({"GrantRead": "id=1"}, "AccessControlListNotSupported"),
        ({"Metadata": {"a": "b" * 2048}}, "MetadataTooLarge"),
        ({"IfNoneMatch": '"tag"'}, "NotImplemented"),
    ],
)
def test_what_would_not_be_kept_is_not_promised(s3: S3Desk, params: dict[str, object], code: str) -> None:
    assert s3.refusal("PutObject", Key="key", **params).code == code
    assert s3.refusal("HeadObject", Key="key").status == 404


def test_there_are_no_versions_but_null(s3: S3Desk) -> None:
    s3.put("key", b"bytes")
    assert s3.read("key", VersionId="null") == b"bytes"
    assert s3.refusal("GetObject", Key="key", VersionId="3sL4kqtJ").code == "InvalidArgument"
    assert s3.refusal("DeleteObject", Key="key", VersionId="3sL4kqtJ").code == "InvalidArgument"


def test_access_is_the_owners(s3: S3Desk) -> None:
    s3.put("key", ACL="bucket-owner-full-control")
    grants = s3("GetObjectAcl", Key="key")["Grants"]
    assert [grant["Permission"] for grant in grants] == ["FULL_CONTROL"]
    s3("PutObjectAcl", Key="key", ACL="private")
    error = s3.refusal("PutObjectAcl", Key="key", ACL="public-read")
    assert error.code == "AccessControlListNotSupported"


def test_a_storage_class_is_one_of_s3s(s3: S3Desk) -> None:
    s3.put("key", b"x", StorageClass="GLACIER_IR")
    assert s3("HeadObject", Key="key")["StorageClass"] == "GLACIER_IR"
    error = s3.refusal("PutObject", Key="key", Body=io.BytesIO(b"y"), StorageClass="COLD")
    assert (error.code, error.details) == ("InvalidStorageClass", {"StorageClassRequested": "COLD"})
