"""Tests of starting and closing a gateway."""

import asyncio
import os
import signal
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from clary.core.exchange import Caller
from clary.gateway import server as gateway
from clary.gateway.lobby import Limits

if TYPE_CHECKING:
    from tests.gateway.conftest import Play, World


def test_a_graceful_close_finishes_what_is_under_way(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        arrived, go_on = asyncio.Event(), asyncio.Event()
        replica = await world.churn()

        async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await world.read_body(reader, await world.read_head(reader))
            arrived.set()
            await go_on.wait()
            writer.write(world.ok(b"late"))

        replica.handler = slow
        idle, busy = await world.client(), await world.client()
        assert (await idle.ask(world.post("/"))).status == 200
        busy.send(world.invoke())
        await arrived.wait()
        closing = asyncio.create_task(world.server.close(10))
        assert await idle.ended()
        assert not closing.done()
        go_on.set()
        answer = await busy.answer()
        assert answer.body == b"late"
        assert answer.headers["connection"] == "close"
        assert await busy.ended()
        await closing

    play(scenario)


def test_a_request_that_is_arriving_at_the_close_is_served(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        client = await world.client()
        whole = world.post("/", b"body")
        client.send(whole[:20])
        other = await world.client()
        assert (await other.ask(world.post("/"))).status == 200  # by now the first bytes have arrived
        closing = asyncio.create_task(world.server.close(10))
        assert await other.ended()
        client.send(whole[20:])
        answer = await client.answer()
        assert answer.status == 200
        assert answer.headers["connection"] == "close"
        await closing

    play(scenario)


def test_grace_has_an_end(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        arrived = asyncio.Event()

        async def never(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
            arrived.set()
            await reader.read()

        world.control.handler = never
        client = await world.client()
        client.send(world.post("/"))
        await arrived.wait()
        await world.server.close(0.05)
        assert await client.ended()

    play(scenario)


def test_the_port_survives_a_restart(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        plan = world.plan(Limits())
        sock = gateway.bind("127.0.0.1", 0)
        port = sock.getsockname()[1]
        first = await gateway.start(plan, sock)
        await first.close(1)
        # Nobody accepts now, and yet a client is not turned away.
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(world.post("/"))
        second = await gateway.start(plan, sock)
        assert (await world.read_head(reader)).status == 200
        writer.close()
        await second.close(1)
        sock.close()

    play(scenario)


def test_a_change_is_seen_at_once(play: "Play") -> None:
    async def scenario(world: "World") -> None:
        replica = await world.churn()
        client = await world.client()
        assert (await client.ask(world.invoke())).status == 200
        world.route("churn", replica, status="Deleting")
        assert (await client.ask(world.invoke())).status == 200
        world.server.forget("churn")
        assert (await client.ask(world.invoke())).status == 400

    play(scenario)


def test_a_port_that_is_taken_is_said_to_be() -> None:
    first = gateway.bind("127.0.0.1", 0)
    first.listen()
    with pytest.raises(OSError, match="in use"):
        gateway.bind("127.0.0.1", first.getsockname()[1])
    first.close()


def test_serve_runs_until_it_is_told_to_stop() -> None:
    answers: list[bytes] = []
    plan = gateway.Plan(
        "/nowhere",
        lambda *_: None,
        _nobody,
        _nobody,
        lambda *_: None,
        lambda *_: ({}, b""),
        Limits(restart=0.0),
    )
    sock = gateway.bind("127.0.0.1", 0)

    def client() -> None:
        with socket.create_connection(sock.getsockname()) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            answers.append(connection.recv(1000))
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=client)
    gateway.serve(plan, sock, started=lambda _: thread.start())
    thread.join()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(sock.getsockname())
    sock.close()
    assert answers[0].startswith(b"HTTP/1.1 503 ")


def _nobody(*_: object) -> Caller:
    raise AssertionError
