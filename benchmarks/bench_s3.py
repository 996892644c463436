"""S3, measured beside moto's server: the same boto3 calls against both, round about, in one run.

    python benchmarks/bench_s3.py [--rounds 3] [--calls 200] [--megabytes 256]

Clary verifies every signature and every checksum and answers a put when bytes and row are on the disk; moto's
server keeps objects in memory and verifies nothing. The machine is shared with the clients and whatever else
runs on it, so ratios within the run say more than the rates. CPU is that of all of a server's processes.
"""

import argparse
import contextlib
import importlib.util
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

BUCKET = "bench"
BODY = os.urandom(1024)
KEYS = 100
TICKS = os.sysconf("SC_CLK_TCK")
CLARY = str(Path(sys.executable).with_name("clary"))
RECORDED = {
    # Measured once on another day and machine, for orientation: moto 5.2.5, and a prototype of 246 lines.
    "put 1 KB, 1 client": ("171 /s", "668 /s"),
    "get 1 KB, 1 client": ("248 /s", "1004 /s"),
    "upload_file": ("130 MB/s", "194 MB/s"),
    "download_file": ("53 MB/s", "570 MB/s"),
}


@dataclass
class Subject:
    """A server that is measured: how clients reach it, and the process whose tree is counted."""

    name: str
    endpoint: str
    pid: int
    key: str = "testing"
    secret: str = "testing"
    rates: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    cpu: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def client(self) -> Any:
        """Return a boto3 client with its defaults, but for the connections that eight threads need."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
            config=Config(max_pool_connections=16),
        )

    def seconds(self) -> float:
        """Return the CPU seconds that the server's processes have used."""
        return sum(_cpu(pid) for pid in _tree(self.pid))


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--rounds", type=int, default=3, help="times that each server is measured (default 3)"
    )
    parser.add_argument(
        "--calls", type=int, default=200, help="small calls of each kind a round (default 200)"
    )
    parser.add_argument("--megabytes", type=int, default=256, help="size of the large object (default 256)")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clary-bench-")))
        subjects = [stack.enter_context(clary(folder))]
        if importlib.util.find_spec("moto") and importlib.util.find_spec("flask"):
            subjects.append(stack.enter_context(moto()))
        else:
            print("moto's server is not installed (pip install 'moto[server]'): Clary is measured alone")
        large = folder / "large"
        large.write_bytes(os.urandom(2**20) * options.megabytes)
        for subject in subjects:
            subject.client().create_bucket(Bucket=BUCKET)
        for _ in range(options.rounds):
            for subject in subjects:
                small(subject, options.calls)
                files(subject, large, options.megabytes)
        report(subjects)


def small(subject: Subject, calls: int) -> None:
    """Measure calls on objects of 1 KB, by one client and by eight threads."""
    client = subject.client()
    acts: dict[str, Callable[[int], object]] = {
        "put 1 KB": lambda index: client.put_object(Bucket=BUCKET, Key=f"k{index % KEYS}", Body=BODY),
        "get 1 KB": lambda index: client.get_object(Bucket=BUCKET, Key=f"k{index % KEYS}")["Body"].read(),
        "head": lambda index: client.head_object(Bucket=BUCKET, Key=f"k{index % KEYS}"),
        "list 100": lambda _index: client.list_objects_v2(Bucket=BUCKET, MaxKeys=100),
    }
    for index in range(KEYS):
        acts["put 1 KB"](index)
    for name, act in acts.items():
        with measured(subject, f"{name}, 1 client", calls):
            for index in range(calls):
                act(index)
        with ThreadPoolExecutor(8) as pool, measured(subject, f"{name}, 8 threads", calls):
            list(pool.map(act, range(calls)))


def files(subject: Subject, large: Path, megabytes: int) -> None:
    """Measure a large file up and down, as boto3's transfers do it."""
    client = subject.client()
    with measured(subject, "upload_file", megabytes):
        client.upload_file(str(large), BUCKET, "large")
    target = large.with_name("back")
    with measured(subject, "download_file", megabytes):
        client.download_file(BUCKET, "large", str(target))
    assert target.stat().st_size == large.stat().st_size
    client.delete_object(Bucket=BUCKET, Key="large")
    target.unlink()


@contextlib.contextmanager
def measured(subject: Subject, what: str, units: int) -> Iterator[None]:
    """Note rate and CPU of what the block does ``units`` of."""
    begun, used = time.perf_counter(), subject.seconds()
    yield
    subject.rates[what].append(units / (time.perf_counter() - begun))
    subject.cpu[what].append((subject.seconds() - used) / units * 1000)


def report(subjects: list[Subject]) -> None:
    """Print medians, and Clary's as a multiple of moto's."""
    first, *others = subjects
    print(
        f"{'':24}{'Clary':>10}{'CPU ms':>8}{'moto':>10}{'CPU ms':>8}{'ratio':>7}   recorded: moto, prototype"
    )
    for what, rates in first.rates.items():
        unit = "MB/s" if what.endswith("file") else "/s"
        rate, cpu = statistics.median(rates), statistics.median(first.cpu[what])
        line = f"{what:24}{rate:6.0f} {unit:4}{cpu:7.2f}"
        for other in others:
            theirs, cost = statistics.median(other.rates[what]), statistics.median(other.cpu[what])
            line += f"{theirs:6.0f} {unit:4}{cost:8.2f}{rate / theirs:7.2f}"
        print(f"{line}   {', '.join(RECORDED.get(what, ()))}".rstrip())


@contextlib.contextmanager
def clary(folder: Path, *options: str) -> Iterator[Subject]:
    """Run a Clary of our own."""
    data, port = folder / "data", free_port()
    started = [CLARY, "up", "--detach", "--no-tls", "--data", str(data), "--port", str(port), *options]
    subprocess.run(started, check=True, stdout=subprocess.DEVNULL)
    try:
        told = [CLARY, "env", "--format", "json", "--data", str(data)]
        variables = json.loads(subprocess.run(told, check=True, capture_output=True).stdout)
        pid = int((data / "server.lock").read_text())
        key, secret = variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"]
        yield Subject("Clary", variables["AWS_ENDPOINT_URL"], pid, key, secret)
    finally:
        subprocess.run([CLARY, "down", "--data", str(data)], check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(data, ignore_errors=True)


@contextlib.contextmanager
def moto() -> Iterator[Subject]:
    """Run moto's server."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 60
            while not _answers(port):
                assert time.monotonic() < deadline, "moto's server does not answer"
                time.sleep(0.05)
            yield Subject("moto", f"http://127.0.0.1:{port}", process.pid)
        finally:
            process.terminate()


def free_port() -> int:
    """Return a port that nobody listens on."""
    for port in random.sample(range(10_000, 32_000), 100):
        if not _answers(port):
            return port
    raise AssertionError("no port is free")


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _tree(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(FileNotFoundError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _tree(int(child))


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


if __name__ == "__main__":
    main()
