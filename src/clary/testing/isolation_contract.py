"""IsolationContract: what an executor must do that keeps runs apart, as tests.

Use it in place of ``ExecutorContract``, which it contains.
"""

# ruff: noqa: S101 - these are tests, though they are shipped

import os
import socket
import sys
from pathlib import Path

import pytest

from clary.core import ids
from clary.testing.executor_contract import Bench, ExecutorContract, ExecutorHarness


class IsolationContract(ExecutorContract):
    """The specification of an executor whose runs have their own folders, hosts and names."""

    @pytest.fixture
    def isolated(self, bench: Bench, harness: ExecutorHarness) -> Bench:
        """The same where runs are isolated; skips the test where they are not."""
        if not harness.isolated:
            pytest.skip("runs are not isolated")
        return bench

    def test_runs_at_once_have_their_own_folders(self, isolated: Bench) -> None:
        """What one run writes to /opt/ml, /tmp and /dev/shm no other run sees, nor does the machine."""
        places = [f"{folder}/clary-{ids.token(12)}" for folder in ("/opt/ml", "/tmp", "/dev/shm")]  # noqa: S108
        script = 'for at; do echo $0 >$at; done; echo wrote; read go </opt/ml/go; cat "$@"'
        specs = [isolated.spec("sh", "-c", script, name, *places, module=None) for name in ("one", "other")]
        for spec in specs:
            os.mkfifo(spec.base / "go")
            isolated.start_spec(spec)
        for spec in specs:
            isolated.says(spec.id, "wrote")
        assert not [place for place in places if Path(place).exists()]
        for spec, name in zip(specs, ("one", "other"), strict=True):
            (spec.base / "go").write_text("go\n")
            assert isolated.end(spec.id).code == 0
            assert isolated.texts(spec.id) == ["wrote", name, name, name]
            assert (spec.base / Path(places[0]).name).read_text() == f"{name}\n"

    def test_the_hosts_of_a_run_have_addresses(self, isolated: Bench) -> None:
        """The run's machine has its host's name, and every host of the job can be resolved."""
        program = "import socket as s; print(s.gethostname(), *map(s.gethostbyname, ('algo-1', 'algo-2')))"
        hosts = {"algo-1": "127.9.8.1", "algo-2": "127.9.8.2"}
        run_id = isolated.start(sys.executable, "-c", program, module=None, host="algo-2", hosts=hosts)
        assert isolated.end(run_id).code == 0
        assert isolated.texts(run_id) == ["algo-2 127.9.8.1 127.9.8.2"]
        assert socket.gethostname() != "algo-2"

    def test_the_input_of_a_run_cannot_be_changed(self, isolated: Bench) -> None:
        """A channel's files may be the stored objects themselves."""
        spec = isolated.spec("sh", "-c", "cd /opt/ml/input/data; cat x; echo changed >x", module=None)
        file = spec.base / "input/data/x"
        file.parent.mkdir(parents=True)
        file.write_text("stored\n")
        isolated.start_spec(spec)
        assert isolated.end(spec.id).code != 0
        assert isolated.texts(spec.id)[0] == "stored"
        assert file.read_text() == "stored\n"
