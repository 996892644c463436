"""Tests of TLS at the door, and of what counts as a connection before its handshake is done."""

import asyncio
import os
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from clary.app import certificates
from clary.app.settings import Settings
from clary.gateway import server as gateway
from clary.gateway.lobby import Limits
from clary.gateway.secured_listener import Secured
from tests.gateway.conftest import Client

if TYPE_CHECKING:
    from tests.gateway.conftest import Play, World


def _secure(world: "World", settings: Settings) -> int:
    """Let the gateway listen for TLS too; return the port."""
    certificates.prepare(settings)
    with gateway.bind("127.0.0.1", 0) as sock:
        world.server.listen_secured(Secured(sock, certificates.context(settings)))
        port: int = sock.getsockname()[1]
        return port


async def _client(port: int, settings: Settings) -> Client:
    context = ssl.create_default_context(cafile=str(settings.ca_bundle))
    return Client(*await asyncio.open_connection("127.0.0.1", port, ssl=context))


def test_tls_leads_through_the_same_door(play: "Play", tmp_path: Path) -> None:
    async def scenario(world: "World") -> None:
        client = await _client(_secure(world, Settings(tmp_path)), Settings(tmp_path))
        replica = await world.churn()
        big = os.urandom(2**20)

        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(world.ok(await world.read_body(reader, await world.read_head(reader))))

        replica.handler = echo
        assert (await client.ask(world.invoke(body=big))).body == big
        assert (await client.ask(world.post("/"))).status == 200
        closing = asyncio.create_task(world.server.close(10))
        assert await client.ended()
        await closing

    play(scenario)


def test_a_refusal_over_tls_reaches_a_client_that_is_still_sending(play: "Play", tmp_path: Path) -> None:
    async def scenario(world: "World") -> None:
        client = await _client(_secure(world, Settings(tmp_path)), Settings(tmp_path))
        client.send(b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 5000)
        answer = await client.answer()
        assert answer.status == 431
        assert answer.headers["connection"] == "close"
        client.writer.close()
        await client.writer.wait_closed()

    play(scenario, Limits(head=1000))


def test_a_handshake_that_does_not_come_is_not_waited_for(
    play: "Play", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clary.gateway.secured_listener._HANDSHAKE", 0.05)

    async def scenario(world: "World") -> None:
        settings = Settings(tmp_path)
        port = _secure(world, settings)
        silent = [Client(*await asyncio.open_connection("127.0.0.1", port)) for _ in range(2)]
        for client in silent:
            assert await client.ended()
            client.writer.close()
        client = await _client(port, settings)  # their places are free again
        assert (await client.ask(world.post("/"))).status == 200
        client.writer.close()
        await client.writer.wait_closed()

    play(scenario, Limits(connections=2))


def test_what_is_not_tls_is_closed(play: "Play", tmp_path: Path) -> None:
    async def scenario(world: "World") -> None:
        port = _secure(world, Settings(tmp_path))
        for _ in range(3):
            client = Client(*await asyncio.open_connection("127.0.0.1", port))
            client.send(b"GET / HTTP/1.1\r\n\r\n")
            await client.reader.read()
            client.writer.close()

    play(scenario, Limits(connections=1))


def test_a_handshake_under_way_is_a_connection(play: "Play", tmp_path: Path) -> None:
    async def scenario(world: "World") -> None:
        port = _secure(world, Settings(tmp_path))
        first = Client(*await asyncio.open_connection("127.0.0.1", port))
        second = Client(*await asyncio.open_connection("127.0.0.1", port))
        assert await second.ended()  # closed at once, and not when its time is up
        plain = await world.client()
        assert (await plain.answer()).status == 503
        first.writer.transport.abort()
        second.writer.close()

        async def admitted() -> bool:
            client = await world.client()
            try:
                return (await client.ask(world.post("/"))).status == 200
            except (ConnectionError, asyncio.IncompleteReadError):
                return False

        while not await admitted():
            continue

    play(scenario, Limits(connections=1))


def test_a_handshake_is_not_waited_for_at_the_close(play: "Play", tmp_path: Path) -> None:
    async def scenario(world: "World") -> None:
        port = _secure(world, Settings(tmp_path))
        client = Client(*await asyncio.open_connection("127.0.0.1", port))
        await asyncio.sleep(0.05)
        async with asyncio.timeout(2):
            await world.server.close(1)
        assert await client.reader.read() == b""
        client.writer.close()

    play(scenario)
