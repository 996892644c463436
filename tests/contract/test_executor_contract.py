"""The process executor keeps the executor contract, however far the machine lets it go."""

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from clary.compute import zygote
from clary.compute.executors.process import ProcessExecutor
from clary.compute.isolation import Level
from clary.compute.means import Means
from clary.compute.room import Enforcement
from clary.compute.run_folder import RunFolder
from clary.testing.executor_contract import PAYLOAD, ExecutorHarness
from clary.testing.isolation_contract import IsolationContract

if TYPE_CHECKING:
    import subprocess


class ProcessHarness(ExecutorHarness):
    """A process executor with a zygote, in a folder whose name is short enough for sockets."""

    def __init__(self, folder: Path, means: Means) -> None:
        self._folder = folder
        self._means = means
        self.isolated = means.level is not Level.NONE
        self.separated = means.processes
        self.unconnectable = means.network
        self._zygote = self._launch()

    def executor(self) -> ProcessExecutor:
        folder = self._folder
        return ProcessExecutor(folder / "runs", folder / "s", folder / "bus", folder / "z" / "zygote")

    def crash(self) -> None:
        self._zygote.send_signal(signal.SIGKILL)
        self._zygote.communicate()
        self._zygote = self._launch()

    def kill_supervisor(self, run_id: str) -> None:
        started = RunFolder(self._folder / "runs" / run_id).read("started")
        assert started is not None
        os.kill(started["pid"], signal.SIGKILL)

    def close(self) -> None:
        self._zygote.communicate()
        assert self._zygote.returncode == 0

    def _launch(self) -> "subprocess.Popen[bytes]":
        return zygote.launch(
            self._folder / "z" / "zygote", (PAYLOAD,), self._means.level, self._means.enforcement
        )


COMBINATIONS = [
    (Level.NAMESPACES, Enforcement.CONTROL_GROUPS),
    (Level.USER_NAMESPACES, Enforcement.WATCHDOG),
    (Level.NONE, Enforcement.WATCHDOG),
]


@pytest.fixture(scope="module", params=COMBINATIONS, ids="-".join)
def process_harness(request: pytest.FixtureRequest) -> Iterator[ProcessHarness]:
    level, enforcement = request.param
    means = Means.of_machine(level, enforcement)
    if (means.level, means.enforcement) != (level, enforcement):
        pytest.skip(means.no_level or means.no_enforcement)
    with tempfile.TemporaryDirectory(prefix="clary-") as folder:
        harness = ProcessHarness(Path(folder), means)
        yield harness
        harness.close()


@pytest.mark.contract
class TestProcessExecutor(IsolationContract):
    """Runs the contract, with and without isolation."""

    @pytest.fixture
    def harness(self, process_harness: ProcessHarness) -> ProcessHarness:
        return process_harness
