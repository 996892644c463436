"""A request's payload, decoded and compared with what the client declared of it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from clary.core import checksum
from clary.core.checksum import ALGORITHMS, Checksum
from clary.core.errors import ClaryError
from clary.core.exchange import Source
from clary.wire.chunked import ChunkedSource, ChunkSignatures
from clary.wire.http import RequestHead

_STREAMING = "STREAMING-"
_SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
_HEX_LENGTH = 64
_PIECE = 256 * 1024
_MD5 = "content-md5"
_BY_HEADER = {algorithm.header: algorithm for algorithm in ALGORITHMS.values()}
_PREFIX = "x-amz-checksum-"
_ABOUT = frozenset({"x-amz-checksum-algorithm", "x-amz-checksum-mode", "x-amz-checksum-type"})
"""Headers that tell of checksums and are none."""


def decoded(head: RequestHead) -> RequestHead:
    """Return the head of the request as if its body had not been sent in ``aws-chunked``."""
    if not is_chunked(head):
        return head
    codings = (coding.strip() for coding in head.header("content-encoding").split(","))
    kept = ",".join(coding for coding in codings if coding and coding != "aws-chunked")
    headers = {
        name: value
        for name, value in head.headers.items()
        if name not in ("content-encoding", "content-length", "transfer-encoding")
    }
    if kept:
        headers["content-encoding"] = kept
    if "x-amz-decoded-content-length" in head.headers:
        headers["content-length"] = head.header("x-amz-decoded-content-length")
    return replace(head, headers=headers)


def is_chunked(head: RequestHead) -> bool:
    """Tell whether the body is in ``aws-chunked``."""
    return head.header("x-amz-content-sha256").startswith(_STREAMING)


def is_signed_in_chunks(head: RequestHead) -> bool:
    """Tell whether each chunk of the body carries a signature."""
    return head.header("x-amz-content-sha256").startswith(_SIGNED)


class Payload:
    """The body of an S3 request: a ``Source`` that checks everything declared of it at its end.

    ``checksums`` has, after the last byte was read, the checksums the client sent, by their names in S3's
    shapes; ``promised`` tells which those will be. ``read`` raises ClaryError (XAmzContentSHA256Mismatch,
    BadDigest, IncompleteBody) in place of the last bytes when they do not agree.

    With ``about_body`` false the checksums in the head are of something else, as those of a multipart
    upload's completion are, which is in the body.
    """

    def __init__(
        self,
        head: RequestHead,
        raw: Source,
        signatures: ChunkSignatures | None = None,
        about_body: bool = True,
    ) -> None:
        self.checksums: dict[str, str] = {}
        self._chunked = ChunkedSource(raw, signatures) if is_chunked(head) else None
        self._source: Source = self._chunked or raw
        self._declared = _declared(head) if about_body else {}
        self._under_way = _begun((*self._declared, *_announced(head)))
        self.promised = frozenset(_BY_HEADER[name].member for name in self._under_way if name != _MD5)
        digest = head.header("x-amz-content-sha256")
        self._digest = digest if len(digest) == _HEX_LENGTH else ""
        self._hash = hashlib.sha256()
        self._left = _length(decoded(head))
        self._checked = False

    def read(self, size: int = -1) -> bytes:
        """Return at most ``size`` bytes, or all that is left, and b"" at the end."""
        if size >= 0:
            return self._piece(size)
        return b"".join(iter(lambda: self._piece(_PIECE), b""))

    def _piece(self, size: int) -> bytes:
        piece = self._source.read(size)
        if self._digest:
            self._hash.update(piece)
        for check in self._under_way.values():
            check.update(piece)
        if self._left is not None:
            self._left -= len(piece)
        # Whoever knows the length may not ask for the end, so the last byte is not given out unchecked.
        if self._left == 0 or (size and not piece):
            self._finish()
        return piece

    def _finish(self) -> None:
        if self._checked:
            return
        if self._left or self._source.read(1):
            raise ClaryError("IncompleteBody", "The body is not as long as its declared length.")
        self._check()
        self._checked = True

    def _check(self) -> None:
        if self._digest and self._hash.hexdigest() != self._digest:
            raise ClaryError(
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
                ClientComputedContentSHA256=self._digest,
                S3ComputedContentSHA256=self._hash.hexdigest(),
            )
        declared = {**self._declared, **(self._chunked.trailers if self._chunked else {})}
        for name, check in self._under_way.items():
            if name in declared and declared[name] != checksum.encoded(check):
                raise _mismatch(name)
        self.checksums = {
            algorithm.member: declared[name] for name, algorithm in _BY_HEADER.items() if name in declared
        }


def _declared(head: RequestHead) -> Mapping[str, str]:
    """Return what the head says of the body; raises ClaryError for what cannot be true or is not known."""
    sums = [name for name in head.headers if name.startswith(_PREFIX) and name not in _ABOUT]
    for name in sums:
        if name not in _BY_HEADER:
            raise ClaryError(
                "InvalidRequest", "The algorithm type you specified in x-amz-checksum- header is invalid."
            )
        if not _BY_HEADER[name].accepts(head.header(name)):
            raise ClaryError("InvalidRequest", f"Value for {name} header is invalid.")
    if len(sums) > 1:
        raise ClaryError(
            "InvalidRequest",
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        )
    if _MD5 in head.headers and not ALGORITHMS["MD5"].accepts(head.header(_MD5)):
        raise ClaryError("InvalidDigest", "The Content-MD5 you specified was invalid.")
    return {name: head.header(name) for name in (*sums, _MD5) if name in head.headers}


def _mismatch(name: str) -> ClaryError:
    if name == _MD5:
        return ClaryError("BadDigest", "The Content-MD5 you specified did not match what we received.")
    said = _BY_HEADER[name].name
    return ClaryError("BadDigest", f"The {said} you specified did not match the calculated checksum.")


def _announced(head: RequestHead) -> Sequence[str]:
    """Return the checksums that are to follow the body; raises ClaryError for what no trailer can be."""
    text = head.header("x-amz-trailer")
    names = [name.strip().lower() for name in text.split(",")] if text else []
    if not set(names) <= set(_BY_HEADER):
        raise ClaryError("InvalidRequest", "The value specified in the x-amz-trailer header is not supported")
    return names


def _begun(names: Iterable[str]) -> dict[str, Checksum]:
    return {
        name: hashlib.md5(usedforsecurity=False) if name == _MD5 else _BY_HEADER[name].begin()
        for name in names
    }


def _length(head: RequestHead) -> int | None:
    text = head.header("content-length")
    return int(text) if text.isascii() and text.isdigit() else None
