"""Completion: parts in the order listed, and the lists that are refused."""

import base64
import hashlib
import io
import zlib

import pytest

from clary.core.exchange import Document
from tests.services.s3.conftest import S3Desk

FIVE = 5 * 1024 * 1024
LARGE = b"a" * FIVE


@pytest.fixture
def upload_id(s3: S3Desk) -> str:
    output = s3(
        "CreateMultipartUpload", Key="big", ContentType="text/csv", Metadata={"a": "1"}, Tagging="t=1"
    )
    found: str = output["UploadId"]
    return found


def crc(data: bytes) -> str:
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


def complete(s3: S3Desk, upload_id: str, *parts: tuple[int, str], **params: object) -> Document:
    return s3("CompleteMultipartUpload", **request(upload_id, *parts), **params)


def request(upload_id: str, *parts: tuple[int, str]) -> Document:
    listed = [{"PartNumber": number, "ETag": tag} for number, tag in parts]
    return {"Key": "big", "UploadId": upload_id, "MultipartUpload": {"Parts": listed}}


def test_parts_sent_out_of_order_and_again_become_one_object(s3: S3Desk, upload_id: str) -> None:
    last = s3.put_part(upload_id, 9, b"end")
    s3.put_part(upload_id, 2, b"wrong")
    first = s3.put_part(upload_id, 2, LARGE)
    s3.put_part(upload_id, 5, b"not listed")
    output = complete(s3, upload_id, (2, first), (9, last.strip('"')))
    digests = hashlib.md5(LARGE).digest() + hashlib.md5(b"end").digest()
    assert output["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-2"'
    assert (output["Bucket"], output["Key"], output["Location"]) == ("box", "big", "/box/big")
    head = s3("HeadObject", Key="big", ChecksumMode="ENABLED")
    assert (head["ContentLength"], head["ContentType"], head["Metadata"]) == (
        FIVE + 3,
        "text/csv",
        {"a": "1"},
    )
    assert head["TagCount"] == 1
    assert s3.read("big") == LARGE + b"end"
    assert s3.refusal("ListParts", Key="big", UploadId=upload_id).code == "NoSuchUpload"


def test_an_object_of_parts_is_read_by_their_numbers(s3: S3Desk, upload_id: str) -> None:
    tags = [(number, s3.put_part(upload_id, number, data)) for number, data in ((1, LARGE), (4, b"end"))]
    complete(s3, upload_id, *tags)
    reply = s3.reply("GetObject", Bucket="box", Key="big", PartNumber=4)
    assert (reply.status, reply.output["PartsCount"]) == (206, 2)
    assert reply.output["ContentRange"] == f"bytes {FIVE}-{FIVE + 2}/{FIVE + 3}"
    assert s3.read("big", PartNumber=4) == b"end"
    assert s3.refusal("HeadObject", Key="big", PartNumber=2).status == 416
    s3("CopyObject", Key="copy", CopySource="box/big")
    assert s3("HeadObject", Key="copy")["ETag"] == f'"{hashlib.md5(LARGE + b"end").hexdigest()}"'


def test_a_list_names_every_part_as_it_was_sent(s3: S3Desk, upload_id: str) -> None:
    tag = s3.put_part(upload_id, 1, b"x")
    for parts in ([(1, '"0"')], [(1, tag), (2, tag)]):
        error = s3.refusal("CompleteMultipartUpload", **request(upload_id, *parts))
        assert (error.code, error.status) == ("InvalidPart", 400)
    assert complete(s3, upload_id, (1, tag))["Key"] == "big"


def test_a_list_is_in_order_without_repetition(s3: S3Desk, upload_id: str) -> None:
    tag = s3.put_part(upload_id, 1, b"x")
    s3.put_part(upload_id, 2, b"x")
    for numbers in ((2, 1), (1, 1)):
        listed = [(number, tag) for number in numbers]
        assert s3.refusal("CompleteMultipartUpload", **request(upload_id, *listed)).code == "InvalidPartOrder"


@pytest.mark.parametrize(
    "listed", [None, {}, {"Parts": []}, {"Parts": [{"PartNumber": 1}]}, {"Parts": [{"ETag": "x"}]}]
)
def test_a_list_is_well_formed(s3: S3Desk, upload_id: str, listed: Document | None) -> None:
    error = s3.refusal("CompleteMultipartUpload", Key="big", UploadId=upload_id, MultipartUpload=listed)
    assert error.code == "MalformedXML"


def test_only_the_last_part_may_be_small(s3: S3Desk, upload_id: str) -> None:
    tags = [(number, s3.put_part(upload_id, number, b"small")) for number in (1, 2)]
    error = s3.refusal("CompleteMultipartUpload", **request(upload_id, *tags))
    assert error.code == "EntityTooSmall"
    assert error.details["PartNumber"] == 1
    assert error.details["MinSizeAllowed"] == FIVE


def test_the_size_declared_is_the_size(s3: S3Desk, upload_id: str) -> None:
    tag = s3.put_part(upload_id, 1, b"12345")
    listed = request(upload_id, (1, tag))
    assert s3.refusal("CompleteMultipartUpload", MpuObjectSize=6, **listed).code == "InvalidRequest"
    assert complete(s3, upload_id, (1, tag), MpuObjectSize=5)["Key"] == "big"


def test_a_completion_may_demand_that_nothing_is_there(s3: S3Desk, upload_id: str) -> None:
    s3.put("big", b"there")
    tag = s3.put_part(upload_id, 1, b"x")
    error = s3.refusal("CompleteMultipartUpload", IfNoneMatch="*", **request(upload_id, (1, tag)))
    assert error.status == 412
    assert s3.read("big") == b"there"
    assert len(s3("ListParts", Key="big", UploadId=upload_id)["Parts"]) == 1


class TestChecksums:
    """Checksums of parts, and the checksum that is made of them."""

    PARTS = (LARGE, b"end")

    @pytest.fixture
    def sent(self, s3: S3Desk) -> Document:
        begun = s3("CreateMultipartUpload", Key="big", ChecksumAlgorithm="CRC32")
        listed = []
        for number, data in enumerate(self.PARTS, 1):
            sums = {"ChecksumCRC32": crc(data)}
            output = s3(
                "UploadPart",
                Key="big",
                UploadId=begun["UploadId"],
                PartNumber=number,
                Body=io.BytesIO(data),
                **sums,
            )
            listed.append({"PartNumber": number, "ETag": output["ETag"], **sums})
        return {"Key": "big", "UploadId": begun["UploadId"], "MultipartUpload": {"Parts": listed}}

    def composite(self) -> str:
        digests = b"".join(zlib.crc32(data).to_bytes(4, "big") for data in self.PARTS)
        return f"{crc(digests)}-2"

    def test_the_composite_is_told_of_the_whole_and_the_parts_of_the_parts(
        self, s3: S3Desk, sent: Document
    ) -> None:
        output = s3("CompleteMultipartUpload", **sent)
        assert (output["ChecksumCRC32"], output["ChecksumType"]) == (self.composite(), "COMPOSITE")
        attributes = s3("GetObjectAttributes", Key="big", ObjectAttributes=["Checksum"])
        assert attributes["Checksum"]["ChecksumCRC32"] == self.composite()
        assert s3("GetObject", Key="big", ChecksumMode="ENABLED")["ChecksumCRC32"] == self.composite()
        part = s3("GetObject", Key="big", ChecksumMode="ENABLED", PartNumber=2)
        assert part["ChecksumCRC32"] == crc(self.PARTS[1])
        ranged = s3("GetObject", Key="big", ChecksumMode="ENABLED", Range="bytes=0-9")
        assert "ChecksumCRC32" not in ranged

    def test_the_composite_declared_is_checked(self, s3: S3Desk, sent: Document) -> None:
        assert s3.refusal("CompleteMultipartUpload", ChecksumCRC32="AAAAAA==", **sent).code == "BadDigest"
        assert s3("CompleteMultipartUpload", ChecksumCRC32=self.composite(), **sent)["Key"] == "big"

    def test_the_checksum_listed_of_a_part_is_the_one_it_came_with(self, s3: S3Desk, sent: Document) -> None:
        sent["MultipartUpload"]["Parts"][1]["ChecksumCRC32"] = "AAAAAA=="
        assert s3.refusal("CompleteMultipartUpload", **sent).code == "InvalidPart"

    def test_another_checksum_than_the_uploads_is_refused(self, s3: S3Desk, sent: Document) -> None:
        error = s3.refusal("CompleteMultipartUpload", ChecksumSHA1="AAAA", **sent)
        assert error.code == "InvalidRequest"
        assert "expected checksum Type: crc32, actual checksum Type: sha1" in error.message
        error = s3.refusal("CompleteMultipartUpload", ChecksumType="FULL_OBJECT", **sent)
        assert error.code == "InvalidRequest"


def test_a_completion_may_be_repeated(s3: S3Desk, upload_id: str) -> None:
    tag = s3.put_part(upload_id, 1, b"x")
    first = complete(s3, upload_id, (1, tag))
    assert complete(s3, upload_id, (1, tag)) == first
    assert s3.refusal("CompleteMultipartUpload", **request(upload_id, (2, tag))).code == "NoSuchUpload"
    s3.put("big", b"another")
    assert s3.refusal("CompleteMultipartUpload", **request(upload_id, (1, tag))).code == "NoSuchUpload"
    assert s3.read("big") == b"another"
