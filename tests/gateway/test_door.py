"""Tests of one client's connection: framing, limits, times, and bytes that arrive in any pieces."""

import asyncio
import itertools
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clary.gateway.door import Door
from clary.gateway.lobby import Doorway, Limits, Lobby
from clary.gateway.message import Request, answer

if TYPE_CHECKING:
    from tests.gateway.conftest import Client, Play, World


class _Echo:
    """An exchange that answers with what it was asked."""

    patience = 60.0

    def __init__(self, door: Doorway, request: Request) -> None:
        self.door = door
        self.request = request
        self.body = b""

    def begin(self, body: bytes) -> None:
        self.receive(body)
        self.received()

    def start(self) -> None:
        return

    def receive(self, data: bytes) -> None:
        self.body += data

    def received(self) -> None:
        said = b"%s %s %s" % (self.request.method, self.request.target, self.body)
        self.door.write(answer(200, (self.request.connection,), said))
        self.door.finish()

    def cancel(self) -> None:
        return

    def expire(self) -> None:
        return

    def hold(self) -> None:
        return

    def resume(self) -> None:
        return


class _Late(_Echo):
    """The same, in the event loop's next turn, so that pipelined requests have to wait."""

    def received(self) -> None:
        asyncio.get_running_loop().call_soon(super().received)


class _Wire(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.closed = False
        self.paused = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.closed
        self.sent += data

    def write_eof(self) -> None:
        self.closed = True

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        assert not self.paused
        self.paused = True

    def resume_reading(self) -> None:
        assert self.paused
        self.paused = False


STREAM = (
    b"GET /a HTTP/1.1\r\nhost: x\r\n\r\n"
    b"POST /b?c=%20 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
    b"PUT /d HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n"
    b"0\r\ntrailer: content-length\r\n\r\n"
    b"DELETE /e HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n"
    b"GET /f HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
)
SAID = b"".join(
    answer(200, lines, said)
    for said, lines in (
        (b"GET /a ", ()),
        (b"POST /b?c=%20 hello", ()),
        (b"PUT /d abc0123456789", ()),
        (b"DELETE /e ", ()),
        (b"GET /f ", (b"connection: close\r\n",)),
    )
)


@settings(max_examples=150)
@given(cuts=st.lists(st.integers(0, len(STREAM)), max_size=12), late=st.booleans())
def test_requests_are_understood_however_their_bytes_are_split(cuts: list[int], late: bool) -> None:
    async def scenario() -> None:
        lobby = Lobby(Limits(), _Late if late else _Echo)
        door, wire = Door(lobby), _Wire()
        door.connection_made(wire)
        edges = [0, *sorted(cuts), len(STREAM)]
        for begin, end in itertools.pairwise(edges):
            while wire.paused:
                await asyncio.sleep(0)
            if begin < end:
                door.data_received(STREAM[begin:end])
        while not wire.closed:
            await asyncio.sleep(0)
        assert wire.sent == SAID
        door.connection_lost(None)
        await lobby.close(0)

    asyncio.run(scenario())


@settings(max_examples=150)
@given(data=st.binary(max_size=200), cut=st.integers(0, 300))
def test_garbage_is_answered_or_awaited_but_never_raises(data: bytes, cut: int) -> None:
    async def scenario() -> None:
        lobby = Lobby(Limits(), _Echo)
        door, wire = Door(lobby), _Wire()
        door.connection_made(wire)
        stream = STREAM[:cut] + data
        for i in range(0, len(stream), 7):
            door.data_received(stream[i : i + 7])
        assert wire.sent[:8] in (b"", b"HTTP/1.1")
        await lobby.close(0)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
        b"POST / HTTP/1.1\r\ncontent-length: -3\r\n\r\n",
        b"POST / HTTP/1.1\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\ntransfer-encoding: gzip\r\n\r\n",
        b"POST / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
        b"GET / HTTP/1.1\r\nname : value\r\n\r\n",
        b"GET / HTTP/1.1\r\nname: value\r\n folded\r\n\r\n",
        b"POST / HTTP/1.1\r\nconnection: upgrade\r\nupgrade: h2c\r\ncontent-length: 40\r\n\r\n",
    ],
)
def test_a_request_whose_end_is_in_doubt_is_refused(play: "Play", request_bytes: bytes) -> None:
    async def scenario(world: "World") -> None:
        client = await world.client()
        client.send(request_bytes + b"GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n")
        answer = await client.answer()
        assert answer.status == 400
        assert answer.headers["connection"] == "close"
        assert json.loads(answer.body)["__type"] == "BadRequest"
        assert await client.ended()
        assert not world.control.seen

    play(scenario)


