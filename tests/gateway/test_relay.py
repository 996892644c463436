"""Tests of what passes through to the control plane and back."""

import asyncio
import resource
from typing import TYPE_CHECKING

from clary.gateway.lobby import Limits

if TYPE_CHECKING:
    from tests.gateway.conftest import Message, Play, World

_MB = 1024 * 1024


def test_raw_target_and_headers_pass_unchanged_and_hop_by_hop_ones_do_not(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        client = await world.client()
        target = "/bucket/a%20b+c%2F%E4%BD%A0//d?list-type=2&x=%2B"
        answer = await client.ask(
            f"PUT {target} HTTP/1.1\r\nHost: s3\r\nX-Amz-Meta-Name: caf\xe9\r\nTE: trailers\r\n"
            "Connection: keep-alive, X-Private\r\nX-Private: 1\r\nContent-Length: 2\r\n\r\nhi".encode(
                "latin-1"
            )
        )
        assert answer.status == 200
        assert answer.body == b"fine"
        (seen,) = world.control.seen
        assert seen.start == f"PUT {target} HTTP/1.1"
        assert seen.headers == {"host": "s3", "x-amz-meta-name": "caf\xe9", "content-length": "2"}
        assert seen.body == b"hi"

    play(scenario)


def test_connections_are_kept_alive_on_both_sides(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        client = await world.client()
        for i in range(5):
            assert (await client.ask(world.post("/", b"%d" % i))).status == 200
        assert [seen.body for seen in world.control.seen] == [b"0", b"1", b"2", b"3", b"4"]
        assert world.control.connections == 1

    play(scenario)


def test_chunked_bodies_pass_both_ways(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        world.control.reply = lambda seen: (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"".join(b"1;ext=1\r\n%c\r\n" % byte for byte in seen.body)
            + b"0\r\nX-Trailer: 1\r\n\r\n"
        )
        client = await world.client()
        for _ in range(2):
            answer = await client.ask(
                b"PUT /b/k HTTP/1.1\r\nhost: s3\r\ncontent-encoding: aws-chunked\r\n"
                b"transfer-encoding: chunked\r\nx-amz-trailer: x-amz-checksum-crc32\r\n\r\n"
                b"a\r\n5\r\nhello\r\n\r\n3\r\n0\r\n\r\n0\r\nx-ignored: 1\r\n\r\n"
            )
            assert answer.headers["transfer-encoding"] == "chunked"
            assert answer.body == b"5\r\nhello\r\n0\r\n"
        assert world.control.seen[0].headers == {
            "host": "s3",
            "content-encoding": "aws-chunked",
            "transfer-encoding": "chunked",
            "x-amz-trailer": "x-amz-checksum-crc32",
        }

    play(scenario)


def test_an_old_client_gets_a_chunked_answer_until_the_connection_closes(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        world.control.reply = lambda _: (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        )
        client = await world.client()
        answer = await client.ask(b"GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
        assert answer.headers == {"connection": "close"}
        assert answer.body == b"abc"

    play(scenario)


def test_an_old_client_may_keep_its_connection(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        client = await world.client()
        for _ in range(2):
            answer = await client.ask(b"GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
            assert answer.headers["connection"] == "keep-alive"

    play(scenario)


def test_an_answer_that_ends_with_its_connection_is_chunked_for_the_client(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await world.read_head(reader)
            writer.write(b"HTTP/1.1 200 OK\r\n\r\nall ")
            await writer.drain()
            writer.write(b"of it")

        world.control.handler = handler
        client = await world.client()
        for _ in range(2):
            answer = await client.ask(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            assert answer.headers == {"transfer-encoding": "chunked"}
            assert answer.body == b"all of it"

    play(scenario)


def test_answers_without_a_body(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        def reply(seen: "Message") -> bytes:
            if seen.start.startswith("HEAD /chunked"):
                return b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
            if seen.start.startswith("HEAD"):
                return b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\netag: e\r\n\r\n"
            if seen.start.startswith("DELETE"):
                return b"HTTP/1.1 204 No Content\r\n\r\n"
            return b"HTTP/1.1 304 Not Modified\r\netag: e\r\ncontent-length: 1000\r\n\r\n"

        world.control.reply = reply
        client = await world.client()
        for _ in range(2):
            client.send(b"HEAD /b/k HTTP/1.1\r\nhost: s3\r\n\r\n")
            answer = await client.answer(bodiless=True)
            assert answer.headers == {"content-length": "1000", "etag": "e"}
            answer = await client.ask(b"DELETE /b/k HTTP/1.1\r\nhost: s3\r\n\r\n")
            assert (answer.status, answer.headers) == (204, {})
            answer = await client.ask(b"GET /b/k HTTP/1.1\r\nhost: s3\r\n\r\n")
            assert (answer.status, answer.headers["content-length"]) == (304, "1000")
            client.send(b"HEAD /chunked HTTP/1.1\r\nhost: s3\r\n\r\n")
            assert (await client.answer(bodiless=True)).status == 200
        assert world.control.connections <= 2

    play(scenario)


def test_an_interim_answer_of_the_control_plane_is_not_the_answer(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        world.control.reply = lambda _: (
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"
            b"HTTP/1.1 299 Rather Good\r\ncontent-length: 1\r\n\r\n!"
        )
        client = await world.client()
        for _ in range(2):
            answer = await client.ask(world.post("/"))
            assert answer.start == "HTTP/1.1 299 Rather Good"
            assert answer.headers == {"content-length": "1"}

    play(scenario)


def test_expect_is_answered_at_once_and_not_passed_on(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        client = await world.client()
        client.send(b"PUT /b/k HTTP/1.1\r\nhost: s3\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n")
        assert (await client.answer()).status == 100
        client.send(b"body")
        assert (await client.answer()).status == 200
        assert "expect" not in world.control.seen[0].headers
        assert world.control.seen[0].body == b"body"

    play(scenario)


def test_pipelined_requests_are_answered_in_order(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        world.control.reply = lambda seen: world.ok(seen.start.encode())
        replica = await world.churn()
        replica.reply = lambda seen: world.ok(seen.body)
        client = await world.client()
        client.send(
            b"GET /1 HTTP/1.1\r\nhost: x\r\n\r\n"
            + world.invoke("churn", b"2")
            + b"PUT /3 HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
            + b"POST /4 HTTP/1.1\r\nhost: x\r\ncontent-length: 6\r\n\r\nabc"
        )
        assert (await client.answer()).body == b"GET /1 HTTP/1.1"
        assert (await client.answer()).body == b"2"
        assert (await client.answer()).body == b"PUT /3 HTTP/1.1"
        client.send(b"def" + b"GET /5 HTTP/1.1\r\nhost: x\r\n\r\n")
        assert (await client.answer()).body == b"POST /4 HTTP/1.1"
        assert (await client.answer()).body == b"GET /5 HTTP/1.1"
        assert [seen.body for seen in world.control.seen] == [b"", b"abc", b"abcdef", b""]

    play(scenario)


def test_a_large_body_passes_both_ways_in_little_memory(play: "Play") -> None:
    size = 20 * _MB
    high_water: list[int] = []

    async def scenario(world: "World") -> None:
        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            message = await world.read_head(reader)
            length = int(message.headers["content-length"])
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % length)
            while length:
                data = await reader.read(_MB)
                length -= len(data)
                writer.write(data)
                await writer.drain()

        world.control.handler = handler
        client = await world.client()
        piece = bytes(range(256)) * 1024

        async def send() -> None:
            client.send(b"PUT /b/k HTTP/1.1\r\nhost: s3\r\ncontent-length: %d\r\n\r\n" % size)
            for _ in range(size // len(piece)):
                client.send(piece)
                await client.writer.drain()

        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        sending = asyncio.create_task(send())
        answer = await world.read_head(client.reader)
        assert answer.headers["content-length"] == str(size)
        for _ in range(size // len(piece)):
            assert await client.reader.readexactly(len(piece)) == piece
        await sending
        high_water.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)

    play(scenario)
    assert high_water[0] < 8 * 1024  # kB


def test_neither_side_is_read_while_the_other_does_not_take(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        go_on = asyncio.Event()

        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            message = await world.read_head(reader)
            await go_on.wait()
            body = await world.read_body(reader, message)
            writer.write(world.ok(body))

        world.control.handler = handler
        client = await world.client()
        client.send(b"PUT /b/k HTTP/1.1\r\nhost: s3\r\ncontent-length: %d\r\n\r\n" % (20 * _MB))
        client.send(bytes(20 * _MB))
        unsent = -1
        while unsent != (now := client.writer.transport.get_write_buffer_size()):
            unsent = now
            await asyncio.sleep(0.05)
        assert unsent > 10 * _MB  # what is not in the kernel's buffers waits with the sender
        go_on.set()
        assert len((await client.answer()).body) == 20 * _MB

    play(scenario)


def test_an_early_answer_is_delivered_and_ends_the_connection(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await world.read_head(reader)
            writer.write(world.ok(b"<Error/>", status="412 Precondition Failed"))
            await reader.read()

        world.control.handler = handler
        client = await world.client()
        client.send(b"PUT /b/k HTTP/1.1\r\nhost: s3\r\ncontent-length: %d\r\n\r\n" % (4 * _MB))
        answer = await client.answer()
        assert answer.status == 412
        assert answer.headers["connection"] == "close"
        assert answer.body == b"<Error/>"
        client.send(bytes(_MB))
        assert await client.ended()

    play(scenario)


def test_a_control_plane_that_is_down_is_said_to_be(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        await world.control.close()
        client = await world.client()
        for _ in range(2):
            answer = await client.ask(world.post("/", b"{}"))
            assert answer.status == 503
            assert (answer.headers["x-spelt-for"], answer.body) == ("/", b"ServiceUnavailable")
        client.send(b"HEAD /b/k HTTP/1.1\r\nhost: s3\r\n\r\n")
        assert (await client.answer(bodiless=True)).status == 503
        await world.control.open()
        assert (await client.ask(world.post("/"))).status == 200

    play(scenario)


def test_a_control_plane_that_restarts_is_not_noticed(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        client = await world.client()
        assert (await client.ask(world.post("/", b"1"))).status == 200
        await world.control.close()
        await world.control.open()
        assert (await client.ask(world.post("/", b"2"))).status == 200
        assert world.control.connections == 2

    play(scenario)


def test_a_control_plane_that_is_gone_for_a_moment_is_waited_for(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        await world.control.close()
        client = await world.client()
        client.send(world.post("/", bytes(500_000)))
        await asyncio.sleep(0.12)
        await world.control.open()
        assert (await client.answer()).status == 200
        (seen,) = world.control.seen
        assert seen.body == bytes(500_000)

    play(scenario, Limits(restart=5.0))


def test_an_answer_that_breaks_off_is_not_passed_as_whole(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await world.read_head(reader)
            writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n")
            await writer.drain()

        world.control.handler = handler
        client = await world.client()
        client.send(world.post("/"))
        await world.read_head(client.reader)
        try:
            rest = await client.reader.read()
        except ConnectionResetError:
            rest = b""
        assert not rest.endswith(b"0\r\n\r\n")

    play(scenario)


def test_an_answer_that_is_not_http_is_refused(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        world.control.reply = lambda _: b"SSH-2.0-OpenSSH_9.2\r\n"
        client = await world.client()
        assert (await client.ask(world.post("/"))).status == 503

    play(scenario)


def test_a_client_that_leaves_is_gone_for_the_control_plane_too(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        arrived, left = asyncio.Event(), asyncio.Event()

        async def handler(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
            await world.read_head(reader)
            arrived.set()
            assert await reader.read() == b""
            left.set()

        world.control.handler = handler
        client = await world.client()
        client.send(world.post("/"))
        await arrived.wait()
        client.writer.close()
        await left.wait()

    play(scenario)


def test_a_silent_control_plane_does_not_hang_the_client(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        async def handler(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
            await reader.read()

        world.control.handler = handler
        client = await world.client()
        assert (await client.ask(world.post("/", b"{}"))).status == 503
        client.send(b"PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % (2 * _MB))
        client.send(bytes(_MB))
        assert (await client.answer()).status in (408, 503)

    play(scenario, Limits(answer=0.2, idle=0.3))
