"""What InvokeEndpoint costs: the door beside the model served bare, Starlette on uvicorn, and nginx.

    python benchmarks/bench_invoke_endpoint.py [--seconds 1] [--rounds 3]

Needs wrk (Debian: wrk), a load generator that costs a fraction of any of these servers; nginx is left out
where it is not installed. What is measured runs alone on core 0, wrk and the replicas behind the door on core
1. A request is a POST of 1 kB of CSV (4 rows of 28 numbers) as boto3 sends it, one under way on each
connection. The model is a linear learner; the light replica answers a constant, so that the door, not the
model, is what limits. A signed request's signature is checked, an unsigned one is believed.

The machine may be busy with other things: every figure is the best of several rounds that take turns, and the
ratio compares the processor time that a request takes on the measured core, nginx's over the server's, at 64
connections. It is the share of nginx's throughput that the server reaches on one core.
"""

import argparse
import asyncio
import http.client
import io
import json
import multiprocessing
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
import uvloop
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response
from starlette.routing import Route as HttpRoute

from clary.core.exchange import Caller
from clary.gateway.route import Replica, Route, Variant
from clary.gateway.server import Plan, bind, serve
from clary.services.cloudwatch.meter import Meter
from clary.toolkit.http import Answer, Connections, HttpProtocol, Request
from clary.toolkit.report import Report
from clary.toolkit.serve import answering
from clary.toolkit.train import train
from clary.wire.http import RequestHead
from clary.wire.signature import Secret, Verifier

BODY = b"\n".join(b",".join(b"0.123456" for _ in range(28)) for _ in range(4))
CONNECTIONS = (1, 8, 64)
SECRET = "a-secret"
CALLER = Caller("123456789012", "AKIAIOSFODNN7EXAMPLE", "arn:aws:iam::123456789012:root", "123456789012")
NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/log;
events {{ worker_connections 1024; }}
http {{
    access_log off; keepalive_requests 1000000000; client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location / {{ default_type text/csv; return 200 "0.5\n"; }}
    }}
}}
"""
WRK = """
local requests, turn = {{}}, 0

function init(args)
    local body = [[{body}]]
{requests}
end

function request()
    turn = turn % #requests + 1
    return requests[turn]
end
"""
DIFFERENT = 64
"""Requests that take turns: no two have the same invocation id or, where that is signed, signature."""


def model_in(folder: Path) -> Any:
    """Train a linear learner on 28 columns and return what answers requests made of it."""
    random = np.random.default_rng(0)
    rows = random.random((2000, 28))
    table = np.column_stack([rows @ random.random(28) > 7, rows])
    (folder / "input/config").mkdir(parents=True)
    (folder / "input/data/train").mkdir(parents=True)
    given = {"predictor_type": "binary_classifier", "epochs": "2"}
    (folder / "input/config/hyperparameters.json").write_text(json.dumps(given))
    np.savetxt(folder / "input/data/train/rows.csv", table, delimiter=",", fmt="%.6f")
    log, sys.stdout = sys.stdout, io.StringIO()
    code = train("linear-learner", folder)
    sys.stdout = log
    assert code == 0
    from clary.algorithms.linear_learner import LinearLearner

    return LinearLearner.load(folder / "model")


class Forgetful:
    """A store of metrics that keeps none: what the door itself does for them is what counts."""

    def put_all(self, points: object) -> None:
        """Do nothing."""


def light(_: Request) -> Answer:
    """Answer a constant."""
    return Answer(b"0.5,1\n0.5,1\n0.5,1\n0.5,1\n", "text/csv")


def replica_on(sock: socket.socket, answer: Callable[[Request], Answer]) -> None:
    """Serve a model with the replica's own code."""

    async def run() -> None:
        loop, connections = asyncio.get_running_loop(), Connections()
        start = loop.create_unix_server if sock.family == socket.AF_UNIX else loop.create_server
        server = await start(lambda: HttpProtocol(answer, 2**23, connections), sock=sock)
        await server.serve_forever()

    uvloop.run(run())


def starlette_on(sock: socket.socket, answer: Callable[[Request], Answer]) -> None:
    """Serve the same model on uvicorn with Starlette, in the process that predicts."""

    async def invocations(request: StarletteRequest) -> Response:
        kind, accept = request.headers.get("content-type", ""), request.headers.get("accept", "")
        made = answer(Request("POST", "/invocations", kind, accept, await request.body()))
        return Response(made.body, media_type=made.content_type)

    app = Starlette(routes=[HttpRoute("/endpoints/{name}/invocations", invocations, methods=["POST"])])
    config = uvicorn.Config(app, loop="uvloop", http="httptools", access_log=False, log_level="error")
    uvicorn.Server(config).run(sockets=[sock])


