"""Checksums of multipart uploads, of every algorithm and both types."""

import io

import pytest

from clary.core.checksum import ALGORITHMS, Algorithm
from clary.core.exchange import Document
from tests.services.s3.conftest import S3Desk

DATA = (b"a" * 5 * 1024 * 1024, b"end")
TYPES = {
    "CRC32": ("COMPOSITE", "FULL_OBJECT"),
    "CRC32C": ("COMPOSITE", "FULL_OBJECT"),
    "CRC64NVME": ("FULL_OBJECT",),
    "SHA1": ("COMPOSITE",),
    "SHA256": ("COMPOSITE",),
    "SHA512": ("COMPOSITE",),
    "MD5": ("COMPOSITE",),
    "XXHASH64": ("COMPOSITE",),
    "XXHASH3": ("COMPOSITE",),
    "XXHASH128": ("COMPOSITE",),
}
BOTH = [(name, kind) for name, kinds in TYPES.items() for kind in kinds]


def send(s3: S3Desk, begun: Document, members: list[str | None]) -> Document:
    """Send both parts, with the checksums named, and return the request that completes the upload."""
    listed = []
    for number, (data, member) in enumerate(zip(DATA, members, strict=True), 1):
        sums = {member: ALGORITHMS[member.removeprefix("Checksum")].of(data)} if member else {}
        part = s3(
            "UploadPart",
            Key="big",
            UploadId=begun["UploadId"],
            PartNumber=number,
            Body=io.BytesIO(data),
            **sums,
        )
        listed.append({"PartNumber": number, "ETag": part["ETag"]} | sums)
    return {"Key": "big", "UploadId": begun["UploadId"], "MultipartUpload": {"Parts": listed}}


def whole(algorithm: Algorithm, kind: str) -> str:
    if kind == "FULL_OBJECT":
        return algorithm.of(b"".join(DATA))
    return f"{algorithm.composite(algorithm.of(data) for data in DATA)}-2"


@pytest.mark.parametrize(("name", "kind"), BOTH)
@pytest.mark.parametrize("sent", [True, False])
def test_the_whole_has_the_checksum_of_its_type(s3: S3Desk, name: str, kind: str, sent: bool) -> None:
    algorithm = ALGORITHMS[name]
    begun = s3("CreateMultipartUpload", Key="big", ChecksumAlgorithm=name, ChecksumType=kind)
    assert (begun["ChecksumAlgorithm"], begun["ChecksumType"]) == (name, kind)
    request = send(s3, begun, [algorithm.member if sent else None] * 2)
    expected = whole(algorithm, kind)
    wrong = s3.refusal("CompleteMultipartUpload", **request, **{algorithm.member: algorithm.of(b"")})
    assert wrong.code == "BadDigest"
    done = s3("CompleteMultipartUpload", ChecksumType=kind, **request, **{algorithm.member: expected})
    assert (done[algorithm.member], done["ChecksumType"]) == (expected, kind)
    head = s3("HeadObject", Key="big", ChecksumMode="ENABLED")
    assert (head[algorithm.member], head["ChecksumType"]) == (expected, kind)
    copied = s3("CopyObject", Key="copy", CopySource="box/big")["CopyObjectResult"]
    assert copied[algorithm.member] == algorithm.of(b"".join(DATA))
    assert copied["ChecksumType"] == "FULL_OBJECT"


def test_each_algorithm_has_its_usual_type(s3: S3Desk) -> None:
    for name, kinds in TYPES.items():
        begun = s3("CreateMultipartUpload", Key="big", ChecksumAlgorithm=name)
        assert begun["ChecksumType"] == kinds[0]
        for kind in {"COMPOSITE", "FULL_OBJECT"} - set(kinds):
            error = s3.refusal("CreateMultipartUpload", Key="big", ChecksumAlgorithm=name, ChecksumType=kind)
            assert error.message == (
                f"The {kind} checksum type cannot be used with the {name.lower()} checksum algorithm."
            )


@pytest.mark.parametrize("member", [None, "ChecksumCRC32"])
def test_an_upload_that_asks_for_none_has_one_of_the_whole(s3: S3Desk, member: str | None) -> None:
    begun = s3("CreateMultipartUpload", Key="big")
    done = s3("CompleteMultipartUpload", **send(s3, begun, [member] * 2))
    name = (member or "ChecksumCRC64NVME").removeprefix("Checksum")
    assert done[f"Checksum{name}"] == ALGORITHMS[name].of(b"".join(DATA))
    assert done["ChecksumType"] == "FULL_OBJECT"


def test_parts_of_different_checksums_have_none_together(s3: S3Desk) -> None:
    begun = s3("CreateMultipartUpload", Key="big")
    done = s3("CompleteMultipartUpload", **send(s3, begun, ["ChecksumCRC32", "ChecksumSHA1"]))
    assert not [name for name in done if name.startswith("Checksum")]


def test_a_part_with_another_checksum_is_refused(s3: S3Desk) -> None:
    upload_id = s3("CreateMultipartUpload", Key="big", ChecksumAlgorithm="SHA256")["UploadId"]
    error = s3.refusal(
        "UploadPart",
        Key="big",
        UploadId=upload_id,
        PartNumber=1,
        Body=io.BytesIO(b"x"),
        ChecksumCRC32=ALGORITHMS["CRC32"].of(b"x"),
    )
    assert "expected checksum Type: sha256, actual checksum Type: crc32" in error.message
    assert s3("ListParts", Key="big", UploadId=upload_id)["Parts"] == []


def test_what_is_not_known_is_refused(s3: S3Desk) -> None:
    unknown = s3.refusal("CreateMultipartUpload", Key="big", ChecksumAlgorithm="MD4")
    assert (unknown.code, unknown.status) == ("InvalidRequest", 400)
    assert unknown.message.startswith("Checksum algorithm provided is unsupported.")
    assert unknown.message.endswith(
        "[CRC32, CRC32C, CRC64NVME, MD5, SHA1, SHA256, SHA512, XXHASH128, XXHASH3, XXHASH64]"
    )
    assert s3.refusal("CreateMultipartUpload", Key="big", ChecksumType="COMPOSITE").code == "InvalidRequest"
    s3.put("src", b"x")
    error = s3.refusal("CopyObject", Key="copy", CopySource="box/src", ChecksumAlgorithm="MD4")
    assert error.message == unknown.message


def test_a_copy_may_have_another_checksum(s3: S3Desk) -> None:
    s3.put("src", b"x")
    copied = s3("CopyObject", Key="copy", CopySource="box/src", ChecksumAlgorithm="SHA1")
    assert copied["CopyObjectResult"]["ChecksumSHA1"] == ALGORITHMS["SHA1"].of(b"x")
    assert "ChecksumCRC64NVME" not in copied["CopyObjectResult"]
