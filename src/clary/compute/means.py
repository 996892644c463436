"""Means: how far this machine lets runs be kept apart and kept small, and why not further."""

import json
import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Self

from clary.compute import network
from clary.compute.control_group import Hierarchy
from clary.compute.isolation import OPT_ML, Isolation, Level
from clary.compute.room import Enforcement


@dataclass(frozen=True, slots=True)
class Means:
    """What runs get: the ``level`` of isolation, ``processes`` and ``network`` of their own, limits kept how.

    ``hierarchy`` is where control groups are made. Each ``no_…`` says why there is not more; it is empty
    where there is all.
    """

    level: Level
    processes: bool
    network: bool
    enforcement: Enforcement
    hierarchy: Hierarchy | None
    no_level: str = ""
    no_processes: str = ""
    no_network: str = ""
    no_enforcement: str = ""

    @classmethod
    def of_machine(
        cls, most: Level = Level.NAMESPACES, firmest: Enforcement = Enforcement.CONTROL_GROUPS
    ) -> Self:
        """Try it out, each thing in a process that ends with it, and at most what is asked for."""
        level, no_level, no_processes, no_network = _isolation(most)
        enforcement, hierarchy, no_enforcement = _enforcement(firmest)
        return cls(
            level,
            not no_processes,
            not no_network,
            enforcement,
            hierarchy,
            no_level,
            no_processes,
            no_network,
            no_enforcement,
        )

    def write(self, path: Path) -> None:
        """Put it where ``read`` finds it, whole or not at all."""
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.write_text(json.dumps(asdict(self)))
        draft.replace(path)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return what was written; raises OSError where nothing was."""
        found = json.loads(path.read_text())
        hierarchy = found["hierarchy"]
        return cls(
            **found
            | {
                "level": Level(found["level"]),
                "enforcement": Enforcement(found["enforcement"]),
                "hierarchy": None if hierarchy is None else Hierarchy(**hierarchy),
            }
        )


def beside(zygote: Path) -> Path:
    """Return the file in which the zygote that listens at ``zygote`` writes what it has found."""
    return zygote.with_name(f"{zygote.name}.means")


def _isolation(most: Level) -> tuple[Level, str, str, str]:
    """Return the furthest level that works, and why it, processes and network are not more."""
    if most is not Level.NONE and not _refusal(lambda folder: _enter_all(most, folder)):
        return most, "", "", ""
    level, no_level = _level(most)
    if level is Level.NONE:
        return level, no_level, no_level, no_level
    no_processes = _refusal(lambda folder: _enter_as_init(Isolation(level, folder, processes=True)))
    no_network = _refusal(lambda _folder: network.enter(level))
    return level, no_level, no_processes, no_network


def _level(most: Level) -> tuple[Level, str]:
    """Return the furthest level that works, from ``most`` on, and why it is not the furthest of all."""
    why = "no isolation was asked for"
    for level in list(Level)[list(Level).index(most) :]:
        if level is Level.NONE:
            break
        refusal = _refusal(partial(_enter_at, level))
        if not refusal:
            return level, "" if level is most else why
        why = refusal
    return Level.NONE, why


def _enforcement(firmest: Enforcement) -> tuple[Enforcement, Hierarchy | None, str]:
    if sys.platform != "linux":
        return Enforcement.NONE, None, "only Linux tells what processes use"
    if firmest is not Enforcement.CONTROL_GROUPS:
        return firmest, None, "nothing better was asked for"
    try:
        return Enforcement.CONTROL_GROUPS, Hierarchy.usable(), ""
    except OSError as error:
        return Enforcement.WATCHDOG, None, str(error)


def _refusal(attempt: Callable[[Path], None]) -> str:
    """Return why an attempt fails in a process of its own; empty where it does not."""
    if sys.platform != "linux":
        return "only Linux has namespaces"
    with tempfile.TemporaryDirectory(prefix="clary-") as folder:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            _try(attempt, Path(folder), writer)
        os.close(writer)
        with os.fdopen(reader, encoding="utf-8") as answer:
            refusal = answer.read()
        with suppress(ChildProcessError):  # where SIGCHLD is ignored the kernel has buried it
            os.waitpid(child, 0)
    return refusal


def _try(attempt: Callable[[Path], None], folder: Path, writer: int) -> None:
    """Make the attempt, write what went wrong, and end this process."""
    try:
        attempt(folder)
    except OSError as error:
        os.write(writer, str(error).encode())
    except BaseException:  # noqa: BLE001 - this process must end here, whatever happens
        os.write(writer, traceback.format_exc().encode())
    finally:
        os._exit(0)


def _enter_all(level: Level, folder: Path) -> None:
    network.enter(level)
    _enter_as_init(Isolation(level, folder, processes=True))


def _enter_at(level: Level, folder: Path) -> None:
    _enter(Isolation(level, folder))


def _enter(isolation: Isolation) -> None:
    base = isolation.folder / "base"
    (base / "input/data").mkdir(parents=True)
    isolation.enter(base, "algo-1", {"algo-1": "127.0.0.1"}, ("input/data",))
    (OPT_ML / "model").mkdir()


def _enter_as_init(isolation: Isolation) -> None:
    """Enter in a child, as a process 1; what it raises comes back as an OSError of its words."""
    isolation.open_processes()
    reader, writer = os.pipe()
    if os.fork() == 0:
        _try(lambda _: _enter(isolation), isolation.folder, writer)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as answer:
        refusal = answer.read()
    if refusal:
        raise OSError(refusal)
