"""The protocol answers every whole request and nothing else, however the bytes arrive."""

import asyncio
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from clary.toolkit.http import Answer, Connections, HttpProtocol, Request


class _Transport(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data: Any) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


def echo(request: Request) -> Answer:
    return Answer(f"{request.method} {request.path} ".encode() + request.body)


def exchange(pieces: list[bytes], limit: int = 1000) -> _Transport:
    async def run() -> _Transport:
        transport = _Transport()
        protocol = HttpProtocol(echo, limit, Connections())
        protocol.connection_made(transport)
        for piece in pieces:
            if not transport.closed:
                protocol.data_received(piece)
        return transport

    return asyncio.run(run())


STREAM = b"".join(
    b"POST /invocations?x=1 HTTP/1.1\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    for body in (b"one", b"", b"three")
)


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_answers_do_not_depend_on_how_bytes_arrive(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[low:high] for low, high in pairwise(places)]
    assert exchange(pieces).written == exchange([STREAM]).written
    assert exchange(pieces).written.count(b"200 OK") == 3


@given(st.binary(min_size=1, max_size=100))
def test_no_bytes_raise(data: bytes) -> None:
    exchange([data, b"\r\n\r\n"])


def test_a_chunked_body_over_the_limit_is_refused_as_it_arrives() -> None:
    head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    transport = exchange([head, b"3e8\r\n" + b"x" * 1000 + b"\r\n", b"1\r\nx\r\n"])
    assert transport.written.startswith(b"HTTP/1.1 413")
    assert transport.closed


def test_http_1_0_closes_after_its_answer() -> None:
    transport = exchange([b"GET /ping HTTP/1.0\r\n\r\n"])
    assert transport.written.endswith(b"GET /ping ")
    assert transport.closed
