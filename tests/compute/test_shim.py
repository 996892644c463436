"""The shim: what it tells the bus, and how it ends what it started."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from clary.compute import kernel
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


def test_a_run_whose_folder_is_removed_is_ended(bench: Bench, short_folder: Path, listener: Listener) -> None:
    mark = ids.token(12)
    run_id = bench.start("sh", "-c", "echo up; sleep 600; exit", mark, module=None)
    bench.says(run_id, "up")
    shutil.rmtree(short_folder / "runs" / run_id)
    assert bench.executor.status(run_id).state == "lost"
    heard(listener, ("exit", run_id))
    assert gone(mark)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    try:
        kernel.mount("tmpfs", folder, 0, "size=1m")
    except PermissionError as error:
        pytest.skip(str(error))
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_log_that_finds_no_room_ends_the_run_and_its_end_is_known(
    bench: Bench, short_folder: Path, small_disk: Path
) -> None:
    spec = bench.spec("sh", "-c", "seq 1000000; sleep 600", module=None)
    (short_folder / "runs" / spec.id).symlink_to(small_disk, target_is_directory=True)
    status = bench.end(bench.start_spec(spec))
    assert (status.state, status.cause) == ("exited", "disk")
    assert "No space left on device" in status.reason
    (short_folder / "runs" / spec.id).unlink()


def test_a_model_that_finds_no_room_is_told_from_other_failures(bench: Bench, small_disk: Path) -> None:
    spec = bench.spec("sh", "-c", "cat /dev/zero >model", module=None, base=small_disk)
    status = bench.end(bench.start_spec(spec))
    assert (status.code, status.cause) == (1, "disk")
    assert "no space is left on the disk that holds its files" in status.reason


def test_the_end_of_a_program_is_told_through_its_process_1(bench: Bench) -> None:
    assert bench.run("sh", "-c", "kill -SEGV $$", module=None).code == -signal.SIGSEGV
    assert bench.run("sh", "-c", "kill -TERM -$$; sleep 60", module=None).code == -signal.SIGTERM
    run_id = bench.start("sh", "-c", "(exit 9) & wait; kill -TERM 1; echo alive; exit 4", module=None)
    assert bench.end(run_id).code in (4, -signal.SIGTERM), "process 1 passes the signal on"
