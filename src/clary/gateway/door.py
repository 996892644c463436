"""The door: one client's connection, its requests parsed and handed on one at a time."""

import asyncio
import math
from collections import deque
from typing import cast

import httptools

from clary.core import clock
from clary.core.errors import ClaryError
from clary.gateway.lobby import Exchange, Lobby
from clary.gateway.message import CONTINUE, Request, error_answer, fields_of
from clary.gateway.native import heads

_LINGER = 2.0
"""Seconds for which a client that is still sending may read an answer that came before its request's end."""


class _Queued:
    """A pipelined request that waits for those before it."""

    __slots__ = ("complete", "pieces", "request")

    def __init__(self, request: Request) -> None:
        self.request = request
        self.pieces: list[bytes] = []
        self.complete = False

    def receive(self, data: bytes) -> None:
        self.pieces.append(data)

    def received(self) -> None:
        self.complete = True


class Door(asyncio.Protocol):
    """One client's connection.

    Requests are parsed as they arrive and served one after another, each by the exchange that
    ``lobby.dispatch`` opens for it. While a pipelined request waits, nothing more is read.
    """

    def __init__(self, lobby: Lobby) -> None:
        self.lobby = lobby
        self.deadline = math.inf
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._target = b""
        self._lines: list[bytes] = []
        self._in_head = True
        self._unparsed = 0  # bytes read since the parser last completed something
        self._request: Request | None = None
        self._exchange: Exchange | None = None  # what serves self._request
        self._receiver: Exchange | _Queued | None = None  # whose body arrives
        self._queue: deque[_Queued] = deque()
        self._advancing = False
        self._answering = False  # the answer has begun
        self._holding = False  # the exchange can take no more of the body
        self._paused = False
        self._clogged = False  # the client does not read
        self._deaf = False  # what still arrives is thrown away
        self._leaving = False  # close once nothing is under way

    # The transport's side.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the client in if there is room."""
        self._transport = cast("asyncio.Transport", transport)
        if self.lobby.full:
            error = ClaryError("ServiceUnavailable", "Too many connections are open; try again.", 503)
            self._transport.write(error_answer(error, (self.lobby.date, b"connection: close\r\n")))
            self._close()
            return
        self.lobby.enter(self)
        self.deadline = clock.monotonic() + self.lobby.limits.idle

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the reason changes nothing
        """Stop what is done for the client."""
        self._transport = None
        self._deaf = True
        self._queue.clear()
        self.lobby.leave(self)
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.cancel()

    def data_received(self, data: bytes) -> None:
        """Parse what came."""
        if self._deaf:
            return
        if not self._unparsed and self._exchange is None and len(data) <= self.lobby.limits.head:
            whole = heads.request(data)
            if whole is not None and len(whole[2]) <= self.lobby.limits.fields:
                self._serve(*whole)
                return
        self._unparsed += len(data)
        if not self._parse(data):
            return
        limits = self.lobby.limits
        if self._unparsed > limits.head:
            self._reject(ClaryError("RequestHeaderFieldsTooLarge", "The request's head is too large.", 431))
        elif self.receiving:
            if not self._holding:
                # Each byte buys time: neither silence nor a drip keeps a connection for long.
                self.deadline = min(self.deadline + len(data) / limits.pace, clock.monotonic() + limits.idle)
        elif self._exchange is None and 0 < self._unparsed == len(data):
            self.deadline = clock.monotonic() + self.lobby.limits.head_time

    def pause_writing(self) -> None:
        """Hold the exchange back: the client does not read."""
        self._clogged = True
        self.deadline = clock.monotonic() + self.lobby.limits.idle
        if self._exchange is not None:
            self._exchange.hold()

    def resume_writing(self) -> None:
        """Let the exchange go on."""
        self._clogged = False
        if self._exchange is not None:
            self.deadline = clock.monotonic() + self._exchange.patience
            self._exchange.resume()

    # The parser's side.

    def on_url(self, data: bytes) -> None:
        """Parser: a piece of the request target."""
        self._target += data

    def on_header(self, name: bytes, value: bytes) -> None:
        """Parser: a header or, behind the body, a trailer, which is dropped."""
        if self._in_head:
            self._lines.append(b"%s: %s" % (name, value))

    def on_headers_complete(self) -> None:
        """Parser: a head is complete."""
        self._in_head = False
        if self._deaf:
            return
        request = self._take_request()
        if self._too_large(request.target, request.headers):
            self._reject(ClaryError("RequestHeaderFieldsTooLarge", "The request's head is too large.", 431))
            return
        self._unparsed = 0
        problem = self._framing_problem(request)
        if problem:
            self._reject(ClaryError("BadRequest", problem))
        elif self._exchange is None and not self._queue:
            self._open(request)
        else:
            self._receiver = queued = _Queued(request)
            self._queue.append(queued)
            self._pace()

    def on_body(self, data: bytes) -> None:
        """Parser: a piece of a body."""
        self._unparsed = 0
        if self._receiver is not None:
            self._receiver.receive(data)

    def on_message_complete(self) -> None:
        """Parser: a request is complete."""
        self._unparsed = 0
        self._in_head = True
        receiver, self._receiver = self._receiver, None
        if receiver is None:
            return
        if receiver is self._exchange:
            self.deadline = clock.monotonic() + self._exchange.patience
        receiver.received()

    def _take_request(self) -> Request:
        parser = self._parser
        lines, self._lines = self._lines, []
        target, self._target = self._target, b""
        fields = fields_of(lines)
        keep = parser.should_keep_alive()
        http10 = (not keep or "connection" in fields) and parser.get_http_version() == "1.0"
        keep = keep and not (self.lobby.closing or parser.should_upgrade())
        return Request(parser.get_method(), target, b"\r\n".join(lines), fields, keep, http10)

    def _too_large(self, target: bytes, headers: bytes) -> bool:
        limits = self.lobby.limits
        if self._unparsed <= limits.head:
            return headers.count(b"\r\n") >= limits.fields
        return len(target) + len(headers) > limits.head

    def _framing_problem(self, request: Request) -> str:
        """Return why the request's end cannot be told for sure, or nothing."""
        fields = request.fields
        if "transfer-encoding" in fields and (
            request.http10 or fields["transfer-encoding"].lower() != "chunked"
        ):
            return "The only transfer coding understood is chunked, in HTTP/1.1."
        if self._parser.should_upgrade() and (request.chunked or request.content_length):
            return "A request with a body cannot upgrade its connection."  # the parser would skip the body
        return ""

    def _parse(self, data: bytes) -> bool:
        """Feed the parser; return whether there may be more to come."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserCallbackError:
            raise
        except httptools.HttpParserUpgrade:
            # The offer of another protocol is passed over (RFC 9110, 7.8), and this request is the last one.
            self._deaf = self._leaving = True
        except httptools.HttpParserError as error:
            if not self._deaf:
                self._reject(ClaryError("BadRequest", f"The request is not HTTP/1.1: {error}."))
        return not self._deaf

    # The exchange's side.

    @property
    def receiving(self) -> bool:
        """Whether the current request is still arriving."""
        return self._receiver is not None and self._receiver is self._exchange

    def write(self, data: bytes) -> None:
        """Send bytes of the answer to the client."""
        if self._transport is None:
            return
        if self._answering and self._exchange is not None:
            self.deadline = clock.monotonic() + self._exchange.patience
        self._answering = True
        self._transport.write(data)

    def answer(self, data: bytes) -> None:
        """Send the whole answer to the client."""
        if self._transport is not None:
            self._transport.write(data)
        self.finish()

    def finish(self) -> None:
        """Close, or turn to the next request: the answer is complete."""
        request, receiving = self._request, self.receiving
        self._request = self._exchange = None
        self._answering = self._holding = False
        if receiving:
            self._linger()
        elif request is None or not request.keep_alive or (self._leaving and not self._queue):
            self._close()
        else:
            self.deadline = clock.monotonic() + self.lobby.limits.idle
            if self._queue or self._paused:
                self._advance()

    def abort(self) -> None:
        """Close at once, so that the client sees that its answer is incomplete."""
        self._deaf = True
        if self._transport is not None:
            self._transport.abort()

    def hold_body(self) -> None:
        """Take no more of the request's body until ``resume_body``."""
        self._holding = True
        if self._exchange is not None:
            self.deadline = clock.monotonic() + self._exchange.patience
        self._pace()

    def resume_body(self) -> None:
        """Take more of the request's body."""
        self._holding = False
        if self.receiving:
            self.deadline = clock.monotonic() + self.lobby.limits.idle
        self._pace()

    # The lobby's side.

    def expire(self) -> None:
        """Act on the deadline that passed: tell whom it concerns, or close."""
        self.deadline = math.inf
        waiting = not self._clogged and (self._holding or not self.receiving)
        if self._exchange is not None and waiting:
            self._exchange.expire()
        elif self._deaf or self._answering or not (self._exchange or self._unparsed):
            self.abort()
        else:
            self._reject(ClaryError("RequestTimeout", "The request did not arrive in time.", 408))

    def leave(self) -> None:
        """Close as soon as nothing is under way."""
        self._leaving = True
        if self._request is not None:
            self._request.keep_alive = False
        elif not self._unparsed:
            self._close()

    # Within.

    def _serve(self, target: bytes, headers: bytes, fields: dict[str, str], body: bytes) -> None:
        """Serve a POST that is there as a whole."""
        request = self._request = Request(b"POST", target, headers, fields, not self.lobby.closing, False)
        exchange = self._exchange = self.lobby.dispatch(self, request)
        self.deadline = clock.monotonic() + exchange.patience
        exchange.begin(body)

    def _open(self, request: Request) -> Exchange:
        self._request = request
        self.deadline = clock.monotonic() + self.lobby.limits.idle
        exchange = self._exchange = self._receiver = self.lobby.dispatch(self, request)
        exchange.start()
        if request.expects_continue and self._exchange is exchange and self._transport is not None:
            self._transport.write(CONTINUE)
        return exchange

    def _advance(self) -> None:
        """Serve the pipelined requests, one after another and not within one another."""
        if self._advancing:
            return
        self._advancing = True
        while self._queue and self._free():
            queued = self._queue.popleft()
            arriving = self._receiver if self._receiver is not queued else None
            exchange = self._open(queued.request)
            for piece in queued.pieces:
                if self._exchange is exchange:
                    exchange.receive(piece)
            if queued.complete and self._exchange is exchange:
                self._receiver = arriving
                self.deadline = clock.monotonic() + exchange.patience
                exchange.received()
        self._advancing = False
        self._pace()

    def _free(self) -> bool:
        return self._exchange is None and self._transport is not None

    def _pace(self) -> None:
        """Read from the client exactly when there is someone to take it."""
        pause = self._holding or bool(self._queue)
        if pause is not self._paused and self._transport is not None and not self._transport.is_closing():
            self._paused = pause
            if pause:
                self._transport.pause_reading()
            else:
                self._transport.resume_reading()

    def _reject(self, error: ClaryError) -> None:
        """Refuse what arrives and close, after the requests before it were answered."""
        if self._exchange is not None and not self.receiving:
            self._deaf = self._leaving = True
            if self._receiver is not None:
                self._queue.pop()
                self._receiver = None
            return
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            exchange.cancel()
        if self._answering:
            self.abort()
        else:
            self._refuse(error)

    def _refuse(self, error: ClaryError) -> None:
        self.write(error_answer(error, (self.lobby.date, b"connection: close\r\n")))
        self._linger()

    def _linger(self) -> None:
        """Close for writing only: closing a socket with unread bytes would destroy the answer on its way."""
        self._deaf = True
        self._receiver = self._request = None
        self._holding = False
        self._queue.clear()
        self._pace()
        self.deadline = clock.monotonic() + _LINGER
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write_eof()

    def _close(self) -> None:
        self._deaf = True
        self.deadline = clock.monotonic() + self.lobby.limits.idle
        if self._transport is not None:
            self._transport.close()
