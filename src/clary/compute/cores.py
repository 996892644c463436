"""Cores: which processor cores a run may use, so that it sees as many as its instance type has."""

import fcntl
import os
import random
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

_KEPT: list[int] = []
"""Descriptors of the locks that this process holds until it ends."""


def choose(folder: Path, count: int) -> Sequence[int]:
    """Return ``count`` cores that are this process's while it lives, or all there are where that is no more.

    A core is taken by a lock on its file in ``folder``, which dies with its holder. Where too few are free,
    some that others have are shared.
    """
    cores = sorted(os.sched_getaffinity(0))
    if count >= len(cores):
        return cores
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    random.shuffle(cores)
    taken = [core for core in cores if len(_KEPT) < count and _take(folder / f"{core}")]
    shared = [core for core in cores if core not in taken]
    return sorted([*taken, *shared][:count])


def _take(path: Path) -> bool:
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with suppress(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _KEPT.append(lock)
        return True
    os.close(lock)
    return False
