"""The heads of plain messages, read and written in one go, without the parser's callbacks.

Plain is a message that arrived whole, with one content length and nothing that is out of the ordinary.

What is read here is a strict subset of what the parser takes, and the same comes of it (a test holds both
against each other); for whatever is not plain, the answer is None and the parser is asked. A client sends
most of its header lines again with each request, so that lines are remembered together with what they say.

``native/heads.c`` does the same in C. What uses these functions takes them from ``native``.
"""

import re
from functools import lru_cache

from clary.gateway.message import Lines, joined

_SAGEMAKER = "x-amzn-sagemaker-"
_MOST = 1024
"""Lines that are remembered, each of at most ``_LONGEST`` bytes."""
_LONGEST = 256

_TEXT = bytes(range(0x20, 0x7F))
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}").fullmatch
_LENGTH = re.compile(r"0|[1-9][0-9]{0,15}").fullmatch
_REQUEST_LINE = re.compile(rb"POST (/[!-\"$-~]*) HTTP/1\.1").fullmatch
_STATUS_LINE = re.compile(rb"HTTP/1\.1 ([2-5]\d\d)(?: ([\t -~]*))?").fullmatch

_FRAMING = frozenset(("expect", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"))
"""Fields that make a message less than plain; so does ``connection``, unless it says keep-alive."""
_FLEETING = frozenset(("authorization", "amz-sdk-invocation-id", "x-amz-security-token"))
"""Fields whose lines never come again, or hold what is not to be kept."""


class _NotPlainError(Exception):
    """The message is one for the parser."""


class _Fields(dict[bytes, tuple[str, str]]):
    """Header lines and what they say: the lower-case name and the value."""

    def __missing__(self, line: bytes) -> tuple[str, str]:
        if line.translate(None, _TEXT):
            raise _NotPlainError
        name, colon, value = line.decode("ascii").partition(": ")
        field = _field(name)
        if not (colon and field) or value != value.strip(" "):
            raise _NotPlainError
        if field == "connection" and value.lower() != "keep-alive":
            raise _NotPlainError
        if field not in _FLEETING and len(line) <= _LONGEST:
            if len(self) >= _MOST:
                self.clear()
            self[line] = field, value
        return field, value


_read_line = _Fields().__getitem__


def request(data: bytes) -> tuple[bytes, bytes, dict[str, str], bytes] | None:
    """Return target, headers, fields and body of the request that ``data`` is.

    None unless ``data`` is one POST, whole and plain.
    """
    read = _read(data) if data.startswith(b"POST ") else None
    if read is None:
        return None
    first, lines, fields, body, rest = read
    headers = b"\r\n".join(lines)
    target = _target(first)
    return None if target is None or rest else (target, headers, fields, body)


def answer(data: bytes) -> tuple[int, bytes, Lines, bytes, bytes] | None:
    """Return status, reason, header lines and body of the response at the start of ``data``, and the rest.

    None where it is not whole and plain.
    """
    read = _read(data)
    if read is None:
        return None
    first, lines, _, body, rest = read
    status, reason = _status(first)
    return (status, reason, lines, body, rest) if status else None


def order(fields: dict[str, str], body: bytes) -> bytes:
    """Return the request for a model: its client's ``body`` and those of the ``fields`` that it sees."""
    lines = "".join([f"{field}: {fields[field]}\r\n" for field in forwarded(tuple(fields))])
    return b"POST /invocations HTTP/1.1\r\nhost: localhost\r\n%scontent-length: %d\r\n\r\n%s" % (
        lines.encode("latin-1"),
        len(body),
        body,
    )


def reply(lines: Lines, said: bytes, body: bytes) -> bytes:
    """Return the response for a client: its model's ``body``, those of its model's ``lines`` that it sees.

    ``said`` is what the gateway says besides, whole lines.
    """
    passing = joined([line for line in lines if returned(line)])
    return b"HTTP/1.1 200 OK\r\n%s%scontent-length: %d\r\n\r\n%s" % (passing, said, len(body), body)


@lru_cache(maxsize=256)
def forwarded(fields: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of its client's headers that a model gets to see."""
    return tuple(
        field for field in fields if field in ("content-type", "accept") or field.startswith(_SAGEMAKER)
    )


@lru_cache(maxsize=256)
def returned(line: bytes) -> bool:
    """Return whether a client gets to see its model's header ``line``."""
    name = line.partition(b":")[0].lower()
    return name == b"content-type" or name.startswith(_SAGEMAKER.encode())


def _read(data: bytes) -> tuple[bytes, Lines, dict[str, str], bytes, bytes] | None:
    """Return a message's first line, header lines, fields and body, and what is behind it."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    first, *lines = data[:end].split(b"\r\n")
    try:
        fields = dict(map(_read_line, lines))
    except _NotPlainError:
        return None
    body = data[end + 4 :]
    length = fields.get("content-length")
    if len(fields) != len(lines) or length is None:
        return None
    if length == str(len(body)):
        return first, lines, fields, body, b""
    if not _LENGTH(length) or (size := int(length)) > len(body):
        return None
    return first, lines, fields, body[:size], body[size:]


@lru_cache(maxsize=256)
def _field(name: str) -> str:
    """Return the field called ``name``; nothing where that is no name, or one that only the parser knows."""
    field = name.lower()
    return "" if _NAME(name) is None or field in _FRAMING else field


@lru_cache(maxsize=256)
def _target(line: bytes) -> bytes | None:
    match = _REQUEST_LINE(line)
    return None if match is None else match[1]


@lru_cache(maxsize=64)
def _status(line: bytes) -> tuple[int, bytes]:
    match = _STATUS_LINE(line)
    status = 0 if match is None else int(match[1])
    if match is None or status in (204, 304):
        return 0, b""
    return status, match[2] or b""
