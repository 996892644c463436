"""The body of one ASGI request, read as a whole or as it arrives."""

import asyncio
import contextlib
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from clary.core.errors import ClaryError
from clary.wire.http import RequestHead
from clary.wire.manner import has_form

LIMIT = 32 * 1024 * 1024
"""The most bytes of a body that is read as a whole; SageMaker's own limit for a request is far lower."""

_DRAINED = 64 * 1024 * 1024
_DRAIN_SECONDS = 5.0
_AHEAD = 768 * 1024
"""Bytes that a stream asks the event loop for: with what comes besides, no more than its readers take."""

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


def inflated(head: RequestHead, content: bytes) -> bytes:
    """Return the content of a JSON or Query request that its client may have compressed.

    In the REST protocols the encoding belongs to whoever gets the payload. Raises ClaryError when the content
    is not what its head says or is longer than ``LIMIT``.
    """
    compressed = content and head.header("content-encoding") == "gzip"
    if not compressed or not ("x-amz-target" in head.headers or has_form(head)):
        return content
    decoder = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        plain = decoder.decompress(content, LIMIT)
    except zlib.error as error:
        raise ClaryError("SerializationException", f"The content is not in gzip: {error}") from error
    if not decoder.eof:
        raise ClaryError(
            "RequestEntityTooLarge", f"The content is cut off or longer than {LIMIT} bytes.", 413
        )
    return plain


class Body:
    """The body of one request."""

    def __init__(self, head: RequestHead, receive: Receive) -> None:
        self._receive = receive
        self._ended = head.header("content-length") in ("", "0") and "transfer-encoding" not in head.headers
        self._awaited = head.header("expect").lower() == "100-continue"

    async def next(self, least: int) -> bytes:
        """Return the next ``least`` bytes or somewhat more, fewer only at the end."""
        parts: list[bytes] = []
        missing = least
        while missing > 0 and (part := await self._part()):
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    async def whole(self) -> bytes:
        """Return all of the body; raises ClaryError when it is longer than ``LIMIT``."""
        content = await self.next(LIMIT + 1)
        if len(content) > LIMIT:
            raise ClaryError("RequestEntityTooLarge", f"The request is longer than {LIMIT} bytes.", 413)
        return content

    def stream(self) -> "BodyStream":
        """Return the body as a source for a worker thread; called in the event loop."""
        return BodyStream(self, asyncio.get_running_loop())

    async def settle(self) -> bool:
        """Read away what is left of the body; return whether the connection can carry another request."""
        if self._awaited and not self._ended:
            return False  # a client that was never told to go on may send the body or not
        left = _DRAINED
        with contextlib.suppress(ClaryError, TimeoutError):
            async with asyncio.timeout(_DRAIN_SECONDS):
                while left > 0 and (part := await self._part()):
                    left -= len(part)
        return self._ended

    async def gone(self) -> None:
        """Return when the client closes the connection."""
        while (await self._receive())["type"] != "http.disconnect":
            continue

    async def _part(self) -> bytes:
        """Return what comes next of the body, b"" at its end; raises ClaryError when the client has gone."""
        while not self._ended:
            self._awaited = False
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClaryError(
                    "IncompleteBody", "The client closed the connection before the end of the body."
                )
            self._ended = not message.get("more_body", False)
            if message.get("body"):
                part: bytes = message["body"]
                return part
        return b""


class BodyStream:
    """A body for a worker thread, which waits in ``read`` while the event loop receives the next part."""

    def __init__(self, body: Body, loop: asyncio.AbstractEventLoop) -> None:
        self._body = body
        self._loop = loop
        self._part = b""
        self._offset = 0

    def read(self, size: int = -1) -> bytes:
        """Return at most ``size`` bytes, or all that is left; raises ClaryError when the client has gone."""
        if size < 0:
            return b"".join(iter(lambda: self.read(_AHEAD), b""))
        if size and self._offset == len(self._part):
            self._part = asyncio.run_coroutine_threadsafe(self._body.next(_AHEAD), self._loop).result()
            self._offset = 0
        piece = self._part[self._offset : self._offset + size]
        self._offset += len(piece)
        return piece
