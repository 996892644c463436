"""IsolationContract: what an executor must do that keeps runs apart, as tests.

Use it in place of ``LimitsContract``, which it contains.
"""

# ruff: noqa: S101 - these are tests, though they are shipped

import os
import socket
import sys
from pathlib import Path

import pytest

from clary.core import ids
from clary.testing.executor_contract import Bench, ExecutorHarness, gone
from clary.testing.limits_contract import LimitsContract


class IsolationContract(LimitsContract):
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

    def test_a_run_sees_no_processes_but_its_own(self, bench: Bench, harness: ExecutorHarness) -> None:
        """A run has process ids of its own and cannot signal another run."""
        if not harness.separated:
            pytest.skip("runs share the machine's process ids")
        run_id = bench.start("sh", "-c", "echo $$; echo /proc/[0-9]*", module=None)
        assert bench.end(run_id).code == 0
        program, processes = bench.texts(run_id)
        assert program == "2"
        assert processes == "/proc/1 /proc/2"

    def test_a_daemon_of_a_run_ends_with_it(self, bench: Bench) -> None:
        """Whoever leaves session, parent and output behind is ended all the same, and before the run is."""
        mark = ids.token(12)
        daemon = "setsid sh -c '(sleep 600; exit) & exit' $0 </dev/null >/dev/null 2>&1"
        run_id = bench.start("sh", "-c", f"{daemon}; echo up; wait", mark, module=None)
        bench.end(run_id)
        assert bench.texts(run_id) == ["up"]
        assert gone(mark)

    def test_a_run_without_network_reaches_itself_alone(self, bench: Bench, harness: ExecutorHarness) -> None:
        """With ``network_isolation`` there is a loopback with the run's own name, and nothing else."""
        if not harness.unconnectable:
            pytest.skip("runs cannot be cut off the network")
        with socket.create_server(("127.0.0.1", 0)) as listener:
            command = (sys.executable, "-c", _REACH, str(listener.getsockname()[1]))
            run_id = bench.start(*command, module=None, network_isolation=True)
            assert bench.end(run_id).code == 0, bench.texts(run_id)
            assert bench.texts(run_id) == ["lo", "refused", "algo-1 answers"]
            connected = bench.start(*command, module=None)
            bench.end(connected)
            assert bench.texts(connected)[1] == "reached"

    def test_runs_without_network_reach_those_that_share_one(
        self, bench: Bench, harness: ExecutorHarness, tmp_path: Path
    ) -> None:
        """The hosts of a job, which name one ``network``, reach each other, and nobody else reaches them."""
        if not harness.unconnectable:
            pytest.skip("runs cannot be cut off the network")
        hosts = {"algo-1": "127.9.8.1", "algo-2": "127.9.8.2"}
        one, other = ({"network": tmp_path / name, "network_isolation": True} for name in ("one", "other"))
        first = bench.start(sys.executable, "-c", _ANSWER, module=None, hosts=hosts, **one)
        bench.says(first, "listening")
        for members, told in ((other, "refused"), ({}, "refused"), (one, "reached")):
            command = (sys.executable, "-c", _CALL)
            caller = bench.start(*command, module=None, host="algo-2", hosts=hosts, **members)
            assert bench.end(caller).code == 0, bench.texts(caller)
            assert bench.texts(caller) == [told]
        assert bench.end(first).code == 0
        again = bench.start(sys.executable, "-c", _CALL, module=None, hosts=hosts, **one)
        bench.end(again)
        assert bench.texts(again) == ["refused"], "the network has ended with its last run"

    def test_a_run_without_network_serves_all_the_same(self, bench: Bench, harness: ExecutorHarness) -> None:
        """The address that a run serves on is a file, which no network leads to."""
        if not harness.unconnectable:
            pytest.skip("runs cannot be cut off the network")
        run_id = bench.start("serve", serves=True, network_isolation=True)
        bench.says(run_id, "serving")
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(bench.executor.status(run_id).address))
            assert connection.recv(100) == b"served\n"

    def test_a_run_that_cannot_be_cut_off_does_not_run(self, bench: Bench, harness: ExecutorHarness) -> None:
        """The wish is refused with a reason and never ignored."""
        if harness.unconnectable:
            assert bench.executor.network_isolation() == ""
            return
        assert bench.executor.network_isolation() != ""
        run_id = bench.start("sh", "-c", "echo ran", module=None, network_isolation=True)
        status = bench.end(run_id)
        assert status.code == 1
        assert "cannot be isolated from the network" in status.reason
        assert bench.texts(run_id) == []


_REACH = """
import socket, sys
print(*(name for _, name in socket.if_nameindex()) if len(socket.if_nameindex()) == 1 else ["many"])
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5).close()
    print("reached")
except ConnectionRefusedError:
    print("refused")
with socket.create_server(("algo-1", 0)) as own:
    socket.create_connection(("algo-1", own.getsockname()[1]), 5).close()
print("algo-1 answers")
"""

_ANSWER = """
import socket
with socket.create_server(("algo-1", 12345)) as own:
    print("listening", flush=True)
    own.accept()
"""

_CALL = """
import socket
try:
    socket.create_connection(("algo-1", 12345), 5).close()
    print("reached")
except ConnectionRefusedError:
    print("refused")
"""
