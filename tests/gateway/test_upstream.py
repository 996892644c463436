"""Tests of pooled connections to a unix socket."""

import asyncio
from typing import TYPE_CHECKING

from clary.gateway.message import Lines
from clary.gateway.pool import Pool
from clary.gateway.upstream import Call, Connection, UpstreamError

if TYPE_CHECKING:
    from tests.gateway.conftest import Play, World

GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


class _Hearer:
    """A receiver that writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []
        self.done = asyncio.Event()

    def answer_head(self, status: int, reason: bytes, lines: Lines) -> None:
        self.told.append(status)

    def answer_data(self, data: bytes) -> None:
        self.told.append(data)

    def answer_end(self) -> None:
        self.told.append("end")
        self.done.set()

    def answer_whole(self, status: int, reason: bytes, lines: Lines, body: bytes) -> None:
        self.told += [status, body, "end"] if body else [status, "end"]
        self.done.set()

    def answer_failed(self, error: UpstreamError) -> None:
        self.told.append((error.connected, error.answered))
        self.done.set()

    def upstream_full(self) -> None:
        self.told.append("full")

    def upstream_ready(self) -> None:
        self.told.append("ready")


def _call(pool: Pool, *, complete: bool = True) -> tuple[Call, _Hearer]:
    hearer = _Hearer()
    return pool.call(GET if complete else b"PUT / HTTP/1.1\r\n", hearer, complete=complete), hearer


def test_calls_beyond_the_limit_wait_their_turn(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        pool = Pool(world.control.address, 2)
        hearers = [_call(pool)[1] for _ in range(7)]
        assert (pool.busy, pool.size) == (7, 2)
        for hearer in hearers:
            await hearer.done.wait()
            assert hearer.told == [200, b"fine", "end"]
        assert world.control.connections == 2
        assert (pool.busy, pool.size) == (0, 2)
        pool.close()

    play(scenario)


def test_calls_are_given_up_wherever_they_are(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        go_on = asyncio.Event()

        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await world.read_head(reader)
            await go_on.wait()
            writer.write(world.ok(b""))

        world.control.handler = handler
        pool = Pool(world.control.address, 1)
        connecting, first = _call(pool)
        connecting.abort()
        connected, second = _call(pool)
        await world.until(lambda: connected.connection is not None)
        waiting, third = _call(pool)
        _, last = _call(pool)
        waiting.abort()
        connected.abort()
        go_on.set()
        await last.done.wait()
        assert last.told == [200, "end"]
        assert first.told == second.told == third.told == []
        await world.until(lambda: pool.busy == 0)
        pool.close()

    play(scenario)


def test_nobody_listens(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        pool = Pool(str(world.folder / "nothing.sock"), 1)
        hearers = [_call(pool)[1] for _ in range(3)]
        for hearer in hearers:
            await hearer.done.wait()
            assert hearer.told == [(False, False)]
        await world.until(lambda: pool.size == 0)

    play(scenario)


def test_a_sender_is_held_back_until_there_is_a_connection(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        pool = Pool(world.control.address, 1)
        call, hearer = _call(pool, complete=False)
        call.send(b"content-length: 4\r\n\r\nab")
        call.send(b"cd")
        call.complete = True
        assert hearer.told == ["full"]
        await hearer.done.wait()
        assert hearer.told == ["full", "ready", 200, b"fine", "end"]
        assert world.control.seen[0].body == b"abcd"
        pool.close()

    play(scenario)


def test_bytes_behind_an_answer_reach_nobody(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        world.control.reply = lambda _: world.ok(b"mine") + world.ok(b"poison")
        pool = Pool(world.control.address, 1)
        hearers = [_call(pool)[1] for _ in range(3)]
        for hearer in hearers:
            await hearer.done.wait()
            assert hearer.told == [200, b"mine", "end"]
        assert world.control.connections == 3
        pool.close()

    play(scenario)


def test_a_large_request_is_not_kept_to_be_sent_again(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        pool = Pool(world.control.address, 1)
        _, first = _call(pool)
        await first.done.wait()
        call, second = _call(pool, complete=False)
        call.send(b"content-length: 300000\r\n\r\n")
        call.send(bytes(300_000))
        assert call.pieces is None
        call.complete = True
        await second.done.wait()
        assert second.told[-1] == "end"
        pool.close()

    play(scenario)


def test_a_pooled_connection_that_dies_unanswered_is_replaced_once(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            message = await world.read_head(reader)
            message.body = await world.read_body(reader, message)
            world.control.seen.append(message)
            writer.write(world.ok(message.body))
            await world.read_head(reader)  # a second request finds the connection dead

        world.control.handler = handler
        client = await world.client()
        for i in range(3):
            assert (await client.ask(world.post("/", b"%d" % i))).body == b"%d" % i
        assert world.control.connections == 3

    play(scenario)


def test_a_fresh_connection_that_dies_is_not_tried_again(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        async def handler(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
            await world.read_head(reader)

        world.control.handler = handler
        client = await world.client()
        assert (await client.ask(world.post("/"))).status == 503
        assert world.control.connections == 1

    play(scenario)


ORDER = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n"


class _Line:
    """A server that says it works on one request at a time, and answers when it is told to."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.asked = 0
        self.writers: list[asyncio.StreamWriter] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        while True:
            message = await self.world.read_head(reader)
            await self.world.read_body(reader, message)
            self.asked += 1
            if self.asked == 1:
                writer.write(self.answer(b"first"))

    def answer(self, body: bytes) -> bytes:
        return self.world.ok(body, "X-Clary-Concurrency: 1")

    async def begun(self) -> tuple[Pool, list[_Hearer], list[Call]]:
        """Return a pool that has learnt to line up, and three calls that were sent and not answered."""
        replica = await self.world.replica("line")
        replica.handler = self
        pool = Pool(replica.address, 10)
        first = _Hearer()
        pool.call_in_line(ORDER, first)
        await first.done.wait()
        hearers = [_Hearer() for _ in range(3)]
        calls = [pool.call_in_line(ORDER, hearer) for hearer in hearers]
        await self.world.until(lambda: self.asked == 4)
        assert (pool.busy, pool.size, len(self.writers)) == (3, 1, 1)
        return pool, hearers, calls


