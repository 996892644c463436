"""Create, a second: by one and by eight clients, on SQLite and PostgreSQL, beside their own commits and moto.

    python benchmarks/bench_create.py [--calls 300] [--rounds 3]

Clients are processes: some that only write requests to a socket, unsigned (``--no-auth``), so that they cost
next to nothing, and some of boto3, whose requests are signed and verified. Beside each database stands what
it does by itself: one row of the same size inserted and committed, on the disk, by as many connections.
moto's server keeps everything in memory, without a check. Rounds alternate; the machine is shared with the
clients and whatever else runs on it, so that ratios within the run say more than rates. CPU is that of all of
a server's processes, PostgreSQL's not among them.
"""

import argparse
import contextlib
import http.client
import importlib.util
import json
import multiprocessing
import runpy
import sqlite3
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import psycopg

ROOT = Path(__file__).parents[1]
S3 = runpy.run_path(str(Path(__file__).with_name("bench_s3.py")))
"""Servers to measure, as the benchmark of S3 starts them."""
CLIENTS = (1, 8)
ROLE = "arn:aws:iam::123456789012:role/ClaryExecutionRole"
WRITING = multiprocessing.get_context("fork")
BODY = "x" * 600
"""As long as a model's row is."""


@dataclass
class Subject:
    """Something that creates: ``work`` is called in a process of each client, with its number."""

    name: str
    work: Callable[[str, int], None]
    seconds: Callable[[], float] = lambda: 0.0
    rates: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    cpu: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))

    def measure(self, clients: int, calls: int, mark: str) -> None:
        """Let so many clients create as fast as they can, ``calls`` in all."""
        ready, go = WRITING.Semaphore(0), WRITING.Event()

        def client(number: int) -> None:
            ready.release()
            go.wait()
            self.work(f"{mark}-{clients}-{number}", calls // clients)

        processes = [WRITING.Process(target=client, args=(number,)) for number in range(clients)]
        for process in processes:
            process.start()
        for _ in processes:
            ready.acquire()
        used, begun = self.seconds(), time.perf_counter()
        go.set()
        for process in processes:
            process.join()
        assert not any(process.exitcode for process in processes), self.name
        self.rates[clients].append(calls / (time.perf_counter() - begun))
        self.cpu[clients].append((self.seconds() - used) / calls * 1000)


def model(name: str) -> dict[str, Any]:
    """Return what a client says of a model."""
    container = {"Image": "linear-learner:1", "Environment": {"LEVEL": "20"}}
    return {"ModelName": name, "ExecutionRoleArn": ROLE, "PrimaryContainer": container}


def raw(endpoint: str) -> Callable[[str, int], None]:
    """Return the work of a client that does nothing but write requests and read answers."""
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "SageMaker.CreateModel",
        # An address for whoever routes by it; nobody looks at the signature.
        "Authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20250101/us-east-1/sagemaker/aws4_request, "
        "SignedHeaders=host, Signature=0",
    }

    def work(mark: str, calls: int) -> None:
        connection = http.client.HTTPConnection(urlsplit(endpoint).netloc)
        for number in range(calls):
            connection.request("POST", "/", json.dumps(model(f"m-{mark}-{number}")), headers)
            answer = connection.getresponse()
            said = answer.read()
            assert answer.status == 200, said

    return work


def signed(server: Any) -> Callable[[str, int], None]:
    """Return the work of a client of boto3."""

    def work(mark: str, calls: int) -> None:
        client = boto3.client(
            "sagemaker",
            endpoint_url=server.endpoint,
            region_name="us-east-1",
            aws_access_key_id=server.key,
            aws_secret_access_key=server.secret,
        )
        for number in range(calls):
            client.create_model(**model(f"b-{mark}-{number}"))

    return work


