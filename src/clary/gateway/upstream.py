"""Keep-alive HTTP/1.1 connections to unix sockets, and the calls they carry: what the door is a client of."""

import asyncio
from typing import TYPE_CHECKING, Protocol, cast

import httptools

from clary.gateway import glance
from clary.gateway.message import Lines, fields_of

if TYPE_CHECKING:
    from clary.gateway.pool import Pool

_REPLAY = 256 * 1024
"""Bytes of a request that are kept to send it again where a pooled connection turns out to be dead."""


class UpstreamError(Exception):
    """An exchange that did not complete.

    ``connected`` tells whether the other side's socket was reached, ``answered`` whether any byte came back.
    """

    def __init__(self, reason: str, *, connected: bool, answered: bool) -> None:
        super().__init__(reason)
        self.connected = connected
        self.answered = answered


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

    __slots__ = (
        "answered",
        "bodiless",
        "complete",
        "connection",
        "full",
        "pieces",
        "pool",
        "receiver",
        "size",
    )

    def __init__(
        self, pool: "Pool", head: bytes, receiver: Receiver, *, bodiless: bool, complete: bool
    ) -> None:
        self.pool = pool
        self.receiver = receiver
        self.bodiless = bodiless
        self.complete = complete
        self.connection: Connection | None = None
        self.answered = False
        self.full = False
        self.pieces: list[bytes] | None = [head]
        self.size = len(head)

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

    def lost(self, reason: str, *, connected: bool) -> None:
        """Send the request once more where that is safe, else tell the receiver."""
        connection, self.connection = self.connection, None
        if connection is not None and connection.reused and self.pieces is not None:
            self.pool.connect(self)
        else:
            self.receiver.answer_failed(UpstreamError(reason, connected=connected, answered=self.answered))


class Connection(asyncio.Protocol):
    """One connection of a pool; it carries one call at a time."""

    def __init__(self, pool: "Pool") -> None:
        self.reused = False
        self._pool = pool
        self._call: Call | None = None
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._paused = False
        self._begin()

    def _begin(self) -> None:
        self._status = 0
        self._reason = b""
        self._lines: list[bytes] = []
        self._parsing = False
        self._until_close = False
        self._ended = False
        self._keep = True

    def serve(self, call: Call) -> None:
        """Carry ``call``; the connection is idle or new."""
        self._call = call
        call.attach(self)

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
        self._call = None
        self._pool.discard(self)
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport of the new connection."""
        self._transport = cast("asyncio.Transport", transport)

    def pause_writing(self) -> None:
        """Pass the other side's fullness on."""
        if self._call is not None:
            self._call.mark_full()

    def resume_writing(self) -> None:
        """Pass the other side's readiness on."""
        if self._call is not None:
            self._call.mark_ready()

    def data_received(self, data: bytes) -> None:
        """Parse what came of the answer."""
        call = self._call
        if call is None:
            self.abandon()  # nobody asked
            return
        call.answered = True
        call.pieces = None
        whole = None if self._parsing or call.bodiless else glance.answer(data)
        if whole is not None:
            status, reason, lines, body = whole
            call.receiver.answer_head(status, reason, lines)
            if body:
                call.receiver.answer_data(body)
            if self._call is call:
                self._finish(call)
            return
        self._parsing = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserCallbackError:
            raise
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._keep = False
            if self._call is call and not self._ended:
                self.abandon()
                call.lost(f"The answer is not HTTP/1.1: {error}.", connected=True)
        if self._call is call and self._ended:
            self._finish(call)

    def connection_lost(self, exc: Exception | None) -> None:
        """Finish an answer that ends with its connection; fail any other."""
        self._transport = None
        self._pool.discard(self)
        call, self._call = self._call, None
        if call is None:
            return
        if self._until_close and exc is None:
            call.connection = None
            call.receiver.answer_end()
        else:
            call.lost(f"The connection was lost: {exc or 'closed by the other side'}.", connected=True)

    def on_status(self, reason: bytes) -> None:
        """Parser: a piece of the reason phrase."""
        self._reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        """Parser: a header or, behind the body, a trailer."""
        self._lines.append(b"%s: %s" % (name, value))

    def on_headers_complete(self) -> None:
        """Parser: a head is complete."""
        call = self._call
        if call is None or self._ended:
            self._keep = False  # bytes behind the answer belong to nobody
            return
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
        if self._call is not None and not self._ended:
            self._call.receiver.answer_data(data)

    def on_message_complete(self) -> None:
        """Parser: a message is complete; an interim one announces the real one."""
        self._lines = []
        if self._status < 200:
            self._reason = b""
        else:
            self._ended = True

    def _finish(self, call: Call) -> None:
        self._call = call.connection = None
        transport = self._transport
        if self._keep and call.complete and transport is not None and not transport.get_write_buffer_size():
            if self._parsing:
                self._begin()
            self.reused = True
            self.resume()
            self._pool.idle(self)
        else:
            self.abandon()
        call.receiver.answer_end()
