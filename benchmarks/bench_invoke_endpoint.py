"""What InvokeEndpoint costs on its way through the gateway, beside a bare echo and uvicorn with Starlette.

    python benchmarks/bench_invoke_endpoint.py [--seconds 3]

The servers (for the gateway: the gateway and its replica together) run on core 0, the load generator on core
1. It keeps one request under way on each connection: 1 kB of CSV there, the same back, nothing signed.
The last column is the servers' processor time for one request, which a busy machine changes least.
"""

import argparse
import asyncio
import multiprocessing
import multiprocessing.connection
import os
import resource
import socket
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httptools
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as HttpRoute

from clary.core.exchange import Caller
from clary.gateway.route import Replica, Route, Variant
from clary.gateway.server import Plan, bind, serve

BODY = b",".join(b"0.123456" for _ in range(112))  # 4 rows of 28 numbers
REQUEST = (
    b"POST /endpoints/bench/invocations HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nAccept-Encoding: identity\r\n"
    b"Content-Type: text/csv\r\nUser-Agent: Boto3/1.40 md/Botocore#1.40 ua/2.1 os/linux lang/python\r\n"
    b"X-Amz-Date: 20260101T000000Z\r\nAuthorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/"
    b"20260101/us-east-1/sagemaker/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature="
    + b"0"
    * 64
    + b"\r\n"
    b"amz-sdk-invocation-id: 01234567-89ab-cdef-0123-456789abcdef\r\namz-sdk-request: attempt=1\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
)
CONNECTIONS = (1, 8, 64)
CALLER = Caller("123456789012", "AKIA", "arn:aws:iam::123456789012:root", "123456789012")


class Echo(asyncio.Protocol):
    """The least a server can do: parse, and send the body back."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self.transport = transport
        self.parser = httptools.HttpRequestParser(self)
        self.body = b""

    def data_received(self, data: bytes) -> None:
        """Parse."""
        self.parser.feed_data(data)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Look at a header, as any server must."""

    def on_body(self, data: bytes) -> None:
        """Keep the body."""
        self.body += data

    def on_message_complete(self) -> None:
        """Answer."""
        head = b"HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\ncontent-length: %d\r\n\r\n" % len(self.body)
        self.transport.write(head + self.body)  # type: ignore[attr-defined]
        self.body = b""


def pin(core: int) -> None:
    """Keep this process on one core where the system lets it."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core % (os.cpu_count() or 1)})


def echo_on(sock: socket.socket) -> None:
    """Run the bare echo."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        start = loop.create_unix_server if sock.family == socket.AF_UNIX else loop.create_server
        server = await start(Echo, sock=sock)
        await server.serve_forever()

    pin(0)
    uvloop.run(run())


def starlette_on(sock: socket.socket) -> None:
    """Run the same echo on uvicorn with Starlette."""

    async def invocations(request: Request) -> Response:
        return Response(await request.body(), media_type="text/csv")

    pin(0)
    app = Starlette(routes=[HttpRoute("/endpoints/{name}/invocations", invocations, methods=["POST"])])
    config = uvicorn.Config(app, loop="uvloop", http="httptools", access_log=False, log_level="error")
    uvicorn.Server(config).run(sockets=[sock])


def gateway_on(sock: socket.socket, replica: str) -> None:
    """Run the gateway before the replica at ``replica``."""
    pin(0)
    route = Route(
        "bench", CALLER.account, "us-east-1", "InService", (Variant("All", 1.0, (Replica(replica),)),)
    )
    serve(
        Plan(
            "/nowhere",
            lambda *_: route,
            lambda *_: CALLER,
            lambda *_: CALLER,
            lambda *_: None,
            lambda *_: ({}, b""),
        ),
        sock,
        started=lambda _: None,
    )