def control_on(path: str) -> None:
    """Answer like a control plane that lists a thousand models, which takes it some milliseconds."""

    async def models(_: StarletteRequest) -> Response:
        listed = [{"ModelName": f"m-{n}", "ModelArn": f"arn:{n}", "CreationTime": n / 7} for n in range(1000)]
        return Response(json.dumps({"Models": listed}), media_type="application/x-amz-json-1.1")

    app = Starlette(routes=[HttpRoute("/", models, methods=["POST"])])
    uvicorn.Server(uvicorn.Config(app, uds=path, access_log=False, log_level="error")).run()


def list_on(port: int) -> None:
    """List models without a pause."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    while True:
        connection.request("POST", "/", b"{}", {"X-Amz-Target": "SageMaker.ListModels"})
        assert connection.getresponse().read().startswith(b'{"Models"')


def door_on(sock: socket.socket, replica: str, control: str = "/nowhere", *, signed: bool) -> None:
    """Run the door before the replica at ``replica``; unsigned, it believes everybody."""
    secret = Secret(SECRET, CALLER)
    verifier = Verifier(lambda _: secret, "us-east-1", signed, CALLER)

    def verify(method: str, path: str, query: str, headers: Any, body: bytes) -> Caller:
        return verifier.verify(
            RequestHead(method, path, query, headers), sha256(body).hexdigest(), "sagemaker"
        )

    variant = Variant("All", 1.0, (Replica(replica),))
    route = Route("bench", CALLER.account, "us-east-1", "InService", (variant,))
    recall = verify if signed else lambda *_: CALLER
    with Meter(Forgetful()) as meter:
        plan = Plan(control, lambda *_: route, recall, recall, meter, lambda *_: ({}, b""))
        serve(plan, sock, started=lambda _: None)


def nginx_on(sock: socket.socket, folder: str) -> None:
    """Run nginx, which answers without looking at anything."""
    port = sock.getsockname()[1]
    sock.close()
    path = Path(folder) / "nginx.conf"
    path.write_text(NGINX.format(folder=folder, port=port))
    os.execvp("nginx", ["nginx", "-c", str(path)])


@dataclass(frozen=True, slots=True)
class Subject:
    """A server under load: how it is started, its port, and where requests go."""

    name: str
    process: multiprocessing.context.ForkProcess
    port: int
    path: str = "/endpoints/bench/invocations"


@dataclass(frozen=True, slots=True)
class Figures:
    """Requests a second, latencies in milliseconds, and the measured core's microseconds for a request."""

    rate: float
    p50: float
    p99: float
    cost: float


def pinned(core: int, target: Callable[..., None], *arguments: Any, **options: Any) -> Any:
    """Start ``target`` in a process of its own on ``core``."""

    def run() -> None:
        os.sched_setaffinity(0, {core})
        target(*arguments, **options)

    process = multiprocessing.get_context("fork").Process(target=run, daemon=True)
    process.start()
    return process


def script(path: str, port: int) -> str:
    """Return wrk's script for requests as boto3 sends and signs them."""
    made = []
    for number in range(DIFFERENT):
        headers = {
            "Content-Type": "text/csv",
            "Accept": "text/csv",
            "User-Agent": "Boto3/1.40 md/Botocore#1.40 ua/2.1 os/linux lang/python",
            "amz-sdk-invocation-id": f"01234567-89ab-cdef-0123-{number:012x}",
            "amz-sdk-request": "attempt=1",
        }
        request = AWSRequest("POST", f"http://127.0.0.1:{port}{path}", data=BODY, headers=headers)
        SigV4Auth(Credentials(CALLER.access_key, SECRET), "sagemaker", "us-east-1").add_auth(request)
        table = ", ".join(f'["{name}"] = "{value}"' for name, value in request.headers.items())
        made.append(f'    requests[{number + 1}] = wrk.format("POST", "{path}", {{{table}}}, body)')
    return WRK.format(body=BODY.decode(), requests="\n".join(made))


