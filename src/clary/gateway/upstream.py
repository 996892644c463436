"""Keep-alive HTTP/1.1 connections to unix sockets, and the calls they carry: what the door is a client of."""

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Protocol, cast

import httptools

from clary.gateway.message import Lines, fields_of
from clary.gateway.native import heads

if TYPE_CHECKING:
    from clary.gateway.pool import Pool

_ONE_AT_A_TIME = b"X-Clary-Concurrency: 1"
"""What a server says that works on one request after another: nothing is gained by a second connection."""

_REPLAY = 256 * 1024
"""Bytes of a request that are kept to send it again where a pooled connection turns out to be dead."""


class UpstreamError(Exception):
    """An exchange that did not complete.

    ``connected`` tells whether the other side's socket was reached, ``answered`` whether any byte came back,
    and ``died`` whether a connection was lost at any attempt when it was this request's turn.
    """

    def __init__(self, reason: str, *, connected: bool, answered: bool, died: bool) -> None:
        super().__init__(reason)
        self.connected = connected
        self.answered = answered
        self.died = died


class Receiver(Protocol):
    """What an answer is delivered to, piece by piece; ``answer_end`` or ``answer_failed`` comes last."""

    def answer_head(self, status: int, reason: bytes, lines: Lines) -> None:
        """Take the head of the final response."""
        ...

    def answer_data(self, data: bytes) -> None:
        """Take a piece of the body, its transfer coding removed."""
        ...

    def answer_end(self) -> None:
        """Take note that the response is complete."""
        ...

    def answer_whole(self, status: int, reason: bytes, lines: Lines, body: bytes) -> None:
        """Take a response that came in one piece; none of the three above is called for it."""
        ...

    def answer_failed(self, error: UpstreamError) -> None:
        """Take note that nothing more will come."""
        ...

    def upstream_full(self) -> None:
        """Send no more until ``upstream_ready``."""
        ...

    def upstream_ready(self) -> None:
        """Go on sending."""
        ...


class Call:
    """One request and its answer; made by ``Pool.call``.

    Set ``complete`` once the whole request was sent: only then may its connection serve another call.
    """

    # Defaults of the class, not set for each: a call is made for every request.
    connection: "Connection | None" = None
    answered = False
    died = False
    full = False
    size = 0  # of what was sent behind the head

    def __init__(
        self, pool: "Pool", head: bytes, receiver: Receiver, *, bodiless: bool, complete: bool
    ) -> None:
        self.pool = pool
        self.receiver = receiver
        self.bodiless = bodiless
        self.complete = complete
        self.pieces: list[bytes] | None = [head]

    def send(self, data: bytes) -> None:
        """Send a further piece of the request, framing included."""
        if self.pieces is not None:
            self.pieces.append(data)
            self.size += len(data)
        if self.connection is None:
            self.mark_full()
            return
        if self.size > _REPLAY:
            self.pieces = None
        self.connection.write(data)

    def abort(self) -> None:
        """Give the exchange up; the receiver hears no more of it."""
        self.pool.give_up(self)

    def pause(self) -> None:
        """Stop reading the answer."""
        if self.connection is not None:
            self.connection.pause()

    def resume(self) -> None:
        """Read the answer again."""
        if self.connection is not None:
            self.connection.resume()

    def attach(self, connection: "Connection") -> None:
        """Send what waited through ``connection``."""
        waited, self.full = self.full, False
        self.connection = connection
        connection.write(b"".join(self.pieces or ()))
        if not connection.reused:
            self.pieces = None  # only a pooled connection can have died unnoticed
        if waited and not self.full:
            self.receiver.upstream_ready()

    def mark_full(self) -> None:
        """Hold the sender back."""
        if not self.full:
            self.full = True
            self.receiver.upstream_full()

    def mark_ready(self) -> None:
        """Let the sender go on."""
        if self.full:
            self.full = False
            self.receiver.upstream_ready()

    def lost(self, reason: str, *, connected: bool, first: bool = True) -> None:
        """Send the request once more where that is safe, else tell the receiver.

        ``first`` tells that it was this request's turn: those behind it the other side had not begun.
        """
        connection, self.connection = self.connection, None
        self.died = self.died or (connected and first)
        if connection is not None and connection.reused and self.pieces is not None:
            self.pool.connect(self)
        else:
            error = UpstreamError(reason, connected=connected, answered=self.answered, died=self.died)
            self.receiver.answer_failed(error)


