"""ExecutorContract: what every executor must do, as tests.

Derive a test class from ``ExecutorContract`` and give it a fixture ``harness``; see ``ExecutorHarness``.
"""

# ruff: noqa: S101 - these are tests, though they are shipped

import json
import signal
import socket
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from clary.compute.executor import Executor, LogEvent, RunStatus
from clary.compute.run_spec import Resources, RunSpec
from clary.core import clock, ids

PAYLOAD = "clary.testing.executor_payload"

_PATIENCE = 20.0
_LOOK_AGAIN = 0.01


class ExecutorHarness(ABC):
    """The executor under test and the accidents that may befall it."""

    isolated = True
    """Whether every run has its own /opt/ml, /tmp, /dev/shm, host name and /etc/hosts."""

    separated = True
    """Whether every run has process ids of its own."""

    limited = True
    """Whether a run that takes more memory than its spec gives it is ended."""

    unconnectable = True
    """Whether a run can be cut off the network."""

    @abstractmethod
    def executor(self) -> Executor:
        """Return a new executor object over the same state, as a restarted server would make."""

    @abstractmethod
    def crash(self) -> None:
        """Kill, without warning, every process that starts runs, and bring it up again."""

    @abstractmethod
    def kill_supervisor(self, run_id: str) -> None:
        """Kill, without warning, whatever watches the run."""


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait until the condition holds; fails the test after 20 s."""
    give_up = clock.monotonic() + _PATIENCE
    while not condition():
        assert clock.monotonic() < give_up, f"not within {_PATIENCE:g} s: {what}"
        time.sleep(_LOOK_AGAIN)


def gone(mark: str) -> bool:
    """Return whether no process that runs has ``mark`` in its command line.

    A run may have process ids of its own, so those that it prints mean nothing outside.
    """
    for folder in Path("/proc").iterdir():
        with suppress(OSError):
            if folder.name.isdecimal() and mark.encode() in (folder / "cmdline").read_bytes():
                return False
    return True


class Bench:
    """Makes specs, starts them and waits for them, in a folder of its own."""

    def __init__(self, executor: Executor, folder: Path) -> None:
        self.executor = executor
        self._folder = folder
        self._started: list[str] = []

    def spec(self, *act: str, module: str | None = PAYLOAD, **members: object) -> RunSpec:
        """Return a spec whose payload does ``act``."""
        run_id = f"run-{ids.token(12)}"
        base = self._folder / run_id
        base.mkdir()
        values: dict[str, object] = {
            "id": run_id,
            "image": "test:1",
            "module": module,
            "command": act,
            "environment": {},
            "base": base,
            "resources": Resources(1, 256),
            "grace": 5.0,
        }
        return RunSpec(**values | members)  # type: ignore[arg-type]

    def start(self, *act: str, **members: object) -> str:
        """Start a payload that does ``act`` and return the run's id."""
        return self.start_spec(self.spec(*act, **members))  # type: ignore[arg-type]

    def start_spec(self, spec: RunSpec) -> str:
        """Start what ``spec`` says and return the run's id."""
        self._started.append(spec.id)
        self.executor.start(spec)
        return spec.id

    def run(self, *act: str, **members: object) -> RunStatus:
        """Run a payload to its end and return how it ended."""
        return self.end(self.start(*act, **members))

    def end(self, run_id: str) -> RunStatus:
        """Wait for a run's end."""
        eventually(lambda: self.executor.status(run_id).state in {"exited", "lost"}, f"{run_id} ends")
        return self.executor.status(run_id)

    def texts(self, run_id: str) -> list[str]:
        """Return the lines of a run's log so far."""
        return [event.text for event in self.events(run_id)]

    def events(self, run_id: str) -> list[LogEvent]:
        """Return the log so far, read page by page."""
        events: list[LogEvent] = []
        page = self.executor.logs(run_id, 0)
        while page.raw:
            events += page.events
            page = self.executor.logs(run_id, page.next)
        return events

    def says(self, run_id: str, text: str) -> None:
        """Wait for a line of a run's log."""
        eventually(lambda: text in self.texts(run_id), f"{run_id} says {text!r}")

    def close(self) -> None:
        """Stop what still runs."""
        for run_id in self._started:
            self.executor.stop(run_id, 0)
            self.end(run_id)


