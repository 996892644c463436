"""What clients declare of a body is compared with it."""

import base64
import hashlib
import io
import zlib
from typing import Any

import pytest

from clary.core.checksum import ALGORITHMS, Algorithm
from clary.core.errors import ClaryError
from clary.wire.http import RequestHead
from clary.wire.payload import Payload, decoded, is_chunked

BODY = b"hello world"
CRC32 = base64.b64encode(zlib.crc32(BODY).to_bytes(4, "big")).decode()
GOOD = {
    "x-amz-content-sha256": hashlib.sha256(BODY).hexdigest(),
    "content-md5": base64.b64encode(hashlib.md5(BODY).digest()).decode(),
    "x-amz-checksum-crc32": CRC32,
    "x-amz-checksum-sha1": base64.b64encode(hashlib.sha1(BODY).digest()).decode(),
    "x-amz-checksum-sha256": base64.b64encode(hashlib.sha256(BODY).digest()).decode(),
    "content-length": str(len(BODY)),
}


def _payload(headers: dict[str, str], body: bytes = BODY) -> Payload:
    return Payload(RequestHead("PUT", "/b/k", "", headers), io.BytesIO(body))


@pytest.mark.parametrize("algorithm", ALGORITHMS.values(), ids=ALGORITHMS)
def test_everything_declared_holds(algorithm: Algorithm) -> None:
    common = {name: text for name, text in GOOD.items() if not name.startswith("x-amz-checksum-")}
    payload = _payload(common | {algorithm.header: algorithm.of(BODY)})
    assert payload.promised == {algorithm.member}
    assert payload.read() == BODY
    assert payload.checksums == {algorithm.member: algorithm.of(BODY)}


@pytest.mark.parametrize("algorithm", ALGORITHMS.values(), ids=ALGORITHMS)
@pytest.mark.parametrize("trailing", [True, False])
def test_each_checksum_is_checked(algorithm: Algorithm, trailing: bool) -> None:
    wrong = algorithm.of(b"hello worle")
    body = BODY
    headers = {algorithm.header: wrong}
    if trailing:
        headers = {
            "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            "x-amz-decoded-content-length": "11",
            "x-amz-trailer": algorithm.header,
        }
        body = f"b\r\nhello world\r\n0\r\n{algorithm.header}:{wrong}\r\n\r\n".encode()
    with pytest.raises(ClaryError) as caught:
        _payload(headers, body).read()
    assert caught.value.code == "BadDigest"
    assert (
        caught.value.message == f"The {algorithm.name} you specified did not match the calculated checksum."
    )


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"x-amz-checksum-crc32": "short"}, "InvalidRequest"),
        ({"x-amz-checksum-crc32": "!" * 8}, "InvalidRequest"),
        ({"content-md5": "AAAA"}, "InvalidDigest"),
        (
            {"x-amz-checksum-crc32": CRC32, "x-amz-checksum-sha1": GOOD["x-amz-checksum-sha1"]},
            "InvalidRequest",
        ),
        ({"x-amz-checksum-md4": "AAAAAAAAAAA="}, "InvalidRequest"),
        ({"x-amz-trailer": "x-amz-checksum-md4"}, "InvalidRequest"),
        ({"x-amz-trailer": "x-amz-meta-late"}, "InvalidRequest"),
    ],
)
def test_checksums_that_cannot_be_checked_are_refused(headers: dict[str, str], code: str) -> None:
    with pytest.raises(ClaryError) as caught:
        _payload(headers)
    assert caught.value.code == code


def test_checksums_of_something_else_are_left_alone() -> None:
    head = RequestHead("POST", "/b/k", "uploadId=7", {"x-amz-checksum-crc32": "AAAAAA=="})
    assert Payload(head, io.BytesIO(BODY), about_body=False).read() == BODY
    about = {"x-amz-checksum-mode": "ENABLED", "x-amz-checksum-type": "FULL_OBJECT"}
    assert _payload(about).read() == BODY


@pytest.mark.parametrize("name", [name for name in GOOD if name != "content-length"])
@pytest.mark.parametrize("known_length", [True, False])
def test_each_declaration_is_checked(name: str, known_length: bool) -> None:
    headers = {name: GOOD[name]} | ({"content-length": str(len(BODY))} if known_length else {})
    payload = _payload(headers, b"hello worle")
    with pytest.raises(ClaryError) as caught:
        payload.read()
    assert caught.value.code == (
        "XAmzContentSHA256Mismatch" if name == "x-amz-content-sha256" else "BadDigest"
    )


def test_the_last_byte_of_a_wrong_body_is_never_given_out() -> None:
    payload = _payload({"content-length": "11", "x-amz-checksum-crc32": "AAAAAA=="})
    assert payload.read(10) == BODY[:10]
    with pytest.raises(ClaryError):
        payload.read(1)


@pytest.mark.parametrize("length", [10, 12])
def test_the_length_is_checked(length: int) -> None:
    with pytest.raises(ClaryError) as caught:
        _payload({"content-length": str(length)}).read()
    assert caught.value.code == "IncompleteBody"


@pytest.mark.parametrize("trailer", [CRC32, "AAAAAA=="])
def test_trailing_checksums(trailer: str) -> None:
    headers = {
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x-amz-decoded-content-length": "11",
        "x-amz-trailer": "x-amz-checksum-crc32",
        "content-encoding": "aws-chunked",
    }
    payload = _payload(headers, f"b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:{trailer}\r\n\r\n".encode())
    if trailer == CRC32:
        assert payload.read() == BODY
        assert payload.checksums == {"ChecksumCRC32": CRC32}
    else:
        with pytest.raises(ClaryError) as caught:
            payload.read()
        assert caught.value.code == "BadDigest"


@pytest.mark.parametrize(
    ("encoding", "left"),
    [("aws-chunked", None), ("aws-chunked,gzip", "gzip"), ("gzip, aws-chunked", "gzip"), ("", None)],
)
def test_the_head_of_a_decoded_request(encoding: str, left: str | None) -> None:
    headers = {
        "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "content-encoding": encoding,
        "content-length": "100",
        "x-amz-decoded-content-length": "5",
    }
    head = decoded(RequestHead("PUT", "/b/k", "", headers))
    assert head.headers.get("content-encoding") == left
    assert head.header("content-length") == "5"


def test_a_plain_head_stays() -> None:
    head = RequestHead("PUT", "/b/k", "", GOOD)
    assert decoded(head) is head
    assert not is_chunked(head)


def test_clients_hear_of_a_wrong_body(client: Any, loopback: Any) -> None:
    s3 = client("s3")
    url = s3.generate_presigned_url("put_object", Params={"Bucket": "b", "Key": "k"})
    headers = {"content-length": "3", "content-md5": GOOD["content-md5"]}
    status, _, body = loopback.exchange("PUT", url, headers, b"abc")
    assert status == 403  # Version 2 signs the digest of the body too
    url = client("s3", signature_version="s3v4").generate_presigned_url(
        "put_object", Params={"Bucket": "b", "Key": "k"}
    )
    status, _, body = loopback.exchange("PUT", url, headers, b"abc")
    assert status == 400
    assert b"<Code>BadDigest</Code>" in body