def test_requests_before_a_broken_one_are_answered(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        client = await world.client()
        client.send(
            b"GET /a HTTP/1.1\r\nhost: x\r\n\r\nPOST /b HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz"
        )
        assert (await client.answer()).status == 200
        assert await client.ended()
        assert [seen.start for seen in world.control.seen] == ["GET /a HTTP/1.1"]

    play(scenario)


def test_a_body_that_breaks_while_it_is_passed_on(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        client = await world.client()
        client.send(b"PUT /a HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n")
        await world.until(lambda: world.control.connections == 1)
        client.send(b"zz\r\n")
        assert (await client.answer()).status == 400
        assert await client.ended()
        await world.until(lambda: not world.control.writers)
        assert not world.control.seen

    play(scenario)


def test_an_offer_to_upgrade_is_passed_over(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        client = await world.client()
        client.send(
            b"GET /a HTTP/1.1\r\nhost: x\r\nconnection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\n"
            b"http2-settings: AAMAAABk\r\n\r\n"
        )
        answer = await client.answer()
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert world.control.seen[0].headers == {"host": "x"}

    play(scenario)


@pytest.mark.parametrize(
    "pieces",
    [
        [b"GET / HTTP/1.1\r\nx: " + bytes([120]) * 70_000 + b"\r\n\r\n"],
        [b"GET / HTTP/1.1\r\n", *[b"x-%d: 0123456789\r\n" % i for i in range(5000)]],
        [b"GET / HTTP/1.1\r\n", *[b"x: 1\r\n" for _ in range(257)], b"\r\n"],
        [
            b"POST / HTTP/1.1\r\n"
            + b"".join(b"x-%d: 1\r\n" % i for i in range(257))
            + b"content-length: 0\r\n\r\n"
        ],
        [b"GET /" + bytes([120]) * 50_000, bytes([120]) * 50_000],
        [b"PUT / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1;", *[bytes([120]) * 10_000] * 100],
        [b"PUT / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx:", *[bytes([120]) * 10_000] * 100],
    ],
    ids=["field", "fields", "number", "number at once", "target", "extension", "trailer"],
)
def test_a_head_is_bounded(play: "Play", pieces: list[bytes]) -> None:
    async def scenario(world: "World") -> None:
        client = await world.client()
        for piece in pieces:
            client.send(piece)
            await client.writer.drain()
        assert (await client.answer()).status == 431
        assert not world.control.seen

    play(scenario)


def test_an_idle_connection_is_closed(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        client = await world.client()
        assert (await client.ask(world.post("/"))).status == 200
        try:
            assert await client.ended()
        except ConnectionResetError:
            return

    play(scenario, Limits(idle=0.1))


def test_a_head_and_a_body_must_arrive_in_time(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        for begun in (b"GET / HT", b"PUT / HTTP/1.1\r\ncontent-length: 4\r\n\r\nab", world.invoke()[:-1]):
            client = await world.client()
            client.send(begun)
            assert (await client.answer()).status == 408
            assert await client.ended()

    play(scenario, Limits(head_time=0.1, idle=0.1))


def test_a_head_in_drops_does_not_gain_time(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        client = await world.client()

        async def drip() -> None:
            for byte in world.post("/") * 100:
                client.send(bytes([byte]))
                await asyncio.sleep(0.01)

        dripping = asyncio.create_task(drip())
        assert (await client.answer()).status == 408
        dripping.cancel()

    play(scenario, Limits(head_time=0.2))


def test_a_body_in_drops_does_not_gain_time(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        for target in ("/bucket/key", "/endpoints/churn/invocations"):
            client = await world.client()
            client.send(world.post(target, bytes(100_000))[:-100_000])

            async def drip(client: "Client" = client) -> None:
                while True:
                    client.send(b"x")
                    await asyncio.sleep(0.01)

            dripping = asyncio.create_task(drip())
            assert (await client.answer()).status == 408
            dripping.cancel()

    play(scenario, Limits(idle=0.3, pace=10_000))


def test_a_slow_body_that_keeps_its_pace_arrives(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        client = await world.client()
        data = world.post("/bucket/key", bytes(60_000))
        for start in range(0, len(data), 1000):
            client.send(data[start : start + 1000])
            await asyncio.sleep(0.01)
        assert (await client.answer()).status == 200

    play(scenario, Limits(idle=0.3, pace=10_000))


def test_a_client_that_does_not_read_is_cut_off(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        world.control.reply = lambda _: world.ok(bytes(32 * 1024 * 1024))
        client = await world.client()
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        client.send(world.post("/"))
        await world.until(lambda: world.control.connections == 1)
        await world.until(lambda: not world.control.writers)

    play(scenario, Limits(idle=0.2))


def test_connections_are_counted(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        first, second = await world.client(), await world.client()
        assert (await first.ask(world.post("/"))).status == 200
        assert (await second.ask(world.post("/"))).status == 200
        third = await world.client()
        assert (await third.answer()).status == 503
        assert await third.ended()
        first.writer.transport.abort()

        async def admitted() -> bool:
            fourth = await world.client()
            try:
                return (await fourth.ask(world.post("/"))).status == 200
            except (ConnectionError, asyncio.IncompleteReadError):
                return False

        while not await admitted():
            continue

    play(scenario, Limits(connections=2))


def test_many_pipelined_requests_do_not_nest(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        client = await world.client()
        client.send(world.invoke("none", b"") * 3000)
        for _ in range(3000):
            assert (await client.answer()).status == 400

    play(scenario)
