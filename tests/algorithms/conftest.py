"""Algorithms trained in memory, on one host or on several that are threads."""

import io
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from clary.toolkit.algorithm import Algorithm, AlgorithmType
from clary.toolkit.batch import Floats
from clary.toolkit.channel import Channel
from clary.toolkit.cluster import Cluster
from clary.toolkit.formats import recordio
from clary.toolkit.host import Host
from clary.toolkit.report import Report

TrainRows = Callable[..., tuple[Any, str]]
TrainHosts = Callable[..., list[Any]]


def trained(
    kind: AlgorithmType, given: dict[str, object], channels: dict[str, Channel], host: Host
) -> tuple[Algorithm[Any], str]:
    stream = io.StringIO()
    model = kind()
    params = kind.Params.parse({name: str(value) for name, value in given.items()})
    model.train(params, channels, Report(stream=stream), host)
    return model, stream.getvalue()


def written(folder: Path, rows: Floats) -> Channel:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "data").write_bytes(recordio.write(rows))
    return Channel(folder.name, folder)


@pytest.fixture
def train_rows(tmp_path: Path) -> TrainRows:
    """Return a function from channels of rows to the trained model and its log."""

    def run(kind: AlgorithmType, given: dict[str, object], **data: Floats) -> tuple[Algorithm[Any], str]:
        channels = {name: written(tmp_path / name, rows) for name, rows in data.items()}
        return trained(kind, given, channels, Host())

    return run


@pytest.fixture
def train_hosts(tmp_path: Path) -> TrainHosts:
    """Return a function from rows to the models of hosts that each have every second row, or all rows."""

    def run(kind: AlgorithmType, given: dict[str, object], rows: Floats, *, sharded: bool) -> list[Any]:
        network = f"127.{random.randint(1, 250)}.{random.randint(1, 250)}"
        names = [f"{network}.2", f"{network}.3"]
        shared = frozenset() if sharded else frozenset({"train"})

        def one(number: int) -> object:
            part = rows[number::2] if sharded else rows
            channel = written(tmp_path / f"{sharded}-{number}" / "train", part)
            cluster = Cluster.join(names, names[number], timeout=20)
            try:
                return trained(kind, given, {"train": channel}, Host(cluster, None, shared))[0]
            finally:
                cluster.close()

        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(one, range(2)))

    return run
