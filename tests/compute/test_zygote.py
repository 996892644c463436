"""The zygote: one thread, no zombies, and gone when its server is."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from clary.compute import zygote
from clary.testing.executor_contract import Bench, eventually, gone


def threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def test_it_has_one_thread_with_numpy_loaded(bench: Bench, zygote_process: "subprocess.Popen[bytes]") -> None:
    assert bench.run("exit").code == 0
    assert threads(zygote_process.pid) == 1
    assert "numpy" in Path(f"/proc/{zygote_process.pid}/maps").read_text()


def test_it_leaves_no_zombies(bench: Bench, zygote_process: "subprocess.Popen[bytes]") -> None:
    for _ in range(3):
        bench.run("exit")
    pid = zygote_process.pid
    eventually(lambda: not Path(f"/proc/{pid}/task/{pid}/children").read_text(), "its children are buried")


def test_its_socket_is_for_its_owner_only(bench: Bench, short_folder: Path) -> None:
    bench.run("exit")
    assert (short_folder / "z" / "zygote").stat().st_mode & 0o777 == 0o600
    assert (short_folder / "z").stat().st_mode & 0o777 == 0o700


def test_it_sees_nothing_of_the_servers_environment(
    short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVER_SECRET", "must not leak")
    with zygote.launch(short_folder / "other" / "zygote", ()) as process:
        eventually((short_folder / "other" / "zygote").exists, "the zygote listens")
        assert b"SERVER_SECRET" not in Path(f"/proc/{process.pid}/environ").read_bytes()


def test_it_survives_clients_that_say_nothing_or_nonsense(
    bench: Bench, short_folder: Path, zygote_process: "subprocess.Popen[bytes]"
) -> None:
    bench.run("exit")
    for words in (b"", b"\0\0", b"\0\0\0\2{}"):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(short_folder / "z" / "zygote"))
            connection.sendall(words)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(str(short_folder / "z" / "zygote"))
        assert bench.run("exit", "3").code == 3
    assert zygote_process.poll() is None


def test_a_module_that_is_missing_is_logged_and_left_out(short_folder: Path) -> None:
    path = short_folder / "preload" / "zygote"
    path.parent.mkdir()
    command = [sys.executable, "-m", "clary.compute.zygote", "--socket", str(path)]
    command += ["--preload", "no.such.module"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        eventually(path.exists, "the zygote listens")
        _, errors = process.communicate(timeout=20)
    assert b"cannot preload no.such.module" in errors
    assert process.returncode == 0


def test_ctrl_c_is_left_to_the_server(bench: Bench, zygote_process: "subprocess.Popen[bytes]") -> None:
    bench.run("exit")
    zygote_process.send_signal(signal.SIGINT)
    assert bench.run("exit", "3").code == 3


def test_signals_that_the_server_blocks_reach_the_runs(short_folder: Path, bench: Bench) -> None:
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGTERM})
    try:
        process = zygote.launch(short_folder / "blocked" / "zygote", ())
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    with process:
        eventually((short_folder / "blocked" / "zygote").exists, "the zygote listens")
        status = Path(f"/proc/{process.pid}/status").read_text()
        assert "SigBlk:\t0000000000000000" in status


def test_it_goes_when_the_server_is_killed(short_folder: Path) -> None:
    path = short_folder / "orphan" / "zygote"
    server = (
        "import sys, time; from pathlib import Path; from clary.compute import zygote;"
        f"print(zygote.launch(Path({str(path)!r}), ()).pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", server], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        eventually(path.exists, "the zygote listens")
        os.kill(process.pid, signal.SIGKILL)
    eventually(lambda: gone(str(path)), "the zygote is gone")
