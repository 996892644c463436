"""The gauge of a run: its share of processor, memory and disk, a line a minute in its folder."""

import os
import resource
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from clary.compute.room import Room
from clary.core import clock

INTERVAL = 10.0
"""Seconds between two looks at what a run uses."""
LOOKS = 6
"""Looks that make a line: SageMaker reports once a minute."""
_TAIL = 64 * 1024


@dataclass(frozen=True, slots=True)
class Usage:
    """What a run used on the average until ``at``, in epoch seconds.

    ``cpu`` is in per cent of one core, so 200 is two cores at work; ``memory`` in per cent of the instance's;
    ``disk`` is how full the file system under /opt/ml is.
    """

    at: float
    cpu: float
    memory: float
    disk: float


class Gauge:
    """Looks at the process tree of one run; ``memory`` is how many bytes are a hundred per cent."""

    def __init__(self, path: Path, base: Path, room: Room, memory: int) -> None:
        self._path = path
        self._base = base
        self._room = room
        self._memory = memory
        self._looks: list[int] = []
        self._cpu = 0.0
        self._since = clock.monotonic()

    def look(self, root: int) -> bool:
        """Look at the tree of ``root``; return whether that made a line."""
        use = self._room.use(root)
        self._looks.append(use.memory)
        if len(self._looks) < LOOKS:
            return False
        self._write(use.cpu + _buried())
        return True

    def finish(self) -> None:
        """Write the last line, of a tree that has ended and is buried."""
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        self._looks = self._looks or [largest]
        self._write(_buried())

    def _write(self, cpu: float) -> None:
        now = clock.monotonic()
        used = (cpu - self._cpu) / max(now - self._since, 1e-3) * 100
        held = sum(self._looks) / len(self._looks) / self._memory * 100
        disk = os.statvfs(self._base)
        full = 100 * (1 - disk.f_bavail / max(disk.f_blocks, 1))
        with self._path.open("a") as file:
            file.write(f"{clock.now():.3f}\t{max(used, 0):.2f}\t{min(held, 100):.2f}\t{full:.2f}\n")
        self._cpu, self._since = cpu, now
        self._looks = []


def read(path: Path, after: float) -> Sequence[Usage]:
    """Return the last whole lines, behind the time ``after``; none where there is no file."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
            lines = file.read().split(b"\n")[:-1]
    except FileNotFoundError:
        return []
    usages = [Usage(*map(float, line.split(b"\t"))) for line in lines if line.count(b"\t") == 3]
    return [usage for usage in usages if usage.at > after]


def _buried() -> float:
    """Return the seconds of processor time of all descendants that have ended and were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
