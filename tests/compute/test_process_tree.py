"""The process tree: all descendants are found, and what they use is counted."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from clary.compute import process_tree
from clary.testing.executor_contract import eventually

PARENT = """
import subprocess, sys, threading
def work():
    child = subprocess.Popen(["sh", "-c", "sleep 600 & echo up; wait"])
    child.wait()
hold = b"x" * (50 << 20)
threading.Thread(target=work).start()
"""
BUSY = """
import os, time
child = os.fork()
while time.process_time() < 0.3: pass
if child == 0: os._exit(0)
os.wait()
print("done", flush=True)
input()
"""


@pytest.fixture
def family() -> Iterator[int]:
    """A process with 50 MiB and, through a thread, a child and a grandchild."""
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        yield parent.pid
        for pid in list(process_tree.members(parent.pid)):
            os.kill(pid, 9)


def test_children_of_any_thread_and_their_children_are_members(family: int) -> None:
    eventually(lambda: len(list(process_tree.members(family))) == 3, "parent, child and grandchild are up")
    assert next(process_tree.members(family)) == family


def test_what_a_tree_holds_is_counted(family: int) -> None:
    for measure in (process_tree.resident, process_tree.proportional):
        assert 50 << 20 < measure(family) < 90 << 20, measure


def test_the_time_of_buried_children_counts() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", BUSY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert 0.55 < process_tree.cpu_seconds(process.pid) < 2
        process.communicate("\n")


def test_what_is_gone_uses_nothing() -> None:
    with subprocess.Popen(["true"]) as process:
        process.wait()
    assert list(process_tree.members(process.pid)) == []
    assert process_tree.resident(process.pid) == process_tree.cpu_seconds(process.pid) == 0
