"""HTTP messages: the head of a request, the heads the gateway writes, errors in the service's form."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from clary.core.errors import ClaryError

Lines = Sequence[bytes]
"""The headers of a message, ``Name: value`` each, in the order and spelling they arrived in."""

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LAST_CHUNK = b"0\r\n\r\n"

_HOP_BY_HOP = frozenset(
    (
        b"connection",
        b"expect",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    )
)
_STATUS_LINES = {
    status.value: b"HTTP/1.1 %d %s\r\n" % (status.value, status.phrase.encode()) for status in HTTPStatus
}


@dataclass(slots=True)
class Request:
    """The head of a client's request; ``fields`` is what ``fields_of`` makes of its lines, ``headers``."""

    method: bytes
    target: bytes
    headers: bytes
    fields: dict[str, str]
    keep_alive: bool
    http10: bool

    @property
    def lines(self) -> Lines:
        """The header lines; they are told apart when somebody asks, which no invocation does."""
        return self.headers.split(b"\r\n") if self.headers else []

    @property
    def chunked(self) -> bool:
        """Whether the body arrives in chunks, its length unknown."""
        return "transfer-encoding" in self.fields

    @property
    def content_length(self) -> int:
        """The announced length of the body in bytes; 0 where none is announced."""
        return int(self.fields.get("content-length", "0"))

    @property
    def expects_continue(self) -> bool:
        """Whether the client holds its body back until it is told to go on."""
        return not self.http10 and self.fields.get("expect", "").lower() == "100-continue"

    @property
    def connection(self) -> bytes:
        """The header line, possibly none, that tells the client whether the connection stays open."""
        if not self.keep_alive:
            return b"connection: close\r\n"
        return b"connection: keep-alive\r\n" if self.http10 else b""


def fields_of(lines: Lines) -> dict[str, str]:
    """Return the headers as text by lower-case name; the values of a repeated name are joined by commas.

    The text is Latin-1, so that encoding it again gives the bytes that were sent.
    """
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.decode("latin-1").partition(": ")
        field = name.lower()
        fields[field] = f"{fields[field]},{value}" if field in fields else value
    return fields


def end_to_end(lines: Lines) -> list[bytes]:
    """Return the header lines that pass a proxy: all but those that concern one connection only."""
    named = [line.partition(b":") for line in lines]
    dropped = _HOP_BY_HOP.union(
        token.strip().lower()
        for name, _, value in named
        if name.lower() == b"connection"
        for token in value.split(b",")
    )
    # What frames the message or addresses it is not the client's to hide from the next hop.
    dropped -= {b"content-length", b"host"}
    return [line for line, (name, _, _) in zip(lines, named, strict=True) if name.lower() not in dropped]


def joined(lines: Lines) -> bytes:
    """Return ``lines`` as they stand in a message, each with its end."""
    return b"\r\n".join((*lines, b"")) if lines else b""


def status_line(status: int, reason: bytes = b"") -> bytes:
    """Return the first line of a response; ``reason`` defaults to the registered phrase."""
    if reason or status not in _STATUS_LINES:
        return b"HTTP/1.1 %d %s\r\n" % (status, reason)
    return _STATUS_LINES[status]


def chunk(data: bytes) -> bytes:
    """Return ``data``, which is not empty, as one chunk of a chunked body."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def answer(status: int, lines: Iterable[bytes], body: bytes, *, bodiless: bool = False) -> bytes:
    """Return a whole response; ``bodiless`` keeps the length but leaves the body out, as for HEAD."""
    head = b"%s%scontent-length: %d\r\n\r\n" % (status_line(status), b"".join(lines), len(body))
    return head if bodiless else head + body


def error_answer(error: ClaryError, lines: Iterable[bytes], *, bodiless: bool = False) -> bytes:
    """Return ``error`` as a whole JSON response that clients of either JSON protocol understand."""
    body = {"__type": error.code, "message": error.message, "Message": error.message, **error.details}
    kind = (
        b"content-type: application/json\r\nx-amzn-errortype: %s\r\n" % error.code.encode("ascii", "replace"),
    )
    return answer(error.status, (*kind, *lines), json.dumps(body).encode(), bodiless=bodiless)
