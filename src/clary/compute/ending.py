"""Ending: how a run ended, as a code, in words, and by what cause if not by itself."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

from clary.compute.executor import Cause

_SMALL = 256 * 1024
"""Bytes: a disk with less has no room for a model."""


@dataclass(frozen=True, slots=True)
class Ending:
    """``code`` is the program's exit code, or minus the number of the signal that ended it."""

    code: int
    reason: str
    cause: Cause = ""


@dataclass(slots=True)
class Circumstances:
    """What a supervisor knows when its program has ended.

    ``grace`` is how many seconds it was given when it was asked to stop, None where it was not;
    ``exceeded`` says that it was killed because it took more memory than its instance has, ``exhausted`` that
    the whole machine had none left; ``removed`` that its folder is gone.
    """

    grace: float | None = None
    exceeded: bool = False
    exhausted: bool = False
    removed: bool = False


def of(code: int, found: Circumstances, base: Path) -> Ending:
    """Return how a program with the exit code ``code`` ended, whose files are under ``base``."""
    if code == 0:
        return Ending(code, "")
    text = f"exited with code {code}" if code > 0 else f"killed by signal {-code} ({signal.strsignal(-code)})"
    if found.exceeded:
        return Ending(code, f"{text}: it took more memory than its instance type has", "memory")
    if found.removed:
        return Ending(code, f"{text}: the folder with its files was removed")
    if found.grace is not None:
        words = f": it was asked to stop within {found.grace:g} s" if code < 0 else ""
        return Ending(code, text + words, "stop")
    if code == -signal.SIGKILL and found.exhausted:
        return Ending(code, f"{text}, probably because the machine ran out of memory", "memory")
    if not base.is_dir():
        return Ending(code, f"{text}: the folder with its files was removed")
    if _is_full(base):
        return Ending(code, f"{text}: no space is left on the disk that holds its files", "disk")
    return Ending(code, text)


def _is_full(folder: Path) -> bool:
    """Return whether not even a small file finds room."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize < _SMALL
