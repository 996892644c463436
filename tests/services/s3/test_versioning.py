"""Versioning: switched on and off, and what every operation says of versions and delete markers."""

import pytest

from clary.core.exchange import Document
from tests.services.s3.conftest import S3Desk


@pytest.fixture
def kept(s3: S3Desk) -> S3Desk:
    """S3 whose bucket ``box`` keeps versions."""
    enable(s3)
    return s3


def enable(s3: S3Desk, state: str = "Enabled") -> None:
    s3("PutBucketVersioning", VersioningConfiguration={"Status": state})


def version(output: Document) -> str:
    found: str = output["VersionId"]
    return found


def test_a_bucket_has_no_versioning_until_it_is_asked_for(s3: S3Desk) -> None:
    assert s3("GetBucketVersioning") == {}
    for state in ("Enabled", "Suspended"):
        enable(s3, state)
        assert s3("GetBucketVersioning") == {"Status": state}
    for configuration in ({}, {"Status": "Off"}):
        error = s3.refusal("PutBucketVersioning", VersioningConfiguration=configuration)
        assert error.code == "IllegalVersioningConfigurationException"
    mfa = {"Status": "Enabled", "MFADelete": "Enabled"}
    assert s3.refusal("PutBucketVersioning", VersioningConfiguration=mfa).status == 501


def test_an_unversioned_bucket_tells_of_no_versions(s3: S3Desk) -> None:
    assert "VersionId" not in s3.put("key", b"x")
    assert "VersionId" not in s3("HeadObject", Key="key")
    assert s3.read("key", VersionId="null") == b"x"
    assert s3("DeleteObject", Key="key") == {}


def test_every_write_says_which_version_it_made(kept: S3Desk) -> None:
    first, second = kept.put("key", b"1"), kept.put("key", b"2")
    assert version(first) != version(second)
    assert kept.read("key") == b"2"
    assert kept.read("key", VersionId=version(first)) == b"1"
    assert version(kept("HeadObject", Key="key")) == version(second)
    assert version(kept("GetObject", Key="key", VersionId=version(first))) == version(first)
    enable(kept, "Suspended")
    assert version(kept.put("key", b"3")) == "null"
    upload_id = kept("CreateMultipartUpload", Key="big")["UploadId"]
    tag = kept.put_part(upload_id, 1, b"x")
    parts = {"Parts": [{"PartNumber": 1, "ETag": tag}]}
    assert version(kept("CompleteMultipartUpload", Key="big", UploadId=upload_id, MultipartUpload=parts))


def test_a_copy_names_both_versions_and_may_bring_an_old_one_back(kept: S3Desk) -> None:
    first = version(kept.put("key", b"1"))
    kept.put("key", b"2")
    copied = kept("CopyObject", Key="key", CopySource=f"box/key?versionId={first}")
    assert copied["CopySourceVersionId"] == first
    assert version(copied) not in ("", first)
    assert kept.read("key") == b"1"
    upload_id = kept("CreateMultipartUpload", Key="big")["UploadId"]
    part = kept(
        "UploadPartCopy",
        Key="big",
        UploadId=upload_id,
        PartNumber=1,
        CopySource=f"box/key?versionId={first}",
    )
    assert part["CopySourceVersionId"] == first
    marker = version(kept("DeleteObject", Key="key"))
    error = kept.refusal("CopyObject", Key="copy", CopySource=f"box/key?versionId={marker}")
    assert error.code == "InvalidRequest"
    assert kept.refusal("CopyObject", Key="copy", CopySource="box/key").code == "NoSuchKey"


def test_a_delete_marker_hides_a_key_and_cannot_be_read(kept: S3Desk) -> None:
    first = version(kept.put("key", b"1"))
    deleted = kept("DeleteObject", Key="key")
    assert deleted["DeleteMarker"] is True
    hidden = kept.refusal("GetObject", Key="key")
    assert (hidden.code, hidden.status) == ("NoSuchKey", 404)
    assert hidden.headers == {"x-amz-delete-marker": "true", "x-amz-version-id": version(deleted)}
    for operation in ("GetObject", "HeadObject", "GetObjectTagging"):
        error = kept.refusal(operation, Key="key", VersionId=version(deleted))
        assert (error.code, error.status) == ("MethodNotAllowed", 405)
        assert error.headers["allow"] == "DELETE"
        assert error.headers["x-amz-delete-marker"] == "true"
        assert error.headers["last-modified"].endswith("GMT")
    assert kept.read("key", VersionId=first) == b"1"
    again = kept("DeleteObject", Key="key", VersionId=version(deleted))
    assert again == {"VersionId": version(deleted), "DeleteMarker": True}
    assert kept.read("key") == b"1"
    assert kept.refusal("GetObject", Key="none").headers == {}


def test_versions_that_are_none_are_refused(kept: S3Desk) -> None:
    kept.put("key")
    error = kept.refusal("GetObject", Key="key", VersionId="0" * 32)
    assert (error.code, error.status) == ("NoSuchVersion", 404)
    for operation in ("GetObject", "DeleteObject"):
        assert kept.refusal(operation, Key="key", VersionId="../x").code == "InvalidArgument"
    assert kept("DeleteObject", Key="key", VersionId="0" * 32) == {"VersionId": "0" * 32}


def test_tags_are_of_a_version(kept: S3Desk) -> None:
    first = version(kept.put("key", b"1"))
    second = version(kept.put("key", b"2"))
    tags = {"TagSet": [{"Key": "a", "Value": "1"}]}
    assert version(kept("PutObjectTagging", Key="key", VersionId=first, Tagging=tags)) == first
    assert kept("GetObjectTagging", Key="key") == {"TagSet": [], "VersionId": second}
    assert kept("GetObjectTagging", Key="key", VersionId=first)["TagSet"] == tags["TagSet"]
    assert version(kept("DeleteObjectTagging", Key="key", VersionId=first)) == first
    assert kept("GetObjectTagging", Key="key", VersionId=first)["TagSet"] == []


def test_many_versions_are_deleted_at_once(kept: S3Desk) -> None:
    first = version(kept.put("key", b"1"))
    kept.put("other")
    marker = version(kept("DeleteObject", Key="key"))
    objects = [{"Key": "key", "VersionId": first}, {"Key": "key", "VersionId": marker}, {"Key": "other"}]
    output = kept("DeleteObjects", Delete={"Objects": objects})
    plain, removed, made = output["Deleted"]
    assert plain == {"Key": "key", "VersionId": first}
    assert removed == {
        "Key": "key",
        "VersionId": marker,
        "DeleteMarker": True,
        "DeleteMarkerVersionId": marker,
    }
    assert (made["Key"], made["DeleteMarker"]) == ("other", True)
    assert "VersionId" not in made
    assert made["DeleteMarkerVersionId"]


def test_attributes_tell_the_version(kept: S3Desk) -> None:
    made = version(kept.put("key", b"1"))
    assert version(kept("GetObjectAttributes", Key="key", ObjectAttributes=["ETag"])) == made
