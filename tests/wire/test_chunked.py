"""``aws-chunked`` bodies, whole and broken, signed and not."""

import hmac
import io
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clary.core.errors import ClaryError
from clary.wire.chunked import ChunkedSource, ChunkSignatures

KEY, STAMP, SCOPE, SEED = b"key", "20260101T000000Z", "20260101/us-east-1/s3/aws4_request", "0" * 64


class Dripping:
    """A source that gives no more than ``most`` bytes at once."""

    def __init__(self, content: bytes, most: int) -> None:
        self._file = io.BytesIO(content)
        self._most = most

    def read(self, size: int = -1) -> bytes:
        return self._file.read(self._most if size < 0 else min(size, self._most))


def _encode(parts: list[bytes], trailers: str = "x-amz-checksum-crc32:AAAA\r\n") -> bytes:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts if part)
    return chunks + b"0\r\n" + trailers.encode() + b"\r\n"


def _sign(text: str) -> str:
    return hmac.digest(KEY, text.encode(), "sha256").hex()


def _signed(parts: list[bytes], trailer: str = "") -> bytes:
    encoded, previous = b"", SEED
    for part in [*parts, b""]:
        digests = f"{sha256(b'').hexdigest()}\n{sha256(part).hexdigest()}"
        previous = _sign(f"AWS4-HMAC-SHA256-PAYLOAD\n{STAMP}\n{SCOPE}\n{previous}\n{digests}")
        encoded += (
            f"{len(part):x};chunk-signature={previous}\r\n".encode() + part + (b"\r\n" if part else b"")
        )
    if trailer:
        digest = sha256(f"{trailer}\n".encode()).hexdigest()
        signature = _sign(f"AWS4-HMAC-SHA256-TRAILER\n{STAMP}\n{SCOPE}\n{previous}\n{digest}")
        encoded += f"{trailer}\r\nx-amz-trailer-signature:{signature}\r\n".encode()
    return encoded + b"\r\n"


def _signatures() -> ChunkSignatures:
    return ChunkSignatures(KEY, STAMP, SCOPE, SEED)


@given(st.lists(st.binary(max_size=40), max_size=5), st.integers(1, 50), st.integers(1, 50))
def test_any_cut_decodes(parts: list[bytes], most: int, size: int) -> None:
    source = ChunkedSource(Dripping(_encode(parts), most))
    assert b"".join(iter(lambda: source.read(size), b"")) == b"".join(parts)
    assert source.trailers == {"x-amz-checksum-crc32": "AAAA"}
    assert source.read() == b""


def test_all_at_once_and_without_a_last_line_end() -> None:
    source = ChunkedSource(io.BytesIO(b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n"))
    assert source.read() == b"hello"
    assert source.trailers == {"x-amz-checksum-crc32": "AAAA"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"5\r\nhel",
        b"5\r\nhello",
        b"5\r\nhello\r\n",
        b"5\r\nhello\r\n0",
        b"x\r\n",
        b"4\r\nhello\r\n0\r\n\r\n",
        b"-1\r\n",
        b"fffffffffff\r\n",
        b"0\r\n" + b"a:b\r\n" * 10_000,
        b"1" * 40_000,
    ],
)
def test_broken_bodies(body: bytes) -> None:
    with pytest.raises(ClaryError) as caught:
        ChunkedSource(io.BytesIO(body)).read()
    assert caught.value.code == "IncompleteBody"


@pytest.mark.parametrize("trailer", ["", "x-amz-checksum-crc32:AAAA"])
def test_signed_chunks(trailer: str) -> None:
    source = ChunkedSource(io.BytesIO(_signed([b"hello", b"world"], trailer)), _signatures())
    assert source.read(3) + source.read() == b"helloworld"
    assert bool(source.trailers) == bool(trailer)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"hello", b"hallo"),
        (b"AAAA", b"AAAB"),
        (b"signature:", b"other:"),
        (b";chunk-signature=", b"0;chunk-signature="),
    ],
)
def test_altered_chunks_are_refused(old: bytes, new: bytes) -> None:
    body = _signed([b"hello", b"world"], "x-amz-checksum-crc32:AAAA").replace(old, new, 1)
    with pytest.raises(ClaryError):
        ChunkedSource(io.BytesIO(body), _signatures()).read()


def test_unsigned_chunks_are_refused_where_signed_ones_are_due() -> None:
    with pytest.raises(ClaryError) as caught:
        ChunkedSource(io.BytesIO(_encode([b"hello"], "")), _signatures()).read()
    assert caught.value.code == "SignatureDoesNotMatch"
