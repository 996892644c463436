"""Responses on their way out through ASGI."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Executor
from typing import Any

from clary.core.exchange import FileSlice, Source
from clary.wire.http import Response

_PIECE = 256 * 1024
_ENDS = dict.fromkeys((0, 10, 13), " ")
_BODILESS = frozenset({204, 304})

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def send(response: Response, to: Send, threads: Executor, bodiless: bool, close: bool) -> None:
    """Send ``response``; a source is read in ``threads``.

    ``bodiless`` leaves the body out (HEAD), ``close`` tells the client that the connection ends here. An
    error while the body is read leaves the response unfinished, and servers then break the connection.
    """
    body = response.body
    if isinstance(body, FileSlice):
        raise TypeError("files are opened before they are sent")
    headers = dict(response.headers)
    if isinstance(body, bytes) and response.status not in _BODILESS:
        headers.setdefault("content-length", str(len(body)))
    if close:
        headers["connection"] = "close"
    lines = [(name.encode("latin-1"), _line(value)) for name, value in headers.items()]
    await to({"type": "http.response.start", "status": response.status, "headers": lines})
    if isinstance(body, bytes):
        await to({"type": "http.response.body", "body": b"" if bodiless else body})
    else:
        await _stream(body, to, threads)


def _line(value: str) -> bytes:
    """Return a header's value without what would end it: clients choose some of them."""
    return value.translate(_ENDS).encode("latin-1", "replace")


async def _stream(source: Source, to: Send, threads: Executor) -> None:
    loop = asyncio.get_running_loop()
    try:
        while piece := await loop.run_in_executor(threads, source.read, _PIECE):
            await to({"type": "http.response.body", "body": piece, "more_body": True})
        await to({"type": "http.response.body", "body": b""})
    finally:
        close = getattr(source, "close", None)
        if close is not None:
            close()