def processor_time(pid: int) -> float:
    """Return the microseconds that the threads of ``pid`` have run for."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e3


def milliseconds(text: str) -> float:
    """Return what wrk writes as 1.5s, 2.01ms or 55.00us."""
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 1e-3, "ms": 1.0, "s": 1e3}[unit]


def measure(subject: Subject, connections: int, seconds: int, folder: Path, core: int = 1) -> Figures:
    """Put load on ``subject`` with ``connections`` from ``core``."""
    path = folder / "request.lua"
    path.write_text(script(subject.path, subject.port))
    command = ["taskset", "-c", str(core), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    before = processor_time(subject.process.pid or 0)
    command += ["-s", str(path), f"http://127.0.0.1:{subject.port}"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    used = processor_time(subject.process.pid or 0) - before
    assert "Non-2xx" not in said, f"{subject.name}: {said}"
    done = int(re.search(r"(\d+) requests in", said)[1])  # type: ignore[index]
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])  # type: ignore[index]
    p50, p99 = (
        milliseconds(re.search(rf"\s{part}%\s+(\S+)", said)[1])  # type: ignore[index]
        for part in (50, 99)
    )
    return Figures(rate, p50, p99, used / done)


def subjects(folder: Path) -> list[Subject]:
    """Start all servers; those that are not asked cost nothing."""
    answer = answering(model_in(folder / "model").answer, Report())
    made = []

    def tcp() -> tuple[socket.socket, int]:
        sock = bind("127.0.0.1", 0)
        sock.listen(1024)
        return sock, sock.getsockname()[1]

    def unix(name: str, answering: Callable[[Request], Answer]) -> str:
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(str(folder / name))
        sock.listen(1024)
        pinned(1, replica_on, sock, answering)
        return str(folder / name)

    if shutil.which("nginx"):
        sock = bind("127.0.0.1", 0)
        made.append(
            Subject("nginx, static answer", pinned(0, nginx_on, sock, str(folder)), sock.getsockname()[1])
        )
        sock.close()
    else:
        print("nginx is left out: it is not installed (Debian: apt-get install nginx-light).")
    sock, port = tcp()
    made.append(Subject("model, bare replica", pinned(0, replica_on, sock, answer), port, "/invocations"))
    sock, port = tcp()
    made.append(Subject("model, Starlette on uvicorn", pinned(0, starlette_on, sock, answer), port))
    for name, address in (("model", unix("model.sock", answer)), ("light", unix("light.sock", light))):
        for signed in (False, True):
            sock, port = tcp()
            door = pinned(0, door_on, sock, address, signed=signed)
            made.append(Subject(f"door -> {name}, {'' if signed else 'un'}signed", door, port))
    return made


def beside_lists(rounds: int, seconds: int, folder: Path) -> None:
    """Print how long invocations take while the control plane is kept busy through the same door.

    Door, replica and wrk share core 0, control plane and its clients core 1: what is shared is the door.
    """
    control, sock = str(folder / "control.sock"), bind("127.0.0.1", 0)
    sock.listen(1024)
    port = sock.getsockname()[1]
    replica = socket.socket(socket.AF_UNIX)
    replica.bind(str(folder / "quiet.sock"))
    replica.listen(1024)
    pinned(0, replica_on, replica, light)
    pinned(1, control_on, control)
    door = pinned(0, door_on, sock, str(folder / "quiet.sock"), control, signed=True)
    time.sleep(1)
    subject = Subject("door", door, port)
    idle, busy = [], []
    for _ in range(rounds):
        idle.append(measure(subject, 8, seconds, folder, core=0))
        lists = [pinned(1, list_on, port) for _ in range(2)]
        busy.append(measure(subject, 8, seconds, folder, core=0))
        for process in lists:
            process.terminate()
            process.join()
    quiet, loaded = best(idle), best(busy)
    print(
        f"\nsigned, light replica, 8 connections: p50 {quiet.p50:.3f} ms, p99 {quiet.p99:.3f} ms; beside two "
        f"clients that list models without a pause: p50 {loaded.p50:.3f} ms, p99 {loaded.p99:.3f} ms "
        f"({loaded.p99 / quiet.p99:.1f} times)."
    )


def best(figures: list[Figures]) -> Figures:
    """Return the best of each figure."""
    return Figures(
        max(one.rate for one in figures),
        min(one.p50 for one in figures),
        min(one.p99 for one in figures),
        min(one.cost for one in figures),
    )


def show(table: dict[str, dict[int, Figures]]) -> None:
    """Print the table."""
    yardstick = next(iter(table.values()))[CONNECTIONS[-1]].cost
    print(f"{'':30}" + "".join(f"{f'{n} connections':>30}" for n in CONNECTIONS))
    print(
        f"{'':30}"
        + f"{'req/s':>12}{'p50 ms':>9}{'p99 ms':>9}" * len(CONNECTIONS)
        + f"{'CPU µs':>9}{'ratio':>7}"
    )
    for name, row in table.items():
        cells = "".join(f"{one.rate:12,.0f}{one.p50:9.3f}{one.p99:9.3f}" for one in row.values())
        cost = row[CONNECTIONS[-1]].cost
        print(f"{name:30}{cells}{cost:9.1f}{yardstick / cost:7.2f}")


def main() -> None:
    """Measure all servers in turn, several times, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=int, default=1, help="how long each figure is measured for")
    parser.add_argument("--rounds", type=int, default=3, help="how often")
    options = parser.parse_args()
    if not shutil.which("wrk"):
        print("Left out: wrk is not installed (Debian: apt-get install wrk).")
        return
    with tempfile.TemporaryDirectory(prefix="clary-") as name:
        folder = Path(name)
        running = subjects(folder)
        time.sleep(1)  # for all of them to listen; wrk would only count an error
        try:
            seen: dict[tuple[str, int], list[Figures]] = {}
            for _ in range(options.rounds):
                for connections in CONNECTIONS:
                    for subject in running:
                        figures = measure(subject, connections, options.seconds, folder)
                        seen.setdefault((subject.name, connections), []).append(figures)
            show({one.name: {n: best(seen[one.name, n]) for n in CONNECTIONS} for one in running})
            beside_lists(options.rounds, options.seconds, folder)
        finally:
            for process in multiprocessing.active_children():
                process.terminate()


if __name__ == "__main__":
    main()
