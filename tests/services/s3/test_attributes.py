"""Attributes: those asked for, and parts page by page."""

from clary.core.checksum import ALGORITHMS
from tests.services.s3.conftest import S3Desk

FIVE = 5 * 1024 * 1024


def test_attributes_are_those_asked_for(s3: S3Desk) -> None:
    s3.put("key", b"0123456789", ChecksumCRC32="pmhLKg==")
    wanted = ["ETag", "Checksum", "ObjectSize", "ObjectParts", "StorageClass"]
    found = s3("GetObjectAttributes", Key="key", ObjectAttributes=wanted)
    del found["LastModified"]
    assert found == {
        "ETag": "781e5e245d69b566979b86e28d23f2c7",
        "Checksum": {"ChecksumCRC32": "pmhLKg==", "ChecksumType": "FULL_OBJECT"},
        "ObjectSize": 10,
        "StorageClass": "STANDARD",
    }
    assert s3("GetObjectAttributes", Key="key", ObjectAttributes=["ObjectSize"]).keys() == {
        "LastModified",
        "ObjectSize",
    }
    assert s3.refusal("GetObjectAttributes", Key="key", ObjectAttributes=["Color"]).code == "InvalidArgument"


def test_parts_are_told_in_pages_with_their_checksums(s3: S3Desk) -> None:
    upload_id = s3("CreateMultipartUpload", Key="big", ChecksumAlgorithm="SHA256")["UploadId"]
    data = {1: b"a" * FIVE, 4: b"b" * FIVE, 9: b"end"}
    parts = [{"PartNumber": number, "ETag": s3.put_part(upload_id, number, data[number])} for number in data]
    s3("CompleteMultipartUpload", Key="big", UploadId=upload_id, MultipartUpload={"Parts": parts})
    common = {"Key": "big", "ObjectAttributes": ["ObjectParts", "Checksum"]}
    found = s3("GetObjectAttributes", MaxParts=2, **common)
    page = found["ObjectParts"]
    assert (page["TotalPartsCount"], page["IsTruncated"], page["NextPartNumberMarker"]) == (3, True, 4)
    assert [part["PartNumber"] for part in page["Parts"]] == [1, 4]
    rest = s3("GetObjectAttributes", PartNumberMarker=4, **common)["ObjectParts"]
    digest = ALGORITHMS["SHA256"].of(b"end")
    assert rest["Parts"] == [{"PartNumber": 9, "Size": 3, "ChecksumSHA256": digest}]
    assert rest["IsTruncated"] is False
    assert found["Checksum"]["ChecksumType"] == "COMPOSITE"
