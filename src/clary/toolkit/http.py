"""HTTP/1.1 for one model: parsed by httptools, answered in the order asked, one thread."""

import asyncio
from collections import deque
from collections.abc import Iterator
from http import HTTPStatus
from typing import cast

import httptools

from clary.toolkit.answer import Answer, Handler
from clary.toolkit.request import Request

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_STATUS_LINES: dict[int, bytes] = {
    status: f"HTTP/1.1 {status} {status.phrase}\r\n".encode() for status in HTTPStatus
}


class Connections:
    """The open connections of a server, so that it can end after the last request in flight."""

    def __init__(self) -> None:
        self.closing = False
        self.empty = asyncio.Event()
        self.empty.set()
        self._open: set[HttpProtocol] = set()

    def add(self, connection: "HttpProtocol") -> None:
        """Count a connection in."""
        self._open.add(connection)
        self.empty.clear()

    def discard(self, connection: "HttpProtocol") -> None:
        """Count a connection out."""
        self._open.discard(connection)
        if not self._open:
            self.empty.set()

    def close_idle(self) -> None:
        """Close every connection that waits for a request; the others close after their answer."""
        self.closing = True
        for connection in list(self._open):
            connection.close_if_idle()


class HttpProtocol(asyncio.Protocol):
    """One connection: keep-alive, pipelining, chunked bodies, at most ``limit`` bytes of body."""

    def __init__(self, handler: Handler, limit: int, connections: Connections) -> None:
        self._handler = handler
        self._limit = limit
        self._connections = connections
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport = _UNCONNECTED
        self._waiting: deque[tuple[Request, bool]] = deque()
        self._stream: Iterator[bytes] | None = None  # what is being sent, piece by piece
        self._clogged = False  # the client does not read
        self._idle = True
        self._reset()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """End."""
        self._stream = None
        self._waiting.clear()
        self._connections.discard(self)

    def pause_writing(self) -> None:
        """Make no more pieces: the client does not read."""
        self._clogged = True

    def resume_writing(self) -> None:
        """Go on."""
        self._clogged = False
        if self._stream is not None:
            self._go_on()

    def data_received(self, data: bytes) -> None:
        """Answer every request that ``data`` completes."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._refuse(HTTPStatus.BAD_REQUEST, "This server does not upgrade connections.")
        except httptools.HttpParserError as error:
            self._refuse(HTTPStatus.BAD_REQUEST, f"The request is not HTTP/1.1: {error}.")

    def close_if_idle(self) -> None:
        """Close unless a request has begun or is being answered."""
        if self._idle and self._stream is None:
            self._transport.close()

    # What httptools calls.

    def on_message_begin(self) -> None:
        """Start a request."""
        self._idle = False

    def on_url(self, url: bytes) -> None:
        """Take the path; it may come in pieces."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        """Refuse a body that is announced as too large; invite one that waits to be."""
        length = self._headers.get(b"content-length", b"0")
        if int(length) > self._limit:
            self._refuse_size()
        elif self._headers.get(b"expect", b"").lower() == b"100-continue":
            self._transport.write(_CONTINUE)

    def on_body(self, piece: bytes) -> None:
        """Take a piece of the body."""
        self._size += len(piece)
        if self._size > self._limit:
            self._refuse_size()
        else:
            self._pieces.append(piece)

    def on_message_complete(self) -> None:
        """Answer, after the requests before it."""
        headers = self._headers
        request = Request(
            self._parser.get_method().decode("latin-1"),
            self._url.partition(b"?")[0].decode("latin-1"),
            headers.get(b"content-type", b"").decode("latin-1"),
            headers.get(b"accept", b"").decode("latin-1"),
            self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces),
        )
        self._waiting.append((request, self._parser.should_keep_alive()))
        self._reset()
        self._answer_next()

    def _answer_next(self) -> None:
        while self._waiting and self._stream is None and not self._transport.is_closing():
            request, keep = self._waiting.popleft()
            keep = keep and not self._connections.closing
            answer = self._handler(request)
            if isinstance(answer.body, bytes):
                self._write(answer, answer.body, keep=keep)
            elif keep:
                self._begin(answer, answer.body)
            else:
                self._write(answer, b"".join(answer.body), keep=False)

    def _begin(self, answer: Answer, pieces: Iterator[bytes]) -> None:
        self._transport.write(_head(answer) + b"Transfer-Encoding: chunked\r\n\r\n")
        self._stream = pieces
        self._go_on()

    def _go_on(self) -> None:
        """Send a piece, and the next one when others had their turn."""
        if self._stream is None or self._clogged or self._transport.is_closing():
            return
        try:
            piece = next(self._stream, b"")
        except Exception:
            self._transport.abort()  # nothing else tells the client that the rest is missing
            raise
        self._transport.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        if piece:
            asyncio.get_running_loop().call_soon(self._go_on)
            return
        self._stream = None
        if self._connections.closing:
            self._transport.close()
        self._answer_next()

    def _reset(self) -> None:
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._pieces: list[bytes] = []
        self._size = 0
        self._idle = True

    def _write(self, answer: Answer, body: bytes, *, keep: bool) -> None:
        closing = b"" if keep else b"Connection: close\r\n"
        self._transport.write(b"%bContent-Length: %d\r\n%b\r\n%b" % (_head(answer), len(body), closing, body))
        if not keep:
            self._transport.close()

    def _refuse_size(self) -> None:
        self._refuse(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The request body is larger than {self._limit} bytes; send fewer rows at a time.",
        )

    def _refuse(self, status: HTTPStatus, reason: str) -> None:
        if not self._transport.is_closing():
            body = reason.encode()
            self._write(Answer(body, status=status), body, keep=False)


def _head(answer: Answer) -> bytes:
    """Return the lines that every answer's head begins with.

    They say that requests are answered one after another, so that a proxy may send all on one connection.
    """
    return b"%bX-Clary-Concurrency: 1\r\nContent-Type: %b\r\n" % (
        _STATUS_LINES[answer.status],
        answer.content_type.encode(),
    )


_UNCONNECTED = asyncio.Transport()
