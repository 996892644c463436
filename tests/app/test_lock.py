"""One server has a data folder, and everybody can tell which."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from clary.app.lock import AlreadyRunningError, acquire, holder


def test_the_holder_of_a_folder_is_known_until_it_lets_go(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    lock = acquire(tmp_path)
    assert holder(tmp_path) == os.getpid()
    with pytest.raises(AlreadyRunningError, match=f"pid {os.getpid()}") as caught:
        acquire(tmp_path)
    assert caught.value.pid == os.getpid()
    lock.close()
    assert holder(tmp_path) is None


def test_a_server_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    program = "import pathlib, sys; from clary.app.lock import acquire\n"
    program += "lock = acquire(pathlib.Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        assert holder(tmp_path) == other.pid
        other.kill()
    assert (tmp_path / "server.lock").read_text() == str(other.pid)
    assert holder(tmp_path) is None
    acquire(tmp_path).close()
    assert (tmp_path / "server.lock").read_text() == str(os.getpid())


def test_looking_for_the_holder_stands_in_nobodys_way(tmp_path: Path) -> None:
    acquire(tmp_path).close()
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            holder(tmp_path)

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(300):
            acquire(tmp_path).close()
    finally:
        done.set()
        for thread in threads:
            thread.join()


def test_a_server_that_has_just_taken_the_folder_is_known_by_its_own_pid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = acquire(tmp_path)
    lock.truncate(0)  # as between its taking the lock and its writing
    found: list[int | None] = []
    thread = threading.Thread(target=lambda: found.append(holder(tmp_path)))
    thread.start()
    lock.write("4711")
    lock.flush()
    thread.join(10)
    assert found == [4711]
    lock.close()
