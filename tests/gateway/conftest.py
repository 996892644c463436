"""A gateway on a real port between real clients and fake upstreams."""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest
import uvloop

from clary.core.exchange import Caller
from clary.gateway import server as gateway
from clary.gateway.lobby import Limits
from clary.gateway.route import Replica, Route, Variant

CALLER = Caller("123456789012", "AKIA", "arn:aws:iam::123456789012:root", "123456789012")

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Message:
    """A request or a response taken off a socket; header names are lower-case."""

    start: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def status(self) -> int:
        return int(self.start.split(" ")[1])


async def read_head(reader: asyncio.StreamReader) -> Message:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").rstrip("\r\n")
    start, *lines = head.split("\r\n")
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        assert name.lower() not in headers, f"{name} comes twice"
        headers[name.lower()] = value
    return Message(start, headers)


async def read_body(reader: asyncio.StreamReader, message: Message) -> bytes:
    if message.headers.get("transfer-encoding") == "chunked":
        body = b""
        while size := int(await reader.readuntil(b"\r\n"), 16):
            body += await reader.readexactly(size)
            assert await reader.readexactly(2) == b"\r\n"
        while (await reader.readuntil(b"\r\n")).strip():
            continue
        return body
    if "content-length" in message.headers:
        return await reader.readexactly(int(message.headers["content-length"]))
    return b"" if message.start.endswith("HTTP/1.1") else await reader.read()


class Upstream:
    """A fake server on a unix socket: ``reply`` answers a whole request, or ``handler`` does everything."""

    def __init__(self, address: Path) -> None:
        self.address = str(address)
        self.seen: list[Message] = []
        self.connections = 0
        self.reply: Callable[[Message], bytes] = lambda _: ok(b"fine")
        self.handler: Handler = self.serve
        self._server: asyncio.Server | None = None
        self.writers: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        self._server = await asyncio.start_unix_server(self._accept, self.address)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
            Path(self.address).unlink(missing_ok=True)
        for writer in tuple(self.writers):
            writer.transport.abort()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.add(writer)
        try:
            await self.handler(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            self.writers.discard(writer)
            writer.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            message = await read_head(reader)
            message.body = await read_body(reader, message)
            self.seen.append(message)
            writer.write(self.reply(message))
            await writer.drain()


def ok(body: bytes, *lines: str, status: str = "200 OK") -> bytes:
    head = "".join(f"{line}\r\n" for line in (*lines, f"content-length: {len(body)}"))
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


class Client:
    """A raw client of the gateway."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def answer(self, *, bodiless: bool = False) -> Message:
        message = await read_head(self.reader)
        if not bodiless and message.status not in (100, 204, 304):
            message.body = await read_body(self.reader, message)
        return message

    async def ask(self, data: bytes) -> Message:
        self.send(data)
        return await self.answer()

    async def ended(self) -> bool:
        """Whether the gateway closed its side with nothing more to say."""
        return await self.reader.read() == b""


def post(target: str, body: bytes = b"", *lines: str) -> bytes:
    head = "".join(f"{line}\r\n" for line in ("host: clary", *lines, f"content-length: {len(body)}"))
    return f"POST {target} HTTP/1.1\r\n{head}\r\n".encode() + body


def invoke(endpoint: str = "churn", body: bytes = b"1,2", *lines: str) -> bytes:
    return post(f"/endpoints/{endpoint}/invocations", body, "content-type: text/csv", *lines)


async def until(condition: Callable[[], bool], timeout: float = 5.0) -> None:
    """Wait for ``condition``, looking every millisecond."""
    async with asyncio.timeout(timeout):
        while not condition():
            await asyncio.sleep(0.001)


@dataclass
class World:
    """The gateway, its control plane, its replicas and what it was told."""

    ok = staticmethod(ok)
    post = staticmethod(post)
    invoke = staticmethod(invoke)
    until = staticmethod(until)
    read_head = staticmethod(read_head)
    read_body = staticmethod(read_body)

    folder: Path
    control: Upstream
    routes: dict[str, Route] = field(default_factory=dict)
    lookups: list[tuple[str, str]] = field(default_factory=list)
    verified: list[tuple[Any, ...]] = field(default_factory=list)
    metered: list[tuple[str, str, int, int, int]] = field(default_factory=list)
    port: int = 0
    _clients: list[Client] = field(default_factory=list)
    _upstreams: list[Upstream] = field(default_factory=list)
    server: gateway.Server = field(init=False)

    def lookup(self, account: str, endpoint: str) -> Route | None:
        self.lookups.append((account, endpoint))
        return self.routes.get(endpoint)

    def verify(self, *request: Any) -> Caller:
        self.verified.append(request)
        return CALLER

    def _lookup(self, account: str, endpoint: str) -> Route | None:
        return self.lookup(account, endpoint)  # looked up late, so that a scenario may replace it

    def recall(self, *request: Any) -> Caller:
        return self.verify(*request)

    def _recall(self, *request: Any) -> Caller:
        return self.recall(*request)

    def _verify(self, *request: Any) -> Caller:
        return self.verify(*request)

    def on_invocation(self, *seen: Any) -> None:
        self.metered.append(seen)

    async def replica(self, name: str) -> Upstream:
        upstream = Upstream(self.folder / f"{name}.sock")
        self._upstreams.append(upstream)
        await upstream.open()
        return upstream

    def route(self, endpoint: str, *replicas: Upstream, status: str = "InService") -> Route:
        variant = Variant("AllTraffic", 1.0, tuple(Replica(replica.address) for replica in replicas))
        route = Route(endpoint, CALLER.account, "us-east-1", status, (variant,))
        self.routes[endpoint] = route
        return route

    async def churn(self) -> Upstream:
        """An endpoint called churn with one replica."""
        replica = await self.replica("replica")
        self.route("churn", replica)
        return replica

    async def client(self) -> Client:
        client = Client(*await asyncio.open_connection("127.0.0.1", self.port))
        self._clients.append(client)
        return client

    def plan(self, limits: Limits) -> gateway.Plan:
        return gateway.Plan(
            self.control.address,
            self._lookup,
            self._recall,
            self._verify,
            self.on_invocation,
            lambda error, request, _: ({"x-spelt-for": request.target.decode()}, error.code.encode()),
            limits,
        )

    @contextlib.asynccontextmanager
    async def running(self, limits: Limits) -> AsyncIterator["World"]:
        sock = gateway.bind("127.0.0.1", 0)
        self.port = sock.getsockname()[1]
        await self.control.open()
        self.server = await gateway.start(self.plan(limits), sock)
        try:
            yield self
        finally:
            for client in self._clients:
                client.writer.transport.abort()
            await self.server.close(0.2)
            for upstream in (self.control, *self._upstreams):
                await upstream.close()
            sock.close()


class Play(Protocol):
    """Runs a scenario in a world of its own."""

    def __call__(self, scenario: Callable[[World], Awaitable[None]], limits: Limits = ...) -> None: ...


@pytest.fixture
def play() -> Iterator[Play]:
    folders = []

    def run(scenario: Callable[[World], Awaitable[None]], limits: Limits = Limits(restart=0.0)) -> None:  # noqa: B008
        folder = Path(tempfile.mkdtemp(prefix="clary-"))
        folders.append(folder)

        async def main() -> None:
            problems: list[dict[str, Any]] = []
            asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
            world = World(folder, Upstream(folder / "control.sock"))
            async with asyncio.timeout(30), world.running(limits):
                await scenario(world)
            assert not problems

        uvloop.run(main())

    yield run
    for folder in folders:
        shutil.rmtree(folder)
