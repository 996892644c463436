"""Listings of uploads and parts: pages, prefixes and markers."""

from clary.core.exchange import Document
from tests.services.s3.conftest import S3Desk


def begin(s3: S3Desk, key: str) -> str:
    upload_id: str = s3("CreateMultipartUpload", Key=key, ChecksumAlgorithm="CRC32")["UploadId"]
    return upload_id


def found(output: Document) -> list[tuple[str, str]]:
    return [(upload["Key"], upload["UploadId"]) for upload in output["Uploads"]]


def test_parts_are_listed_in_pages_by_number(s3: S3Desk) -> None:
    upload_id = begin(s3, "big")
    for number in (30, 4, 1):
        s3.put_part(upload_id, number, b"x" * number)
    first = s3("ListParts", Key="big", UploadId=upload_id, MaxParts=2)
    assert [(part["PartNumber"], part["Size"]) for part in first["Parts"]] == [(1, 1), (4, 4)]
    assert (first["IsTruncated"], first["NextPartNumberMarker"], first["MaxParts"]) == (True, 4, 2)
    assert (first["ChecksumAlgorithm"], first["StorageClass"]) == ("CRC32", "STANDARD")
    rest = s3("ListParts", Key="big", UploadId=upload_id, PartNumberMarker=4)
    assert [part["PartNumber"] for part in rest["Parts"]] == [30]
    assert not rest["IsTruncated"]
    assert first["Owner"] == first["Initiator"] == s3("ListBuckets")["Owner"]


def test_uploads_are_listed_by_key_and_then_by_age(s3: S3Desk) -> None:
    uploads = [("b", begin(s3, "b")), ("a", begin(s3, "a")), ("b", begin(s3, "b"))]
    output = s3("ListMultipartUploads")
    assert found(output) == [uploads[1], uploads[0], uploads[2]]
    assert not output["IsTruncated"]
    assert output["Uploads"][0]["ChecksumAlgorithm"] == "CRC32"


def test_pages_of_uploads_go_on_behind_the_last(s3: S3Desk) -> None:
    for key in ("b", "a", "b", "b", "é"):
        begin(s3, key)
    everything = found(s3("ListMultipartUploads"))
    seen = []
    place: Document = {}
    while True:
        output = s3("ListMultipartUploads", MaxUploads=2, **place)
        seen += found(output)
        if not output["IsTruncated"]:
            break
        place = {"KeyMarker": output["NextKeyMarker"], "UploadIdMarker": output["NextUploadIdMarker"]}
    assert seen == everything
    assert [key for key, _ in found(s3("ListMultipartUploads", KeyMarker="b"))] == ["é"]


def test_uploads_are_gathered_by_a_delimiter(s3: S3Desk) -> None:
    for key in ("a/1", "a/2", "b", "c/1"):
        begin(s3, key)
    output = s3("ListMultipartUploads", Delimiter="/")
    assert output["CommonPrefixes"] == [{"Prefix": "a/"}, {"Prefix": "c/"}]
    assert [key for key, _ in found(output)] == ["b"]
    first = s3("ListMultipartUploads", Delimiter="/", MaxUploads=1)
    assert (first["CommonPrefixes"], first["NextKeyMarker"]) == ([{"Prefix": "a/"}], "a/")
    rest = s3("ListMultipartUploads", Delimiter="/", KeyMarker="a/")
    assert rest["CommonPrefixes"] == [{"Prefix": "c/"}]
    inner = s3("ListMultipartUploads", Prefix="a/", EncodingType="url", KeyMarker="a/1")
    assert [key for key, _ in found(inner)] == ["a/2"]