def test_calls_are_lined_up_where_a_server_takes_one_at_a_time(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        line = _Line(world)
        pool, hearers, _ = await line.begun()
        data = b"".join(line.answer(b"%d" % number) for number in range(3))
        line.writers[0].write(data[:-1])  # two at once, and the third in two pieces
        await hearers[1].done.wait()
        line.writers[0].write(data[-1:])
        await hearers[2].done.wait()
        assert [hearer.told for hearer in hearers] == [[200, b"%d" % number, "end"] for number in range(3)]
        assert (pool.busy, pool.size) == (0, 1)
        pool.close()

    play(scenario)


def test_answers_in_chunks_keep_their_places_in_the_line(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        line = _Line(world)
        pool, hearers, _ = await line.begun()
        chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n0\r\n\r\n"
        line.writers[0].write(line.answer(b"0") + chunked + line.answer(b"2"))
        await hearers[2].done.wait()
        assert [hearer.told for hearer in hearers] == [
            [200, b"0", "end"],
            [200, b"one", "end"],
            [200, b"2", "end"],
        ]
        last = _Hearer()
        pool.call_in_line(ORDER, last)
        await world.until(lambda: line.asked == 5)
        line.writers[0].write(line.answer(b"last"))
        await last.done.wait()
        assert last.told == [200, b"last", "end"]
        pool.close()

    play(scenario)


def test_who_leaves_the_line_does_not_hurt_the_others(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        line = _Line(world)
        pool, hearers, calls = await line.begun()
        calls[0].abort()
        calls[1].abort()
        line.writers[0].write(b"".join(line.answer(b"%d" % number) for number in range(3)))
        await hearers[2].done.wait()
        assert [hearer.told for hearer in hearers] == [[], [], [200, b"2", "end"]]
        calls = [pool.call_in_line(ORDER, _Hearer()) for _ in range(2)]
        for call in calls:
            call.abort()
        assert (pool.busy, pool.size) == (0, 0)

    play(scenario)


def test_those_behind_an_answer_that_breaks_off_are_sent_again(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        line = _Line(world)
        pool, hearers, _ = await line.begun()
        line.writers[0].write(line.answer(b"cut")[:-1])
        line.writers[0].close()
        await hearers[0].done.wait()
        assert hearers[0].told[-1] == (True, True)
        await world.until(lambda: line.asked == 6)
        for writer in line.writers[1:]:
            writer.write(line.answer(b"again"))
        for hearer in hearers[1:]:
            await hearer.done.wait()
            assert hearer.told == [200, b"again", "end"]
        pool.close()

    play(scenario)


def test_a_server_that_closes_after_an_answer_is_asked_again_by_the_rest(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        line = _Line(world)
        pool, hearers, _ = await line.begun()
        line.writers[0].write(world.ok(b"0", "connection: close"))
        await hearers[0].done.wait()
        assert hearers[0].told == [200, b"0", "end"]
        await world.until(lambda: line.asked == 6)
        pool.close()

    play(scenario)


class _Written(asyncio.Transport):
    """A transport that keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []

    def write(self, data: object) -> None:
        assert isinstance(data, bytes)
        self.writes.append(data)

    def abort(self) -> None:
        return

    def get_write_buffer_size(self) -> int:
        return 0


def test_what_is_called_in_one_turn_leaves_in_one_write() -> None:
    async def scenario() -> None:
        pool, transport = Pool("nowhere", 1), _Written()
        pool.line = connection = Connection(pool)
        connection.connection_made(transport)
        hearers = [_Hearer() for _ in range(3)]
        calls = [pool.call_in_line(b"%d" % number, hearer) for number, hearer in enumerate(hearers)]
        assert transport.writes == []
        await asyncio.sleep(0)
        assert transport.writes == [b"012"]
        connection.data_received(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n7" * 2)
        assert [hearer.told for hearer in hearers] == [[200, b"7", "end"], [200, b"7", "end"], []]
        calls.append(pool.call_in_line(b"3", _Hearer()))
        for call in calls[2:]:
            call.abort()  # nobody waits any more: the connection is closed with what it has not sent
        await asyncio.sleep(0)
        assert transport.writes == [b"012"]

    asyncio.run(scenario())
