"""Cores: runs have their own while there are enough, and share when there are not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from clary.compute import cores

HOLD = """
import os, sys
from pathlib import Path
from clary.compute import cores
os.sched_getaffinity = lambda _: set(range(4))
print(*cores.choose(Path(sys.argv[1]), int(sys.argv[2])), flush=True)
sys.stdin.read()
"""


def hold(folder: Path, count: int) -> "subprocess.Popen[str]":
    """Start a process that chooses among four cores and holds what it gets until its input closes."""
    command = [sys.executable, "-c", HOLD, str(folder), str(count)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def chosen(process: "subprocess.Popen[str]") -> set[int]:
    assert process.stdout is not None
    return set(map(int, process.stdout.readline().split()))


def test_processes_have_cores_of_their_own_until_none_are_free(tmp_path: Path) -> None:
    with hold(tmp_path, 2) as first, hold(tmp_path, 2) as second:
        mine, others = chosen(first), chosen(second)
        assert len(mine) == len(others) == 2
        assert mine | others == {0, 1, 2, 3}
        with hold(tmp_path, 3) as third:
            assert len(chosen(third)) == 3, "it shares"
        first.communicate()
        with hold(tmp_path, 2) as fourth:
            assert chosen(fourth) == mine, "what the first had is free again"


def test_who_wants_all_there_are_takes_no_locks(tmp_path: Path) -> None:
    everything = sorted(os.sched_getaffinity(0))
    assert list(cores.choose(tmp_path / "cores", len(everything))) == everything
    assert not (tmp_path / "cores").exists()


@pytest.mark.parametrize("count", [1, 3])
def test_one_gets_as_many_as_it_asks_for(tmp_path: Path, count: int) -> None:
    with hold(tmp_path, count) as process:
        assert len(chosen(process)) == count
