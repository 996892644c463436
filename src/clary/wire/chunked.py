"""The ``aws-chunked`` encoding: a body in chunks that may be signed, with headers after its end."""

import hmac
import re
from hashlib import sha256

from clary.core.errors import ClaryError
from clary.core.exchange import Source

_LINE = 16 * 1024
_LARGEST = 1 << 32
_HEADER = re.compile(rb"([0-9a-fA-F]{1,16})(?:;chunk-signature=([0-9a-f]{64}))?")
_EMPTY = sha256(b"").hexdigest()


class ChunkSignatures:
    """The chain of signatures over the chunks of one upload; it begins with the request's own."""

    def __init__(self, key: bytes, timestamp: str, scope: str, seed: str) -> None:
        self._key = key
        self._prefix = f"{timestamp}\n{scope}"
        self._previous = seed

    def accepts(self, digest: str, signature: str) -> bool:
        """Tell whether ``signature`` is that of the next chunk, whose hex SHA-256 is ``digest``."""
        return self._check(
            f"AWS4-HMAC-SHA256-PAYLOAD\n{self._prefix}\n{self._previous}\n{_EMPTY}\n{digest}", signature
        )

    def accepts_trailer(self, trailer: bytes, signature: str) -> bool:
        """Tell whether ``signature`` is that of the trailing headers."""
        digest = sha256(trailer).hexdigest()
        return self._check(f"AWS4-HMAC-SHA256-TRAILER\n{self._prefix}\n{self._previous}\n{digest}", signature)

    def _check(self, text: str, signature: str) -> bool:
        expected = hmac.digest(self._key, text.encode(), "sha256").hex()
        self._previous = expected
        return hmac.compare_digest(expected, signature)


class ChunkedSource:
    """Decodes ``aws-chunked`` as it is read; ``trailers`` has the headers after the end, in lower case."""

    def __init__(self, raw: Source, signatures: ChunkSignatures | None = None) -> None:
        self.trailers: dict[str, str] = {}
        self._raw = raw
        self._signatures = signatures
        self._buffer = b""
        self._left = 0
        self._signature = ""
        self._hash = sha256()
        self._ended = False

    def read(self, size: int = -1) -> bytes:
        """Return decoded bytes; raises ClaryError when the encoding or a signature is wrong."""
        parts: list[bytes] = []
        while size != 0 and not self._ended:
            if self._left == 0:
                self._begin()
                continue
            part = self._take(self._left if size < 0 else min(size, self._left))
            self._left -= len(part)
            size = size if size < 0 else size - len(part)
            parts.append(part)
            if self._signatures is not None:
                self._hash.update(part)
            if self._left == 0:
                self._finish()
        return b"".join(parts)

    def _begin(self) -> None:
        header = _HEADER.fullmatch(self._line())
        if header is None or int(header[1], 16) > _LARGEST:
            raise _incomplete("a chunk's header is malformed")
        self._left = int(header[1], 16)
        self._signature = (header[2] or b"").decode("ascii")
        if self._left == 0:
            self._check_chunk()
            self._read_trailers()
            self._ended = True

    def _finish(self) -> None:
        if self._line():
            raise _incomplete("a chunk is longer than it says")
        self._check_chunk()

    def _check_chunk(self) -> None:
        if self._signatures is not None:
            if not self._signatures.accepts(self._hash.hexdigest(), self._signature):
                raise ClaryError(
                    "SignatureDoesNotMatch", "The signature of a chunk does not match its content.", 403
                )
            self._hash = sha256()

    def _read_trailers(self) -> None:
        signed, signature = b"", ""
        while line := self._line():
            name, _, value = (part.strip() for part in line.partition(b":"))
            if name.lower() == b"x-amz-trailer-signature":
                signature = value.decode("latin-1")
                continue
            signed += name.lower() + b":" + value + b"\n"
            self.trailers[name.decode("latin-1").lower()] = value.decode("latin-1")
            if len(signed) > _LINE:
                raise _incomplete("the trailers are too long")
        if (
            signed
            and self._signatures is not None
            and not self._signatures.accepts_trailer(signed, signature)
        ):
            raise ClaryError(
                "SignatureDoesNotMatch", "The signature of the trailers does not match them.", 403
            )

    def _line(self) -> bytes:
        """Return the bytes up to the next line end; the end of the body ends the last line."""
        while b"\r\n" not in self._buffer:
            more = self._raw.read(_LINE)
            if not more and self._ended_well():
                return b""
            if not more or len(self._buffer) > _LINE:
                raise _incomplete("it ends in the middle of a chunk")
            self._buffer += more
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line

    def _ended_well(self) -> bool:
        """Tell whether nothing but the empty line that some clients leave out is missing."""
        return not self._buffer and self._left == 0 and bool(self.trailers)

    def _take(self, size: int) -> bytes:
        if not self._buffer:
            self._buffer = self._raw.read(size)
            if not self._buffer:
                raise _incomplete("it ends in the middle of a chunk")
        part, self._buffer = self._buffer[:size], self._buffer[size:]
        return part


def _incomplete(why: str) -> ClaryError:
    return ClaryError("IncompleteBody", f"The aws-chunked body cannot be decoded: {why}.")