class Asker(asyncio.Protocol):
    """One connection that asks again as soon as it is answered."""

    def __init__(self, latencies: list[float], until: float) -> None:
        self.latencies = latencies
        self.until = until
        self.done = asyncio.get_running_loop().create_future()
        self.size = 0
        self.missing = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the first time."""
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        """Send the request."""
        self.missing = self.size
        self.sent = time.perf_counter()
        self.transport.write(REQUEST)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """Note the time once all of the answer is there; all answers have the first one's size."""
        if not self.size:
            head, _, _ = data.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 "), data
            self.size = self.missing = len(head) + 4 + len(BODY)
        self.missing -= len(data)
        if self.missing > 0:
            return
        now = time.perf_counter()
        self.latencies.append(now - self.sent)
        if now < self.until:
            self.ask()
        else:
            self.transport.close()
            self.done.set_result(None)


def load(port: int, seconds: float, results: multiprocessing.connection.Connection) -> None:
    """Measure (requests a second, p50 ms, p99 ms) for each number of connections."""

    async def ask(connections: int, duration: float) -> list[float]:
        loop = asyncio.get_running_loop()
        latencies: list[float] = []
        until = time.perf_counter() + duration
        made = [
            await loop.create_connection(lambda: Asker(latencies, until), "127.0.0.1", port)
            for _ in range(connections)
        ]
        await asyncio.gather(*(asker.done for _, asker in made))
        return latencies

    pin(1)
    figures = []
    total = 0
    for connections in CONNECTIONS:
        total += len(uvloop.run(ask(connections, 0.3)))
        latencies = uvloop.run(ask(connections, seconds))
        total += len(latencies)
        cuts = statistics.quantiles(latencies, n=100)
        figures.append((len(latencies) / seconds, cuts[49] * 1e3, cuts[98] * 1e3))
    results.send((figures, total))


Figures = tuple[list[tuple[float, float, float]], float]
"""For each number of connections (requests a second, p50 ms, p99 ms); processor time of a request in µs."""


def measure(seconds: float, port: int, *servers: tuple[Callable[..., None], tuple[object, ...]]) -> Figures:
    """Start ``servers``, put load on ``port``, stop them."""
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=target, args=arguments) for target, arguments in servers]
    for process in processes:
        process.start()
    ours, theirs = context.Pipe()
    generator = context.Process(target=load, args=(port, seconds, theirs))
    generator.start()
    theirs.close()
    try:
        figures, total = ours.recv()
        generator.join()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
    finally:
        for process in (generator, *processes):
            process.terminate()
            process.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return figures, used / total * 1e6


def main() -> None:
    """Measure all three and print them side by side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each figure is measured for")
    seconds = parser.parse_args().seconds
    table = {}
    with tempfile.TemporaryDirectory() as folder:
        address = str(Path(folder) / "replica.sock")
        replica = socket.socket(socket.AF_UNIX)
        replica.bind(address)
        socks = [bind("127.0.0.1", 0) for _ in range(3)]
        for sock in (replica, *socks):
            sock.listen(1024)
        ports = [sock.getsockname()[1] for sock in socks]
        table["bare echo"] = measure(seconds, ports[0], (echo_on, (socks[0],)))
        table["gateway + replica"] = measure(
            seconds, ports[1], (echo_on, (replica,)), (gateway_on, (socks[1], address))
        )
        table["uvicorn + starlette echo"] = measure(seconds, ports[2], (starlette_on, (socks[2],)))
    print(f"{'':26}" + "".join(f"{f'{n} connections':>36}" for n in CONNECTIONS))
    print(
        f"{'':26}"
        + f"{'req/s':>12}{'ratio':>8}{'p50 ms':>8}{'p99 ms':>8}" * len(CONNECTIONS)
        + f"{'CPU µs':>10}"
    )
    for name, (figures, cost) in table.items():
        cells = [
            f"{rate:12,.0f}{rate / bare[0]:8.2f}{p50:8.3f}{p99:8.3f}"
            for (rate, p50, p99), bare in zip(figures, table["bare echo"][0], strict=True)
        ]
        print(f"{name:26}" + "".join(cells) + f"{cost:10.1f}")


if __name__ == "__main__":
    main()