class _Nobody:
    """Receives what was given up while others waited behind it."""

    def answer_head(self, status: int, reason: bytes, lines: Lines) -> None:
        """Pass over it."""

    def answer_data(self, data: bytes) -> None:
        """Pass over it."""

    def answer_end(self) -> None:
        """Pass over it."""

    def answer_whole(self, status: int, reason: bytes, lines: Lines, body: bytes) -> None:
        """Pass over it."""

    def answer_failed(self, error: UpstreamError) -> None:
        """Pass over it."""

    def upstream_full(self) -> None:
        """Pass over it."""

    def upstream_ready(self) -> None:
        """Pass over it."""


_NOBODY = _Nobody()


class Connection(asyncio.Protocol):
    """One connection of a pool, on which calls are answered in the order in which they were sent.

    There is one call at a time, unless the other side says that it works on one request at a time anyhow.
    """

    def __init__(self, pool: "Pool") -> None:
        self.reused = False
        self._pool = pool
        self._calls: deque[Call] = deque()
        self._unsent: list[bytes] = []  # whole requests of this turn of the event loop
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._parsing = False  # the parser has bytes of what is not complete yet
        self._paused = False
        self._begin()

    def _begin(self) -> None:
        self._status = 0
        self._reason = b""
        self._lines: list[bytes] = []
        self._until_close = False
        self._ended = False
        self._keep = True

    @property
    def load(self) -> int:
        """How many calls wait for their answers."""
        return len(self._calls)

    def serve(self, call: Call) -> None:
        """Carry ``call``, behind those that are under way."""
        self._calls.append(call)
        call.attach(self)

    def line_up(self, call: Call, order: bytes) -> None:
        """Carry ``call``, whose whole request ``order`` leaves with those of the same turn in one write."""
        call.connection = self
        self._calls.append(call)
        self._unsent.append(order)
        if len(self._unsent) == 1:
            asyncio.get_running_loop().call_soon(self._flush)

    def drop(self, call: Call) -> None:
        """Give ``call`` up: close, unless somebody else still waits."""
        call.connection = None
        call.receiver = _NOBODY
        if all(waiting.receiver is _NOBODY for waiting in self._calls):
            self.abandon()

    def write(self, data: bytes) -> None:
        """Send request bytes; they are lost where the connection is."""
        if self._transport is not None:
            self._transport.write(data)

    def pause(self) -> None:
        """Stop reading."""
        if self._transport is not None and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        if self._transport is not None and self._paused:
            self._paused = False
            self._transport.resume_reading()

    def abandon(self) -> None:
        """Close at once and tell no one."""
        self._calls.clear()
        self._unsent.clear()
        self._pool.discard(self)
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport of the new connection."""
        self._transport = cast("asyncio.Transport", transport)

    def pause_writing(self) -> None:
        """Pass the other side's fullness on."""
        for call in self._calls:
            call.mark_full()

    def resume_writing(self) -> None:
        """Pass the other side's readiness on."""
        for call in tuple(self._calls):
            call.mark_ready()

    def data_received(self, data: bytes) -> None:
        """Deliver the answers that came, and parse what is not whole."""
        while data and not self._parsing:
            if not self._calls:
                self.abandon()  # nobody asked
                return
            call = self._calls[0]
            call.answered = True
            call.pieces = None
            whole = None if call.bodiless else heads.answer(data)
            if whole is None:
                self._parsing = True
            else:
                status, reason, lines, body, data = whole
                if data and len(self._calls) == 1:
                    self._keep = False  # bytes behind the answer belong to nobody
                if self._pool.line is None and _ONE_AT_A_TIME in lines:
                    self._pool.line = self
                self._release(call)
                call.receiver.answer_whole(status, reason, lines, body)
        if data:
            self._parse(data)

    def _flush(self) -> None:
        unsent, self._unsent = self._unsent, []
        if unsent:
            self.write(unsent[0] if len(unsent) == 1 else b"".join(unsent))

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserCallbackError:
            raise
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._keep = False
            if self._calls and not self._ended:
                self._fail(f"The answer is not HTTP/1.1: {error}.")
        if self._calls and self._ended:
            self._parsing = False
            self._finish(self._calls[0])

    def _fail(self, reason: str, *, begun: bool = True) -> None:
        """Close, and let each call do what it can; ``begun`` tells that the first one's turn had come."""
        calls = tuple(self._calls)
        self.abandon()
        for call in calls:
            call.lost(reason, connected=True, first=begun and call is calls[0])

    def connection_lost(self, exc: Exception | None) -> None:
        """Finish an answer that ends with its connection; fail any other."""
        self._transport = None
        complete = bool(self._calls) and self._until_close and exc is None
        if complete:
            call = self._calls.popleft()
            call.connection = None
            call.receiver.answer_end()
        self._fail(f"The connection was lost: {exc or 'closed by the other side'}.", begun=not complete)

    def on_status(self, reason: bytes) -> None:
        """Parser: a piece of the reason phrase."""
        self._reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        """Parser: a header or, behind the body, a trailer."""
        self._lines.append(b"%s: %s" % (name, value))

    def on_headers_complete(self) -> None:
        """Parser: a head is complete."""
        if not self._calls or self._ended:
            self._keep = False  # bytes behind the answer belong to nobody
            return
        call = self._calls[0]
        call.answered = True
        call.pieces = None
        self._status = self._parser.get_status_code()
        if self._status < 200:
            return
        lines, self._lines = self._lines, []
        fields = fields_of(lines)
        self._keep = self._parser.should_keep_alive()
        bodiless = call.bodiless or self._status in (204, 304)
        self._until_close = not (bodiless or "content-length" in fields or "transfer-encoding" in fields)
        call.receiver.answer_head(self._status, self._reason, lines)
        if call.bodiless:
            # The parser cannot know that no body follows this head.
            self._ended = True
            self._parser = httptools.HttpResponseParser(self)

    def on_body(self, data: bytes) -> None:
        """Parser: a piece of the body."""
        if self._calls and not self._ended:
            self._calls[0].receiver.answer_data(data)

    def on_message_complete(self) -> None:
        """Parser: a message is complete; an interim one announces the real one."""
        self._lines = []
        if self._status < 200:
            self._reason = b""
            return
        self._ended = True
        if len(self._calls) > 1:
            self._finish(self._calls[0])

    def _finish(self, call: Call) -> None:
        self._release(call)
        call.receiver.answer_end()

    def _release(self, call: Call) -> None:
        """Turn to the next call, or to the pool: ``call`` is answered."""
        calls = self._calls
        calls.popleft()
        call.connection = None
        if calls and self._keep and not self._status and self._transport is not None:
            return  # one of a line, read at a glance
        if not (self._keep and call.complete and self._reusable()):
            self._fail("The connection was closed before the answer.", begun=False)
        else:
            if self._status:
                self._begin()
            self.reused = True
            if not self._calls:
                self.resume()
                self._pool.idle(self)

    def _reusable(self) -> bool:
        """Tell whether nothing is left to be sent of what is already answered."""
        transport = self._transport
        return transport is not None and (bool(self._calls) or not transport.get_write_buffer_size())
