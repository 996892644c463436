"""The protocol answers every whole request and nothing else, however the bytes arrive."""

import asyncio
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from clary.toolkit.answer import Answer
from clary.toolkit.http import Connections, HttpProtocol
from clary.toolkit.request import Request


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

    def abort(self) -> None:
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


def streamed(
    pieces: Iterator[bytes], data: bytes, *, clogged: bool = False, closing: bool = False
) -> tuple[_Transport, list[bytes]]:
    """Answer /stream with ``pieces``, anything else with an echo; return what was written at which time."""

    async def run() -> tuple[_Transport, list[bytes]]:
        transport, connections = _Transport(), Connections()
        protocol = HttpProtocol(
            lambda request: Answer(pieces) if request.path == "/stream" else echo(request), 1000, connections
        )
        protocol.connection_made(transport)
        if clogged:
            protocol.pause_writing()
        protocol.data_received(data)
        seen = [transport.written]
        if closing:
            connections.close_idle()
        for _ in range(10):
            await asyncio.sleep(0)
            seen.append(transport.written)
        if clogged:
            protocol.resume_writing()
            for _ in range(10):
                await asyncio.sleep(0)
        return transport, seen

    return asyncio.run(run())


STREAMED = b"GET /stream HTTP/1.1\r\n\r\n"


def test_a_body_in_pieces_is_sent_as_it_is_made_and_the_next_answer_waits() -> None:
    transport, seen = streamed(iter([b"one", b"two"]), STREAMED + b"GET /next HTTP/1.1\r\n\r\n")
    assert seen[0].endswith(b"Transfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
    assert seen[1].endswith(b"3\r\ntwo\r\n")
    assert b"0\r\n\r\nHTTP/1.1 200 OK" in transport.written
    assert transport.written.endswith(b"GET /next ")
    assert not transport.closed


def test_no_piece_is_made_that_the_client_does_not_take() -> None:
    transport, seen = streamed(iter([b"one"]), STREAMED, clogged=True)
    assert seen[-1].endswith(b"chunked\r\n\r\n")
    assert transport.written.endswith(b"3\r\none\r\n0\r\n\r\n")


def test_an_answer_under_way_is_finished_when_the_server_closes() -> None:
    transport, _ = streamed(iter([b"one", b"two"]), STREAMED, closing=True)
    assert transport.written.endswith(b"3\r\ntwo\r\n0\r\n\r\n")
    assert transport.closed


def test_http_1_0_gets_the_pieces_in_one() -> None:
    transport, _ = streamed(iter([b"one", b"two"]), b"GET /stream HTTP/1.0\r\n\r\n")
    assert transport.written.endswith(b"\r\n\r\nonetwo")
    assert transport.closed


def test_an_answer_that_fails_half_way_is_broken_off() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"one"
        raise ValueError("no more")

    async def run() -> None:
        problems: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
        transport = _Transport()
        protocol = HttpProtocol(lambda _: Answer(pieces()), 1000, Connections())
        protocol.connection_made(transport)
        protocol.data_received(STREAMED)
        while not problems:
            await asyncio.sleep(0)
        assert transport.closed
        assert not transport.written.endswith(b"0\r\n\r\n")

    asyncio.run(run())
