"""A zygote and an executor for the tests that start runs."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from clary.compute import zygote
from clary.compute.executors.process import ProcessExecutor
from clary.core.bus import Listener
from clary.testing.executor_contract import PAYLOAD, Bench

if TYPE_CHECKING:
    import subprocess


@pytest.fixture(scope="session")
def short_folder() -> Iterator[Path]:
    """A folder whose path leaves room for the names of sockets."""
    with tempfile.TemporaryDirectory(prefix="clary-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def zygote_process(short_folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with zygote.launch(short_folder / "z" / "zygote", (PAYLOAD, "numpy.random")) as process:
        yield process


@pytest.fixture
def executor(short_folder: Path, zygote_process: "subprocess.Popen[bytes]") -> ProcessExecutor:
    folder = short_folder
    return ProcessExecutor(folder / "runs", folder / "s", folder / "bus", folder / "z" / "zygote")


@pytest.fixture
def listener(short_folder: Path) -> Iterator[Listener]:
    (short_folder / "bus").mkdir(exist_ok=True)
    listener = Listener(short_folder / "bus" / "bus-test.sock")
    yield listener
    listener.close()


@pytest.fixture
def bench(executor: ProcessExecutor, tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(executor, tmp_path)
    yield bench
    bench.close()
