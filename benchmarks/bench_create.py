"""Create, a second: by one and by eight clients, on SQLite and PostgreSQL, beside their own commits and moto.

    python benchmarks/bench_create.py [--calls 304] [--rounds 3] [--operations CreateModel CreateTrainingJob]

Clients are processes: some that only write requests to a socket, unsigned (``--no-auth``), so that they cost
next to nothing, and some of boto3, whose requests are signed and verified. Beside each database stands what
it does by itself: one row of the same size inserted and committed, on the disk, by as many connections.
Jobs wait for one that has all there is of the machine and sleeps, so that none of them runs; that the
reconciler looks after those that wait is a part of what they cost. moto's jobs have ended when it answers.
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
from botocore import xform_name

ROOT = Path(__file__).parents[1]
S3 = runpy.run_path(str(Path(__file__).with_name("bench_s3.py")))
"""Servers to measure, as the benchmark of S3 starts them."""
CLIENTS = (1, 8)
BUCKET = "bench-create"
ROLE = "arn:aws:iam::123456789012:role/ClaryExecutionRole"
WRITING = multiprocessing.get_context("fork")
BODY = "x" * 600
"""As long as a model's row is."""


Work = Callable[[str, str, int], None]
"""Carries out an operation a number of times, with names that begin with a mark."""


@dataclass
class Subject:
    """Something that creates: ``work`` is called in a process of each client."""

    name: str
    work: Work
    seconds: Callable[[], float] = lambda: 0.0
    rates: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    cpu: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))

    def measure(self, operation: str, clients: int, calls: int, mark: str) -> None:
        """Let so many clients create as fast as they can, ``calls`` in all."""
        ready, go = WRITING.Semaphore(0), WRITING.Event()

        def client(number: int) -> None:
            ready.release()
            go.wait()
            self.work(operation, f"{mark}-{clients}-{number}", calls // clients)

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


def training_job(name: str) -> dict[str, Any]:
    """Return what a client says of a training job of two channels."""
    channels = [
        {
            "ChannelName": channel,
            "ContentType": "text/csv",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{channel}"}},
        }
        for channel in ("train", "validation")
    ]
    return {
        "TrainingJobName": name,
        "RoleArn": ROLE,
        "AlgorithmSpecification": {"TrainingImage": "linear-learner:1", "TrainingInputMode": "File"},
        "HyperParameters": {"predictor_type": "regressor", "epochs": "10", "mini_batch_size": "200"},
        "InputDataConfig": channels,
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/output"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    }


REQUESTS: dict[str, Callable[[str], dict[str, Any]]] = {
    "CreateModel": model,
    "CreateTrainingJob": training_job,
}


def occupy(server: Any) -> None:
    """Let a job have the whole machine until the server's folder is removed."""
    clients = {name: _client(name, server) for name in ("s3", "sagemaker")}
    clients["s3"].create_bucket(Bucket=BUCKET)
    for channel in ("train", "validation"):
        clients["s3"].put_object(Bucket=BUCKET, Key=f"{channel}/rows.csv", Body=b"1,2\n")
    asleep = "while [ -e /opt/ml/input/config/hyperparameters.json ]; do sleep 1; done"
    job = training_job("asleep")
    del job["InputDataConfig"], job["HyperParameters"]
    job["AlgorithmSpecification"] |= {
        "TrainingImage": "pytorch-training:2",
        "ContainerEntrypoint": ["/bin/sh", "-c", asleep],
    }
    clients["sagemaker"].create_training_job(**job)
    deadline = time.monotonic() + 60
    while (
        clients["sagemaker"].describe_training_job(TrainingJobName="asleep")["SecondaryStatus"] != "Training"
    ):
        assert time.monotonic() < deadline, "the job that is to sleep does not begin"
        time.sleep(0.1)


def _client(service: str, server: Any) -> Any:
    return boto3.client(
        service,
        endpoint_url=server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=server.key or "testing",
        aws_secret_access_key=server.secret or "testing",
    )


def raw(endpoint: str) -> Work:
    """Return the work of a client that does nothing but write requests and read answers."""
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        # An address for whoever routes by it; nobody looks at the signature.
        "Authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20250101/us-east-1/sagemaker/aws4_request, "
        "SignedHeaders=host, Signature=0",
    }

    def work(operation: str, mark: str, calls: int) -> None:
        connection = http.client.HTTPConnection(urlsplit(endpoint).netloc)
        told = {**headers, "X-Amz-Target": f"SageMaker.{operation}"}
        for number in range(calls):
            params = REQUESTS[operation](f"m-{mark}-{number}")
            connection.request("POST", "/", json.dumps(params), told)
            answer = connection.getresponse()
            said = answer.read()
            assert answer.status == 200, said

    return work


def signed(server: Any) -> Work:
    """Return the work of a client of boto3."""

    def work(operation: str, mark: str, calls: int) -> None:
        create = getattr(_client("sagemaker", server), xform_name(operation))
        for number in range(calls):
            create(**REQUESTS[operation](f"b-{mark}-{number}"))

    return work


def committed(path: Path) -> Work:
    """Return the work of a program that has SQLite write a row, and nothing else."""

    def work(operation: str, mark: str, calls: int) -> None:
        connection = sqlite3.connect(path, isolation_level=None, timeout=60)
        connection.execute("PRAGMA synchronous=FULL")
        for number in range(calls):
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO plain VALUES (?, ?)", (f"{operation}-{mark}-{number}", BODY))
            connection.execute("COMMIT")

    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE plain (name TEXT PRIMARY KEY, body TEXT)")
    connection.close()
    return work


def committed_there(url: str) -> Work:
    """Return the work of a program that has PostgreSQL write a row, and nothing else."""

    def work(operation: str, mark: str, calls: int) -> None:
        with psycopg.connect(url) as connection:
            for number in range(calls):
                connection.execute(
                    "INSERT INTO plain VALUES (%s, %s)", (f"{operation}-{mark}-{number}", BODY)
                )
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
            small = ("--vcpus", "1")
            open_to_all = stack.enter_context(
                S3["clary"](folder / f"{name}-open", "--no-auth", *small, *place())
            )
            verifying = stack.enter_context(S3["clary"](folder / f"{name}-auth", *small, *place()))
            for server_of_ours in (open_to_all, verifying):
                occupy(server_of_ours)
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
    parser.add_argument("--operations", nargs="+", choices=REQUESTS, default=list(REQUESTS))
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="clary-bench-") as place,
        subjects(Path(place)) as found,
    ):
        for operation in options.operations:
            compare(operation, found, options.calls, options.rounds)
            report(operation, found)


def compare(operation: str, found: list[list[Subject]], calls: int, rounds: int) -> None:
    """Let each of the subjects carry out an operation ``calls`` times in each round, after a first few."""
    for subject in (one for beside in found for one in beside):
        subject.measure(operation, 1, 16, "first")
        subject.rates.clear()
        subject.cpu.clear()
    for turn in range(rounds):
        for subject in (one for beside in found for one in beside):
            for clients in CLIENTS:
                subject.measure(operation, clients, calls, f"turn{turn}")


def report(operation: str, found: list[list[Subject]]) -> None:
    """Print medians: Creates a second, eight clients' to one's, and both to what the first of a list does."""
    print(
        f"{operation:24}{'1 client':>10}{'CPU ms':>8}{'8 clients':>11}{'CPU ms':>8}{'8 : 1':>7}{'beside':>14}"
    )
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
