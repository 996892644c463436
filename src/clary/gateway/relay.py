"""A request streamed to the control plane, and its answer streamed back."""

from collections.abc import Callable, Mapping

from clary.core import ids
from clary.core.errors import ClaryError
from clary.gateway.lobby import Doorway
from clary.gateway.message import (
    LAST_CHUNK,
    Lines,
    Request,
    answer,
    chunk,
    end_to_end,
    fields_of,
    joined,
    status_line,
)
from clary.gateway.pool import Pool
from clary.gateway.upstream import Call, UpstreamError

Spell = Callable[[ClaryError, Request, str], tuple[Mapping[str, str], bytes]]
"""Tells of an error in the protocol of the request with the id given: headers and body."""


class Relay:
    """The exchange behind everything the door does not serve itself.

    Method, target and end-to-end headers pass unchanged; what either side cannot take is not read from the
    other, so that a body of any size needs little memory.
    """

    def __init__(self, door: Doorway, request: Request, pool: Pool, spell: Spell) -> None:
        self.patience = door.lobby.limits.answer
        self._door = door
        self._request = request
        self._pool = pool
        self._spell = spell
        self._call: Call | None = None
        self._answering = False
        self._chunking = False

    def start(self) -> None:
        """Send the head on."""
        request = self._request
        lines = end_to_end(request.lines)
        if request.chunked:
            lines.append(b"transfer-encoding: chunked")
        head = b"%s %s HTTP/1.1\r\n%s\r\n" % (request.method, request.target, joined(lines))
        self._call = self._pool.call(head, self, bodiless=request.method == b"HEAD")

    def begin(self, body: bytes) -> None:
        """Send the whole request on."""
        self.start()
        if body:
            self.receive(body)
        self.received()

    def receive(self, data: bytes) -> None:
        """Send a piece of the body on."""
        if self._call is not None:
            self._call.send(chunk(data) if self._request.chunked else data)

    def received(self) -> None:
        """Let the answer's connection serve others after it."""
        if self._call is not None:
            self._call.complete = True
            if self._request.chunked:
                self._call.send(LAST_CHUNK)

    def cancel(self) -> None:
        """Break off: the client is gone."""
        call, self._call = self._call, None
        if call is not None:
            call.abort()

    def expire(self) -> None:
        """Answer in place of a control plane that does not, or break an answer off that has begun."""
        self.cancel()
        if self._answering:
            self._door.abort()
            return
        self._refuse(f"The control plane did not answer within {self.patience:g} seconds.")

    def hold(self) -> None:
        """Read no more of the answer."""
        if self._call is not None:
            self._call.pause()

    def resume(self) -> None:
        """Read more of the answer."""
        if self._call is not None:
            self._call.resume()

    def answer_head(self, status: int, reason: bytes, lines: Lines) -> None:
        """Begin the answer, framed as the client's version of HTTP allows."""
        self._answering = True
        request = self._request
        passing = end_to_end(lines)
        bodiless = request.method == b"HEAD" or status in (204, 304)
        if self._door.receiving:
            request.keep_alive = False
        if not bodiless and "content-length" not in fields_of(lines):
            if request.http10:
                request.keep_alive = False
            else:
                self._chunking = True
                passing.append(b"transfer-encoding: chunked")
        self._door.write(b"%s%s%s\r\n" % (status_line(status, reason), joined(passing), request.connection))

    def answer_data(self, data: bytes) -> None:
        """Pass a piece of the answer's body on."""
        self._door.write(chunk(data) if self._chunking else data)

    def answer_end(self) -> None:
        """End the answer."""
        self._call = None
        if self._chunking:
            self._door.write(LAST_CHUNK)
        self._door.finish()

    def answer_whole(self, status: int, reason: bytes, lines: Lines, body: bytes) -> None:
        """Pass a whole answer on."""
        self.answer_head(status, reason, lines)
        if body:
            self.answer_data(body)
        self.answer_end()

    def answer_failed(self, error: UpstreamError) -> None:
        """Say that the control plane is not there, or break an answer off that has begun."""
        self._call = None
        if self._answering:
            self._door.abort()
        else:
            self._refuse(
                "The control plane cannot be reached; try again." if not error.connected else str(error)
            )

    def upstream_full(self) -> None:
        """Read no more of the request."""
        self._door.hold_body()

    def upstream_ready(self) -> None:
        """Read more of the request."""
        self._door.resume_body()

    def _refuse(self, message: str) -> None:
        if self._door.receiving:
            self._request.keep_alive = False
        error = ClaryError("ServiceUnavailable", message, 503)
        headers, body = self._spell(error, self._request, ids.request_id())
        lines = [
            *(f"{name}: {value}\r\n".encode("latin-1") for name, value in headers.items()),
            self._door.lobby.date,
            self._request.connection,
        ]
        self._door.write(answer(error.status, lines, body, bodiless=self._request.method == b"HEAD"))
        self._door.finish()
