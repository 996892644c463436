"""The process tree of a run, as /proc shows it: who is in it and what it uses."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK = 1.0 / os.sysconf("SC_CLK_TCK")
_GONE = (FileNotFoundError, ProcessLookupError)  # a process may end while it is looked at


def members(root: int) -> Iterator[int]:
    """Yield ``root`` and all its descendants; nothing where /proc does not tell."""
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        tasks: list[Path] = []
        with suppress(*_GONE):
            tasks = list((_PROC / str(pid) / "task").iterdir())
        if tasks:
            yield pid
        for task in tasks:
            with suppress(*_GONE):
                waiting += map(int, (task / "children").read_text().split())


def resident(root: int) -> int:
    """Return the bytes of memory that the tree holds, counting what processes share once for each."""
    total = 0
    for pid in members(root):
        with suppress(*_GONE):
            held, shared = (_PROC / str(pid) / "statm").read_bytes().split()[1:3]
            total += int(held) - int(shared)
    return total * _PAGE


def proportional(root: int) -> int:
    """Return the same with what processes share divided among them; it takes longer the more they hold."""
    total = 0
    for pid in members(root):
        with suppress(*_GONE, PermissionError):
            for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines():
                name, _, value = line.partition(":")
                if name in ("Pss_Anon", "Pss_Shmem"):
                    total += int(value.split()[0]) * 1024
    return total


def cpu_seconds(root: int) -> float:
    """Return the processor time that the tree has taken, that of its buried members included."""
    total = 0
    for pid in members(root):
        with suppress(*_GONE):
            fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, fields[11:15]))
    return total * _TICK
