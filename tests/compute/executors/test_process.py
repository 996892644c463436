"""The process executor where the contract does not reach: runs without a shim, zygotes that are away."""

import signal
import subprocess
import threading
from pathlib import Path

import pytest

from clary.compute import zygote
from clary.compute.executors import process
from clary.compute.executors.process import ProcessExecutor
from clary.compute.run_folder import RunFolder
from clary.core.bus import Listener
from clary.core.errors import ClaryError
from clary.testing.executor_contract import PAYLOAD, Bench


def accept(bench: Bench, folder: Path) -> str:
    """Leave a run as a server does that is killed between accepting and starting it."""
    spec = bench.spec("write", "ran")
    run = RunFolder(folder / "runs" / spec.id)
    run.path.mkdir(parents=True)
    run.write("spec.json", spec.document())
    return spec.id


def test_an_accepted_run_is_pending(bench: Bench, executor: ProcessExecutor, short_folder: Path) -> None:
    assert executor.status(accept(bench, short_folder)).state == "pending"


def test_a_pending_run_that_is_stopped_never_starts(
    bench: Bench, executor: ProcessExecutor, short_folder: Path, listener: Listener
) -> None:
    run_id = accept(bench, short_folder)
    executor.stop(run_id, 30)
    status = bench.end(run_id)
    assert (status.state, status.code) == ("exited", -signal.SIGTERM)
    assert status.reason == "stopped before it started"
    assert bench.texts(run_id) == []
    assert ("exit", run_id) in listener.receive(5)


def test_a_stop_that_comes_while_the_shim_starts_is_heeded(
    bench: Bench, executor: ProcessExecutor, short_folder: Path
) -> None:
    spec = bench.spec("write", "ran")
    run = RunFolder(short_folder / "runs" / spec.id)
    run.path.mkdir(parents=True)
    run.write("stop", {"grace": 1})
    executor.start(spec)
    assert bench.end(spec.id).code == -signal.SIGTERM
    assert bench.texts(spec.id) == []


def test_many_threads_start_a_run_once(bench: Bench, executor: ProcessExecutor) -> None:
    spec = bench.spec("write", "once\n")
    threads = [threading.Thread(target=executor.start, args=(spec,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bench.end(spec.id).code == 0
    assert bench.texts(spec.id) == ["once"]


def test_a_start_waits_for_a_zygote_that_is_being_restarted(bench: Bench, short_folder: Path) -> None:
    folder = short_folder / "late"
    late = ProcessExecutor(folder / "runs", folder / "s", folder / "bus", folder / "z" / "zygote")
    spec = bench.spec("exit", "3")
    starting = threading.Thread(target=late.start, args=(spec,))
    starting.start()
    with zygote.launch(folder / "z" / "zygote", (PAYLOAD,)):
        starting.join()
        assert late.status(spec.id).state in {"running", "exited"}


def test_a_start_without_a_zygote_says_so(
    bench: Bench, short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_PATIENCE", 0.05)
    folder = short_folder / "never"
    never = ProcessExecutor(folder / "runs", folder / "s", folder / "bus", folder / "zygote")
    with pytest.raises(ClaryError, match="no zygote answers") as caught:
        never.start(bench.spec("exit"))
    assert caught.value.status == 503


def test_a_socket_path_that_is_too_long_says_so(bench: Bench, short_folder: Path) -> None:
    folder = short_folder / "deep"
    deep = ProcessExecutor(folder, folder / ("s" * 90), folder, folder / "zygote")
    with pytest.raises(ClaryError, match="shorter name"):
        deep.start(bench.spec("serve", serves=True))


@pytest.mark.parametrize("run_id", ["../outside", "a/b", ""])
def test_an_id_never_leads_out_of_the_folder(executor: ProcessExecutor, run_id: str) -> None:
    with pytest.raises(ValueError, match="not a run id"):
        executor.forget(run_id)


def test_serving_lists_the_replicas_that_run(bench: Bench, executor: ProcessExecutor) -> None:
    serves = bench.start("serve", serves=True)
    bench.start("wait")
    ended = bench.start("exit", serves=True)
    bench.end(ended)
    assert executor.serving() == [serves]


def test_what_a_run_keeps_is_for_its_owner_only(bench: Bench, short_folder: Path) -> None:
    run_id = bench.start("exit")
    bench.end(run_id)
    assert (short_folder / "runs" / run_id).stat().st_mode & 0o777 == 0o700


def test_runs_survive_the_server_and_its_zygote(bench: Bench, short_folder: Path) -> None:
    folder = short_folder / "brief"
    executor = ProcessExecutor(folder / "runs", folder / "s", folder / "bus", folder / "z" / "zygote")
    spec = bench.spec("wait-for-stop")
    with zygote.launch(folder / "z" / "zygote", (PAYLOAD,)) as brief:
        executor.start(spec)
    assert isinstance(brief, subprocess.Popen)
    assert brief.returncode == 0
    assert executor.status(spec.id).state == "running"
    adopted = Bench(executor, short_folder)
    adopted.says(spec.id, "waiting")
    executor.stop(spec.id, 30)
    assert adopted.end(spec.id).code == 7
