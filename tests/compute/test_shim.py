"""The shim: what it tells the bus, and how it ends what it started."""

import os
import signal
from pathlib import Path

from clary.compute.run_folder import RunFolder
from clary.compute.shim import LOG_INTERVAL
from clary.core import clock, ids
from clary.core.bus import Listener
from clary.testing.executor_contract import Bench, eventually, gone


def heard(listener: Listener, until: tuple[str, str]) -> list[tuple[tuple[str, str], float]]:
    """Return the messages up to ``until``, each with the time it came at."""
    messages: list[tuple[tuple[str, str], float]] = []
    while not messages or messages[-1][0] != until:
        received = listener.receive(20)
        assert received, f"the bus never said {until}"
        messages += [(message, clock.monotonic()) for message in received]
    return messages


def test_the_bus_hears_of_the_first_line_at_once_and_of_the_end_last(
    bench: Bench, listener: Listener
) -> None:
    run_id = bench.start("wait-for-stop")
    assert heard(listener, ("log", run_id))[0][0] == ("log", run_id)
    assert bench.texts(run_id) == ["waiting"]
    bench.executor.stop(run_id, 30)
    assert [message for message, _ in heard(listener, ("exit", run_id))] == [("exit", run_id)]
    assert bench.executor.status(run_id).code == 7


def test_a_chatty_run_does_not_flood_the_bus(bench: Bench, listener: Listener) -> None:
    command = "for n in $(seq 50); do echo $n; sleep 0.01; done"
    run_id = bench.start("sh", "-c", command, module=None)
    times = [at for message, at in heard(listener, ("exit", run_id)) if message == ("log", run_id)]
    assert times
    assert len(times) <= (times[-1] - times[0]) / LOG_INTERVAL + 2  # the last one does not wait
    assert len(bench.texts(run_id)) == 50


def test_output_without_a_newline_is_logged_at_the_end(bench: Bench, listener: Listener) -> None:
    run_id = bench.start("write", "unfinished")
    assert [message for message, _ in heard(listener, ("exit", run_id))] == [
        ("log", run_id),
        ("exit", run_id),
    ]
    assert bench.texts(run_id) == ["unfinished"]


def test_sigterm_to_the_shim_stops_the_run_within_its_own_grace(bench: Bench, short_folder: Path) -> None:
    run_id = bench.start("ignore-stop", grace=0.1)
    bench.says(run_id, "waiting")
    started = RunFolder(short_folder / "runs" / run_id).read("started")
    assert started is not None
    os.kill(started["pid"], signal.SIGTERM)
    status = bench.end(run_id)
    assert (status.code, status.reason) == (
        -signal.SIGKILL,
        "killed by signal 9 (Killed): it was asked to stop within 0.1 s",
    )


def test_a_payload_that_closes_its_output_still_runs(bench: Bench) -> None:
    run_id = bench.start("sh", "-c", "echo last words; exec >&- 2>&-; exec sleep 600", module=None)
    bench.says(run_id, "last words")
    assert bench.executor.status(run_id).state == "running"
    bench.executor.stop(run_id, 30)
    assert bench.end(run_id).code == -signal.SIGTERM


def test_the_whole_process_group_is_asked_to_stop(bench: Bench) -> None:
    child = "trap 'echo child stopped; exit' TERM; echo up; while :; do sleep 1; done"
    run_id = bench.start("sh", "-c", 'trap "exit 5" TERM; sh -c "$0"', child, module=None)
    bench.says(run_id, "up")
    bench.executor.stop(run_id, 30)
    bench.end(run_id)
    assert "child stopped" in bench.texts(run_id)


def test_the_supervisor_itself_says_nothing(bench: Bench, short_folder: Path) -> None:
    run_id = bench.start("exit")
    bench.end(run_id)
    assert (short_folder / "runs" / run_id / "errors").read_bytes() == b""


def test_children_of_the_payload_do_not_outlive_a_stop(bench: Bench) -> None:
    mark = ids.token(12)
    command = "setsid sh -c 'sleep 600; exit' $0 & echo up; wait"
    run_id = bench.start("sh", "-c", command, mark, module=None)
    bench.says(run_id, "up")
    bench.executor.stop(run_id, 30)
    bench.end(run_id)
    eventually(lambda: gone(mark), "the child is gone")