class ExecutorContract:
    """The specification of an executor; every test is one promise."""

    @pytest.fixture
    def bench(self, harness: ExecutorHarness, tmp_path: Path) -> Iterator[Bench]:
        """The executor with a way to make runs; stops them in the end."""
        folder = tmp_path / "bases"
        folder.mkdir()
        bench = Bench(harness.executor(), folder)
        yield bench
        bench.close()

    @pytest.mark.parametrize("code", [0, 3, 255])
    def test_reports_the_exit_code(self, bench: Bench, code: int) -> None:
        """The payload's own code comes back."""
        status = bench.run("exit", str(code))
        assert (status.state, status.code) == ("exited", code)
        assert status.started_at is not None
        assert status.ended_at is not None
        assert status.started_at <= status.ended_at

    def test_reports_a_signal_as_a_negative_code(self, bench: Bench) -> None:
        """A payload that dies of a signal has minus its number, and the reason names it."""
        status = bench.run("signal", str(int(signal.SIGKILL)))
        assert status.code == -signal.SIGKILL
        assert "signal 9" in status.reason

    def test_an_exception_is_printed_and_exits_with_1(self, bench: Bench) -> None:
        """A module that raises ends as a Python program does: nothing printed or registered is lost."""
        run_id = bench.start("fail")
        assert bench.end(run_id).code == 1
        output = "\n".join(bench.texts(run_id))
        assert "Traceback (most recent call last):" in output
        assert "RuntimeError: this is the message of the failure" in output
        assert "this is half a line" in output
        assert "this is what was registered for the exit" in output

    def test_a_message_given_to_sys_exit_is_printed(self, bench: Bench) -> None:
        """``sys.exit("text")`` prints the text and exits with 1."""
        run_id = bench.start("quit", "no such channel")
        assert bench.end(run_id).code == 1
        assert bench.texts(run_id) == ["no such channel"]

    def test_runs_a_program(self, bench: Bench) -> None:
        """Without a module the command is an argument list."""
        run_id = bench.start("/bin/sh", "-c", 'echo "$0 in $PWD"; exit 4', "shell", module=None)
        assert bench.end(run_id).code == 4
        assert bench.texts(run_id)[0].startswith("shell in ")

    def test_a_program_that_is_missing_says_so(self, bench: Bench) -> None:
        """The log names the program that cannot be run."""
        run_id = bench.start("/no/such/program", module=None)
        assert bench.end(run_id).code == 127
        assert "/no/such/program" in bench.texts(run_id)[0]

    def test_start_is_idempotent(self, bench: Bench) -> None:
        """Starting the same id twice, while it runs or afterwards, runs it once."""
        spec = bench.spec("sh", "-c", "echo once", module=None)
        bench.executor.start(spec)
        bench.executor.start(spec)
        bench.end(spec.id)
        bench.executor.start(spec)
        assert bench.end(spec.id).code == 0
        assert bench.texts(spec.id) == ["once"]

    @pytest.mark.parametrize("module", [PAYLOAD, None])
    def test_the_environment_is_exactly_the_specs(
        self, bench: Bench, harness: ExecutorHarness, monkeypatch: pytest.MonkeyPatch, module: str | None
    ) -> None:
        """The run sees what the spec says and a small fixed ground; nothing of the server's."""
        monkeypatch.setenv("SERVER_SECRET", "must not leak")
        act = ("surroundings",) if module else (sys.executable, "-m", PAYLOAD, "surroundings")
        spec = bench.spec(*act, module=module, environment={"TRAINING_JOB_NAME": "job", "PATH": "/usr/bin"})
        bench.executor.start(spec)
        assert bench.end(spec.id).code == 0
        seen = json.loads(bench.texts(spec.id)[0])
        environment = seen["environment"]
        assert environment.pop("TRAINING_JOB_NAME") == "job"
        assert environment.pop("PATH") == "/usr/bin"
        base = "/opt/ml" if harness.isolated else str(spec.base.resolve())
        assert environment.pop("SAGEMAKER_BASE_DIR") == seen["folder"] == base
        assert environment["HOME"] == base
        assert set(environment) >= {"LANG", "HOME", "OMP_NUM_THREADS"}
        others = {name for name in environment if not name.endswith("_THREADS")} - {"OMP_WAIT_POLICY"}
        assert others <= {
            *("LANG", "HOME", "PYTHONUNBUFFERED", "PYTHONPATH"),
            *("PIP_TARGET", "PIP_DISABLE_PIP_VERSION_CHECK"),
        }

    def test_a_module_gets_its_arguments(self, bench: Bench) -> None:
        """``sys.argv`` is the module's name and the command."""
        run_id = bench.start("surroundings")
        bench.end(run_id)
        assert json.loads(bench.texts(run_id)[0])["arguments"] == [PAYLOAD, "surroundings"]

    @pytest.mark.parametrize(
        ("written", "lines"),
        [
            ("one\ntwo\n", ["one", "two"]),
            ("no newline", ["no newline"]),
            ("a\n\nb\r\n\r\n", ["a", "", "b", ""]),
            ("[0]\ttrain-rmse:1.5\n", ["[0]#011train-rmse:1.5"]),
            ("10%\r20%\r100%\n", ["10%", "20%", "100%"]),
            ("caf\xc3\xa9 \xff\n", ["café \N{REPLACEMENT CHARACTER}"]),
        ],
    )
    def test_output_becomes_lines(self, bench: Bench, written: str, lines: list[str]) -> None:
        """Line ends, tabs and broken UTF-8 are handled alike by every executor."""
        before = int(clock.now() * 1000)
        run_id = bench.start("write", written)
        bench.end(run_id)
        assert bench.texts(run_id) == lines
        stamps = [event.timestamp for event in bench.events(run_id)]
        assert before <= stamps[0] <= stamps[-1] <= clock.now() * 1000
        assert stamps == sorted(stamps)

    def test_a_cursor_continues_where_a_page_ended(self, bench: Bench) -> None:
        """Pages put one after the other are the log, byte for byte."""
        run_id = bench.start("seq", "300000", module=None)
        bench.end(run_id)
        pages = [bench.executor.logs(run_id, 0)]
        while pages[-1].raw:
            pages.append(bench.executor.logs(run_id, pages[-1].next))
        assert len(pages) > 2
        assert [event.text for page in pages for event in page.events] == [str(n) for n in range(1, 300001)]
        assert pages[-1].next == sum(len(page.raw) for page in pages)

    def test_the_log_can_be_read_while_it_grows(self, bench: Bench) -> None:
        """The first line is there before the run ends."""
        run_id = bench.start("wait")
        bench.says(run_id, "waiting")
        assert bench.executor.status(run_id).state == "running"

    def test_the_log_of_a_run_without_output_is_empty(self, bench: Bench) -> None:
        """No output, no events, and the cursor stays."""
        run_id = bench.start("exit")
        bench.end(run_id)
        page = bench.executor.logs(run_id, 0)
        assert (page.raw, page.next, page.events) == (b"", 0, ())

    def test_stop_lets_the_payload_end_by_itself(self, bench: Bench) -> None:
        """SIGTERM reaches the payload, whose own exit code counts."""
        run_id = bench.start("wait-for-stop")
        bench.says(run_id, "waiting")
        bench.executor.stop(run_id, 30)
        assert bench.end(run_id).code == 7

    def test_stop_kills_a_payload_that_does_not_listen(self, bench: Bench) -> None:
        """After the grace comes SIGKILL, and the reason says so."""
        run_id = bench.start("ignore-stop")
        bench.says(run_id, "waiting")
        asked = clock.monotonic()
        bench.executor.stop(run_id, 0.3)
        status = bench.end(run_id)
        assert clock.monotonic() - asked >= 0.3
        assert status.code == -signal.SIGKILL
        assert "stop" in status.reason

    def test_a_second_stop_shortens_the_grace(self, bench: Bench) -> None:
        """Whoever is in a hurry need not wait for the first grace."""
        run_id = bench.start("ignore-stop")
        bench.says(run_id, "waiting")
        bench.executor.stop(run_id, 600)
        bench.executor.stop(run_id, 0.1)
        assert bench.end(run_id).code == -signal.SIGKILL

    def test_stop_of_an_ended_or_unknown_run_does_nothing(self, bench: Bench) -> None:
        """Stop may be repeated, also when there is nothing left to stop."""
        run_id = bench.start("exit", "3")
        bench.end(run_id)
        bench.executor.stop(run_id, 1)
        assert bench.executor.status(run_id).code == 3
        bench.executor.stop("never-started", 1)
        assert bench.executor.status("never-started").state == "lost"

    def test_what_the_payload_leaves_behind_is_killed(self, bench: Bench) -> None:
        """A grandchild that holds the output open neither delays the end nor survives it."""
        mark = ids.token(12)
        run_id = bench.start("leave-child", mark)
        assert bench.end(run_id).code == 0
        assert bench.texts(run_id) == ["left"]
        eventually(lambda: gone(mark), "the grandchild is gone")

    def test_a_serving_run_answers_at_its_address(self, bench: Bench) -> None:
        """``RunStatus.address`` is a socket that the run listens on."""
        run_id = bench.start("serve", serves=True)
        bench.says(run_id, "serving")
        address = bench.executor.status(run_id).address
        assert address is not None
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(address)
            assert connection.recv(100) == b"served\n"
        bench.executor.stop(run_id, 5)
        bench.end(run_id)
        assert not Path(address).exists()

    def test_a_restarted_server_adopts_its_runs(self, bench: Bench, harness: ExecutorHarness) -> None:
        """A new executor object sees, reads and stops what an earlier one started."""
        run_id = bench.start("wait-for-stop", serves=True)
        bench.says(run_id, "waiting")
        adopted = harness.executor()
        assert adopted.status(run_id) == bench.executor.status(run_id)
        assert adopted.logs(run_id, 0) == bench.executor.logs(run_id, 0)
        adopted.stop(run_id, 30)
        assert bench.end(run_id).code == 7

    def test_runs_survive_a_crash(self, bench: Bench, harness: ExecutorHarness) -> None:
        """What starts runs may be killed; the runs go on, and new ones can start."""
        run_id = bench.start("wait-for-stop")
        bench.says(run_id, "waiting")
        harness.crash()
        assert bench.executor.status(run_id).state == "running"
        assert bench.run("exit", "0").code == 0
        bench.executor.stop(run_id, 30)
        assert bench.end(run_id).code == 7

    def test_a_run_whose_supervisor_is_killed_is_lost(self, bench: Bench, harness: ExecutorHarness) -> None:
        """Nobody knows how it ended, so nobody says; and it is not left running or started again."""
        mark = ids.token(12)
        spec = bench.spec("sh", "-c", "echo up; sleep 600; exit", mark, module=None)
        bench.executor.start(spec)
        bench.says(spec.id, "up")
        harness.kill_supervisor(spec.id)
        eventually(lambda: bench.executor.status(spec.id).state == "lost", "the run is lost")
        eventually(lambda: gone(mark), "the payload is gone")
        bench.executor.start(spec)
        assert bench.executor.status(spec.id).state == "lost"
        bench.executor.forget(spec.id)  # and with it what its supervisor could not clear away

    def test_forget_removes_all_trace(self, bench: Bench) -> None:
        """A forgotten run has no status and no log; forgetting may be repeated."""
        run_id = bench.start("write", "text\n")
        bench.end(run_id)
        bench.executor.forget(run_id)
        bench.executor.forget(run_id)
        assert bench.executor.status(run_id).state == "lost"
        assert bench.executor.logs(run_id, 0).raw == b""

    def test_forget_refuses_a_run_that_runs(self, bench: Bench) -> None:
        """A running run cannot be lost sight of."""
        run_id = bench.start("wait")
        with pytest.raises(Exception, match=run_id):
            bench.executor.forget(run_id)

    def test_a_run_that_was_stopped_says_so(self, bench: Bench) -> None:
        """A run that ended because it was asked to is not one that failed."""
        run_id = bench.start("ignore-stop")
        bench.says(run_id, "waiting")
        bench.executor.stop(run_id, 0.1)
        assert bench.end(run_id).cause == "stop"
        assert bench.run("signal", str(int(signal.SIGTERM))).cause == ""
