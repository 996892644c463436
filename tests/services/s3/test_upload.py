"""Multipart uploads: begun, fed and given up."""

import io

import pytest

from tests.services.s3.conftest import S3Desk


def begin(s3: S3Desk, key: str = "big", **params: object) -> str:
    upload_id: str = s3("CreateMultipartUpload", Key=key, **params)["UploadId"]
    return upload_id


def test_an_upload_repeats_what_it_was_begun_with(s3: S3Desk) -> None:
    output = s3("CreateMultipartUpload", Key="big", ChecksumAlgorithm="CRC32", ServerSideEncryption="AES256")
    assert (output["Bucket"], output["Key"]) == ("box", "big")
    assert (output["ChecksumAlgorithm"], output["ChecksumType"]) == ("CRC32", "COMPOSITE")
    part = s3("UploadPart", Key="big", UploadId=output["UploadId"], PartNumber=1, Body=io.BytesIO(b"x"))
    assert part["ServerSideEncryption"] == "AES256"


def test_a_part_tells_its_digest_and_its_checksum(s3: S3Desk) -> None:
    output = s3(
        "UploadPart",
        Key="big",
        UploadId=begin(s3),
        PartNumber=1,
        Body=io.BytesIO(b"0123456789"),
        ChecksumCRC32="pmhLKg==",
    )
    assert output == {"ETag": '"781e5e245d69b566979b86e28d23f2c7"', "ChecksumCRC32": "pmhLKg=="}


def test_an_unfinished_upload_is_no_object(s3: S3Desk) -> None:
    s3.put_part(begin(s3), 1, b"x")
    assert s3.refusal("HeadObject", Key="big").status == 404


@pytest.mark.parametrize("number", [0, 10_001, -1])
def test_parts_are_numbered_from_1_to_10000(s3: S3Desk, number: int) -> None:
    upload_id = begin(s3)
    error = s3.refusal("UploadPart", Key="big", UploadId=upload_id, PartNumber=number, Body=io.BytesIO())
    assert error.message == "Part number must be an integer between 1 and 10000, inclusive"


def test_a_number_that_no_part_has_is_told_before_an_upload_that_is_not_there(s3: S3Desk) -> None:
    error = s3.refusal("UploadPart", Key="big", UploadId="none", PartNumber=0, Body=io.BytesIO(b"x"))
    assert error.code == "InvalidArgument"


def test_an_upload_belongs_to_its_key_and_its_bucket(s3: S3Desk) -> None:
    s3("CreateBucket", Bucket="box-2")
    upload_id = begin(s3)
    for where in ({"Key": "other"}, {"Key": "big", "Bucket": "box-2"}):
        error = s3.refusal("UploadPart", UploadId=upload_id, PartNumber=1, Body=io.BytesIO(), **where)
        assert (error.code, error.status) == ("NoSuchUpload", 404)


def test_an_upload_given_up_is_gone(s3: S3Desk) -> None:
    upload_id = begin(s3)
    s3.put_part(upload_id, 1, b"x")
    assert s3("AbortMultipartUpload", Key="big", UploadId=upload_id) == {}
    for operation in ("AbortMultipartUpload", "ListParts"):
        assert s3.refusal(operation, Key="big", UploadId=upload_id).code == "NoSuchUpload"


def test_an_upload_given_up_while_a_part_arrives_takes_it_no_more(s3: S3Desk) -> None:
    upload_id = begin(s3)

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if not self.tell():
                s3("AbortMultipartUpload", Key="big", UploadId=upload_id)
            return super().read(size)

    error = s3.refusal("UploadPart", Key="big", UploadId=upload_id, PartNumber=1, Body=Slow(b"x"))
    assert error.code == "NoSuchUpload"


def test_a_part_can_be_copied_whole_or_in_part(s3: S3Desk) -> None:
    s3.put("src", b"0123456789")
    upload_id = begin(s3)
    for number, params in ((1, {}), (2, {"CopySourceRange": "bytes=2-4"})):
        result = s3(
            "UploadPartCopy",
            Key="big",
            UploadId=upload_id,
            PartNumber=number,
            CopySource="box/src",
            **params,
        )["CopyPartResult"]
        assert result["LastModified"] > 0
    parts = s3("ListParts", Key="big", UploadId=upload_id)["Parts"]
    assert [part["Size"] for part in parts] == [10, 3]
    assert parts[1]["ETag"] == '"289dff07669d7a23de0ef88d2f7129e7"'


def test_a_copied_part_obeys_the_conditions_on_its_source(s3: S3Desk) -> None:
    s3.put("src", b"0123456789")
    common = {"Key": "big", "UploadId": begin(s3), "PartNumber": 1, "CopySource": "box/src"}
    assert s3.refusal("UploadPartCopy", CopySourceIfMatch='"x"', **common).status == 412
    assert s3.refusal("UploadPartCopy", CopySourceRange="bytes=2-10", **common).code == "InvalidArgument"
    assert s3.refusal("UploadPartCopy", **common | {"CopySource": "box/missing"}).code == "NoSuchKey"


def test_encryption_with_keys_of_ones_own_is_not_served(s3: S3Desk) -> None:
    error = s3.refusal("CreateMultipartUpload", Key="big", SSECustomerAlgorithm="AES256", SSECustomerKey="a")
    assert error.status == 501
