"""Algorithms trained in memory, on one host or on several that are threads."""

import io
import json
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

Data = Floats | tuple[Floats, Floats]
"""Rows (rows, features), or these with their labels, (rows,)."""

TrainRows = Callable[..., tuple[Any, str]]
TrainLabelled = Callable[..., tuple[Any, str]]
TrainHosts = Callable[..., list[Any]]


class Stopping(io.StringIO):
    """A log whose job is asked to stop once it has written ``text``."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text, self.report = text, Report(stream=self)

    def write(self, written: str) -> int:
        """Write, and ask."""
        self.report.stopping = self.report.stopping or self.text in written
        return super().write(written)


def trained(
    kind: AlgorithmType, given: dict[str, object], channels: dict[str, Channel], host: Host
) -> tuple[Algorithm[Any], str]:
    stream = io.StringIO()
    model = kind()
    params = kind.Params.parse({name: str(value) for name, value in given.items()})
    model.train(params, channels, Report(stream=stream), host)
    return model, stream.getvalue()


def written(folder: Path, data: Data) -> Channel:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "data").write_bytes(recordio.write(*(data if isinstance(data, tuple) else (data,))))
    return Channel(folder.name, folder)


@pytest.fixture
def train_rows(tmp_path: Path) -> TrainRows:
    """Return a function from channels of rows to the trained model and its log."""

    def run(kind: AlgorithmType, given: dict[str, object], **data: Data) -> tuple[Algorithm[Any], str]:
        channels = {name: written(tmp_path / name, each) for name, each in data.items()}
        return trained(kind, given, channels, Host())

    return run


@pytest.fixture
def train_labelled(tmp_path: Path) -> TrainLabelled:
    """Return a function from channels of rows and labels to the trained model and its log.

    ``categorical`` are numbers of columns, the target's 0; with ``stop_at`` the job is asked to stop once its
    log has that text.
    """

    def run(
        kind: AlgorithmType,
        given: dict[str, object],
        *,
        categorical: list[int] | None = None,
        stop_at: str = "",
        **data: tuple[Floats, Floats],
    ) -> tuple[Algorithm[Any], str]:
        channels = {name: written(tmp_path / name, part) for name, part in data.items()}
        index = json.dumps({"cat_index_list": categorical or []})
        (tmp_path / "train" / "categorical_index.json").write_text(index)
        if not stop_at:
            return trained(kind, given, channels, Host())
        model, stream = kind(), Stopping(stop_at)
        model.train(kind.Params.parse({k: str(v) for k, v in given.items()}), channels, stream.report, Host())
        return model, stream.getvalue()

    return run


@pytest.fixture
def train_hosts(tmp_path: Path) -> TrainHosts:
    """Return a function from rows to the models of hosts that share the rows out, or that each have all."""

    def run(
        kind: AlgorithmType, given: dict[str, object], data: Data, *, sharded: bool, hosts: int = 2
    ) -> list[Any]:
        network = f"127.{random.randint(1, 250)}.{random.randint(1, 250)}"
        names = [f"{network}.{number + 2}" for number in range(hosts)]
        shared = frozenset() if sharded else frozenset({"train"})

        def one(number: int) -> object:
            part = _share(data, slice(number, None, hosts)) if sharded else data
            channel = written(tmp_path / f"{sharded}-{number}" / "train", part)
            cluster = Cluster.join(names, names[number], timeout=20)
            try:
                return trained(kind, given, {"train": channel}, Host(cluster, None, shared))[0]
            finally:
                cluster.close()

        with ThreadPoolExecutor(hosts) as pool:
            return list(pool.map(one, range(hosts)))

    return run


def _share(data: Data, own: slice) -> Data:
    return (data[0][own], data[1][own]) if isinstance(data, tuple) else data[own]