def committed(path: Path) -> Callable[[str, int], None]:
    """Return the work of a program that has SQLite write a row, and nothing else."""

    def work(mark: str, calls: int) -> None:
        connection = sqlite3.connect(path, isolation_level=None, timeout=60)
        connection.execute("PRAGMA synchronous=FULL")
        for number in range(calls):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO plain VALUES (?, ?)", (f"{mark}-{number}", BODY))
            connection.execute("COMMIT")

    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE plain (name TEXT PRIMARY KEY, body TEXT)")
    connection.close()
    return work


def committed_there(url: str) -> Callable[[str, int], None]:
    """Return the work of a program that has PostgreSQL write a row, and nothing else."""

    def work(mark: str, calls: int) -> None:
        with psycopg.connect(url) as connection:
            for number in range(calls):
                connection.execute("INSERT INTO plain VALUES (%s, %s)", (f"{mark}-{number}", BODY))
                connection.commit()

    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE plain (name TEXT PRIMARY KEY, body TEXT)")
    return work


@contextlib.contextmanager
def subjects(folder: Path) -> Iterator[list[list[Subject]]]:
    """Start everything that is measured; each list is compared with its first."""
    with contextlib.ExitStack() as stack:
        postgres = runpy.run_path(str(ROOT / "tests" / "postgres.py"))["Postgres"]
        (folder / "pg").mkdir()
        folder.chmod(0o711)
        server = postgres(folder / "pg", options=("shared_buffers=256MB",))
        stack.callback(server.stop)
        found = [
            [Subject("SQLite by itself", committed(folder / "plain.db"))],
            [Subject("PostgreSQL by itself", committed_there(server.url()))],
        ]
        databases: list[tuple[str, Callable[[], tuple[str, ...]]]] = [
            ("SQLite", lambda: ()),
            ("PostgreSQL", lambda: ("--database", server.empty())),
        ]
        for beside, (name, place) in zip(found, databases, strict=True):
            open_to_all = stack.enter_context(S3["clary"](folder / f"{name}-open", "--no-auth", *place()))
            verifying = stack.enter_context(S3["clary"](folder / f"{name}-auth", *place()))
            beside += [
                Subject(f"Clary on {name}", raw(open_to_all.endpoint), open_to_all.seconds),
                Subject(f"Clary on {name}, boto3", signed(verifying), verifying.seconds),
            ]
        if importlib.util.find_spec("moto") and importlib.util.find_spec("flask"):
            moto = stack.enter_context(S3["moto"]())
            found.append([Subject("moto's server", raw(moto.endpoint), moto.seconds)])
            found[-1].append(Subject("moto's server, boto3", signed(moto), moto.seconds))
        yield found


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--calls", type=int, default=304, help="Creates of each kind a round (default 304)")
    parser.add_argument("--rounds", type=int, default=3, help="times that each is measured (default 3)")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="clary-bench-") as place,
        subjects(Path(place)) as found,
    ):
        for beside in found:
            for subject in beside:
                subject.measure(1, 16, "first")
                subject.rates.clear()
                subject.cpu.clear()
        for turn in range(options.rounds):
            for beside in found:
                for subject in beside:
                    for clients in CLIENTS:
                        subject.measure(clients, options.calls, f"turn{turn}")
        report(found)


def report(found: list[list[Subject]]) -> None:
    """Print medians: Creates a second, eight clients' to one's, and both to what the first of a list does."""
    print(f"{'':24}{'1 client':>10}{'CPU ms':>8}{'8 clients':>11}{'CPU ms':>8}{'8 : 1':>7}{'beside':>14}")
    for beside in found:
        for subject in beside:
            one, many = (statistics.median(subject.rates[clients]) for clients in CLIENTS)
            costs = [statistics.median(subject.cpu[clients]) for clients in CLIENTS]
            limits = [statistics.median(beside[0].rates[clients]) for clients in CLIENTS]
            print(
                f"{subject.name:24}{one:8.0f}/s{costs[0]:8.2f}{many:9.0f}/s{costs[1]:8.2f}{many / one:7.2f}"
                f"{one / limits[0]:7.2f}{many / limits[1]:7.2f}"
            )


if __name__ == "__main__":
    main()
