"""Control groups: the kernel's own way to limit a run's memory and processes.

Both versions are spoken, cgroup v1 as root and v2 as root or where a folder was delegated to this user:
https://docs.kernel.org/admin-guide/cgroup-v1/memory.html, https://docs.kernel.org/admin-guide/cgroup-v2.html.
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from clary.compute.limits import Limits

_CONTROLLERS = ("memory", "pids")
_LEAF = "clary-server"
"""Where the server's own processes go: a version 2 group with controllers holds no processes itself."""


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Where groups may be made: the ``version`` and, for each controller, the folder for them."""

    version: int
    folders: Mapping[str, str]

    @classmethod
    def find(cls, proc: Path = Path("/proc/self")) -> Self:
        """Return this machine's; raises OSError that says what is in the way."""
        mounts = _mounts(proc)
        own = _own(proc)
        if all(name in mounts for name in _CONTROLLERS):
            return cls(1, {name: str(_inside(*mounts[name], own[name])) for name in _CONTROLLERS})
        if "" not in mounts:
            raise FileNotFoundError("no control groups are mounted at /sys/fs/cgroup")
        return cls(2, dict.fromkeys(_CONTROLLERS, str(_unified(*mounts[""], own.get("", "/")))))

    @classmethod
    def usable(cls, proc: Path = Path("/proc/self")) -> Self:
        """Return the same after a group was made there and removed; raises OSError."""
        found = cls.find(proc)
        ControlGroup.make(found, f"clary-probe-{os.getpid()}", Limits(2**30, 100)).remove()
        return found


@dataclass(frozen=True, slots=True)
class ControlGroup:
    """The group of one run: a folder for each controller, which are one in version 2."""

    version: int
    memory: Path
    processes: Path

    @classmethod
    def make(cls, hierarchy: Hierarchy, name: str, limits: Limits) -> Self:
        """Make the group ``name`` with these limits; raises OSError."""
        folders = [Path(hierarchy.folders[controller], name) for controller in _CONTROLLERS]
        group = cls(hierarchy.version, *folders)
        try:
            for folder in group.folders:
                folder.mkdir(exist_ok=True)
            for file, value in group._settings(limits):
                file.write_text(value)
        except OSError:
            group.remove()
            raise
        return group

    @property
    def folders(self) -> Sequence[Path]:
        """The folders that are the group."""
        return list(dict.fromkeys((self.memory, self.processes)))

    def enter(self) -> None:
        """Put this process, and all it will start, into the group; raises OSError."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text("0")

    def used(self) -> int:
        """Return the bytes of memory in use, without files that the kernel could drop from its cache."""
        total = int((self.memory / _CURRENT[self.version]).read_text())
        lines = (self.memory / "memory.stat").read_text().splitlines()
        wanted = _INACTIVE[self.version]
        return total - next((int(line.split()[1]) for line in lines if line.startswith(wanted)), 0)

    def kills(self) -> int:
        """Return how many of the group's processes the kernel has killed for want of memory."""
        lines = (self.memory / _EVENTS[self.version]).read_text().splitlines()
        return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)

    def remove(self) -> None:
        """Remove the group, whose processes have ended; what cannot be removed stays."""
        for folder in self.folders:
            with suppress(OSError):
                folder.rmdir()

    def _settings(self, limits: Limits) -> Sequence[tuple[Path, str]]:
        wanted: list[tuple[Path, str]] = []
        if limits.memory is not None:
            wanted += [(self.memory / name, f"{limits.memory}") for name in _MAXIMA[self.version]]
            wanted += [(self.memory / name, value) for name, value in _SWAP[self.version]]
        if limits.processes is not None:
            wanted.append((self.processes / "pids.max", f"{limits.processes}"))
        return [(file, value) for file, value in wanted if file.exists()]


_CURRENT = {1: "memory.usage_in_bytes", 2: "memory.current"}
_INACTIVE = {1: "total_inactive_file ", 2: "inactive_file "}
_EVENTS = {1: "memory.oom_control", 2: "memory.events"}
_MAXIMA = {1: ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"), 2: ("memory.max",)}
_SWAP: dict[int, tuple[tuple[str, str], ...]] = {
    1: (),
    2: (("memory.swap.max", "0"), ("memory.oom.group", "1")),
}


def _mounts(proc: Path) -> Mapping[str, tuple[Path, str]]:
    """Return where each version 1 controller is mounted, and version 2 under "", with the mount's root."""
    found: dict[str, tuple[Path, str]] = {}
    for line in (proc / "mountinfo").read_text().splitlines():
        left, _, right = line.partition(" - ")
        root, point = left.split()[3:5]
        kind, _, options = right.split()[:3]
        names = options.split(",") if kind == "cgroup" else [""] if kind == "cgroup2" else []
        found |= {name: (Path(point), root) for name in names if name in (*_CONTROLLERS, "")}
    return found


def _own(proc: Path) -> Mapping[str, str]:
    """Return this process's group for each controller, that of version 2 under ""."""
    lines = (line.split(":", 2) for line in (proc / "cgroup").read_text().splitlines())
    return {name: path for _, names, path in lines for name in names.split(",")}


def _inside(point: Path, root: str, own: str) -> Path:
    """Return the folder of the group ``own``; a mount may show a part of the tree only."""
    inner = own.removeprefix(root.rstrip("/")) if own.startswith(root) else "/"
    return point / inner.strip("/")


def _unified(point: Path, root: str, own: str) -> Path:
    """Return the version 2 group under which groups with limits can be made, having prepared it."""
    folder = _inside(point, root, own)
    if folder.name == _LEAF:
        folder = folder.parent
    if os.getuid() == 0 and not (point / "cgroup.events").exists():
        folder = point  # the root of all groups, the only one that may have processes and controllers
    missing = set(_CONTROLLERS) - set((folder / "cgroup.controllers").read_text().split())
    if missing:
        raise FileNotFoundError(f"{folder} has no controllers for {' and '.join(sorted(missing))}")
    control = folder / "cgroup.subtree_control"
    if not set(_CONTROLLERS) <= set(control.read_text().split()):
        if folder != point:
            _clear_out(folder)
        control.write_text(" ".join(f"+{name}" for name in _CONTROLLERS))
    return folder


def _clear_out(folder: Path) -> None:
    """Move the processes of a group, the server's and those that started it, into one below it."""
    leaf = folder / _LEAF
    leaf.mkdir(exist_ok=True)
    for pid in (folder / "cgroup.procs").read_text().split():
        with suppress(ProcessLookupError):
            (leaf / "cgroup.procs").write_text(pid)
