"""The process executor keeps the executor contract, however far the machine lets it isolate runs."""

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from clary.compute import zygote
from clary.compute.executors.process import ProcessExecutor
from clary.compute.isolation import Level, Probe
from clary.compute.run_folder import RunFolder
from clary.testing.executor_contract import PAYLOAD, ExecutorHarness
from clary.testing.isolation_contract import IsolationContract

if TYPE_CHECKING:
    import subprocess


class ProcessHarness(ExecutorHarness):
    """A process executor with a zygote, in a folder whose name is short enough for sockets."""

    def __init__(self, folder: Path, level: Level) -> None:
        self._folder = folder
        self._level = level
        self.isolated = level is not Level.NONE
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
        return zygote.launch(self._folder / "z" / "zygote", (PAYLOAD,), self._level)


@pytest.fixture(scope="module", params=list(Level))
def process_harness(request: pytest.FixtureRequest) -> Iterator[ProcessHarness]:
    probe = Probe.of_machine(request.param)
    if probe.level is not request.param:
        pytest.skip(probe.why)
    with tempfile.TemporaryDirectory(prefix="clary-") as folder:
        harness = ProcessHarness(Path(folder), request.param)
        yield harness
        harness.close()


@pytest.mark.contract
class TestProcessExecutor(IsolationContract):
    """Runs the contract, with and without isolation."""

    @pytest.fixture
    def harness(self, process_harness: ProcessHarness) -> ProcessHarness:
        return process_harness
