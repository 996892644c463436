"""Isolation: a run's own folders, hosts and processes, by the kernel's namespaces.

The run enters them itself, after its fork and before its program: no daemon, image or set-uid helper takes
part. They keep runs out of each other's way and hold no attacker.
"""

import os
import shutil
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from clary.compute import kernel

OPT_ML = Path("/opt/ml")
"""Where a run finds its files, as in SageMaker's containers."""

_OPT = Path("/opt")
_TMP = Path("/tmp")  # noqa: S108 - the folder that is replaced
_SHM = Path("/dev/shm")  # noqa: S108 - likewise
_HOSTS = Path("/etc/hosts")
_PROC = Path("/proc")

_LOCKED = kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC  # a remount must not drop these


def _interpreter() -> tuple[Path, ...]:
    """Return where this interpreter and its libraries lie, without what lies in another of the folders."""
    found: list[Path] = []
    for path in sorted({Path(path) for path in (sys.prefix, sys.base_prefix, *sys.path) if path}):
        if path.exists() and not (found and path.is_relative_to(found[-1])):
            found.append(path)
    return tuple(found)


_INTERPRETER = _interpreter()  # once, in the zygote: looking costs more than entering


class Level(StrEnum):
    """How far runs are isolated, from the most to nothing."""

    NAMESPACES = "namespaces"
    """With the rights of root."""

    USER_NAMESPACES = "user-namespaces"
    """The same without the rights of root: the run has a namespace of users in which it has them."""

    NONE = "none"
    """Plain processes, which find their folder through SAGEMAKER_BASE_DIR."""


@dataclass(frozen=True, slots=True)
class Isolation:
    """The way into the namespaces of one run.

    ``folder`` is the run's own; what stands in for system folders lies in it. ``kept`` are folders that stay
    reachable by their own paths though they lie under /tmp, besides those of the interpreter. With
    ``processes`` the run has process ids of its own and sees no other process.
    """

    level: Level
    folder: Path
    kept: tuple[Path, ...] = ()
    processes: bool = False

    def base(self, outside: Path) -> Path:
        """Return the path by which the run knows the folder ``outside``."""
        return outside if self.level is Level.NONE else OPT_ML

    def open_processes(self) -> None:
        """Let the next child of this process, of one thread, be process 1 of a namespace; raises OSError.

        That child is ``clary.compute.init``; when it ends, the kernel ends whatever is left in there. The
        namespaces that ``enter`` makes belong to the same user.
        """
        if self.level is Level.USER_NAMESPACES:
            unshare_as_user(kernel.CLONE_NEWPID)
        else:
            kernel.unshare(kernel.CLONE_NEWPID)

    def enter(self, base: Path, host: str, hosts: Mapping[str, str], protected: Sequence[str]) -> None:
        """Move this process, of one thread, into namespaces of its own with ``base`` on /opt/ml.

        What is under the folders ``protected`` of it can be read only. Every name of ``hosts`` leads to its
        address; this machine is called ``host``. Raises OSError where the kernel refuses.
        """
        if self.level is Level.NONE:
            return
        self._unshare()
        kernel.mount(None, Path("/"), kernel.MS_REC | kernel.MS_PRIVATE)
        if self.processes:
            kernel.mount("proc", _PROC, _LOCKED)
        for name in protected:
            _protect(base / name)
        # The stand-ins are complete before they go over anything, as they are made of what they will hide.
        stage = self._stage()
        tmp = self._stand_in_for_tmp(stage)
        if OPT_ML.is_dir():
            kernel.bind(base, OPT_ML)
        else:
            kernel.bind(_stand_in_for_opt(stage, base), _OPT)
        names = stage / "hosts"
        lines = ["127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost"]
        lines += [f"{address}\t{name}" for name, address in hosts.items()]
        names.write_text("\n".join(lines) + "\n")
        kernel.bind(names, _HOSTS)
        socket.sethostname(host)
        kernel.mount("tmpfs", _SHM, kernel.MS_NOSUID | kernel.MS_NODEV, "mode=1777")
        kernel.bind(tmp, _TMP)

    def clear(self) -> None:
        """Remove what the run has left in its /tmp; to be called outside, when it has ended."""
        for name in ("tmp", "stage"):
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def _unshare(self) -> None:
        flags = kernel.CLONE_NEWNS | kernel.CLONE_NEWUTS | kernel.CLONE_NEWIPC
        if self.level is Level.USER_NAMESPACES and not self.processes:
            unshare_as_user(flags)
        else:
            kernel.unshare(flags)

    def _stage(self) -> Path:
        """Return a folder in memory for what stands in and holds no data.

        On a disk from which much was deleted just now, ext4 takes half a millisecond for a new folder: it
        looks for a number that was not in use a moment ago.
        """
        stage = self.folder / "stage"
        stage.mkdir(exist_ok=True)
        kernel.mount("tmpfs", stage, kernel.MS_NOSUID | kernel.MS_NODEV, "mode=755")
        return stage

    def _stand_in_for_tmp(self, stage: Path) -> Path:
        """Return a folder of the run's own; on the disk, so that large files take no memory."""
        tmp = self.folder / "tmp"
        tmp.mkdir(exist_ok=True)
        tmp.chmod(0o1777)
        skeleton = stage / "tmp"
        for path in (*_INTERPRETER, *self.kept):
            if path.is_relative_to(OPT_ML):
                raise FileExistsError(f"{path} would be hidden by the run's own {OPT_ML}")
            if path.is_relative_to(_TMP):
                kernel.bind(path, _point(skeleton / path.relative_to(_TMP), path.is_dir()))
        for child in os.scandir(skeleton) if skeleton.exists() else ():
            kernel.bind(child, _point(tmp / child.name, child.is_dir()))
        return tmp


def _stand_in_for_opt(stage: Path, base: Path) -> Path:
    """Return a folder with all that is in /opt, and ``base`` as ``ml``."""
    opt = _point(stage / "opt", folder=True)
    for child in os.scandir(_OPT):
        if child.is_symlink():
            (opt / child.name).symlink_to(Path(child).readlink())
        else:
            kernel.bind(child, _point(opt / child.name, child.is_dir()))
    kernel.bind(base, _point(opt / OPT_ML.name, folder=True))
    return opt


def unshare_as_user(flags: int) -> None:
    """Unshare with a namespace of users in which this one, under the same number, has the rights it takes."""
    user, group = os.getuid(), os.getgid()
    kernel.unshare(flags | kernel.CLONE_NEWUSER)
    own = Path("/proc/self")
    (own / "setgroups").write_text("deny")
    (own / "uid_map").write_text(f"{user} {user} 1")
    (own / "gid_map").write_text(f"{group} {group} 1")


def _protect(folder: Path) -> None:
    """Make what is under ``folder`` read-only for this process and its children."""
    if folder.is_dir():
        kernel.bind(folder, folder)
        flags = kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY
        kernel.mount(None, folder, flags | (os.statvfs(folder).f_flag & _LOCKED))


def _point(place: Path, folder: bool) -> Path:
    """Make what a folder or a file can be mounted on."""
    if folder:
        place.mkdir(parents=True, exist_ok=True)
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    return place
