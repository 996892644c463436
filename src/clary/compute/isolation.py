"""Isolation: a run's own /opt/ml, /tmp, /dev/shm, /etc/hosts and host name, by the kernel's namespaces.

The run enters them itself, after its fork and before its program: no daemon, image or set-uid helper takes
part. They keep runs out of each other's way and hold no attacker: processes and network are shared.
"""

import ctypes
import os
import shutil
import socket
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self

OPT_ML = Path("/opt/ml")
"""Where a run finds its files, as in SageMaker's containers."""

_OPT = Path("/opt")
_TMP = Path("/tmp")  # noqa: S108 - the folder that is replaced
_SHM = Path("/dev/shm")  # noqa: S108 - likewise
_HOSTS = Path("/etc/hosts")

_CLONE_NEWNS = 0x00020000
_CLONE_NEWUTS = 0x04000000
_CLONE_NEWIPC = 0x08000000
_CLONE_NEWUSER = 0x10000000

_MS_RDONLY = 1
_MS_NOSUID = 2
_MS_NODEV = 4
_MS_NOEXEC = 8
_MS_REMOUNT = 32
_MS_BIND = 4096
_MS_REC = 16384
_MS_PRIVATE = 1 << 18
_LOCKED = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC  # a remount must not drop these

_LIBRARY = ctypes.CDLL(None, use_errno=True)


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
    reachable by their own paths though they lie under /tmp, besides those of the interpreter.
    """

    level: Level
    folder: Path
    kept: tuple[Path, ...] = ()

    def base(self, outside: Path) -> Path:
        """Return the path by which the run knows the folder ``outside``."""
        return outside if self.level is Level.NONE else OPT_ML

    def enter(self, base: Path, host: str, hosts: Mapping[str, str], protected: Sequence[str]) -> None:
        """Move this process, of one thread, into namespaces of its own with ``base`` on /opt/ml.

        What is under the folders ``protected`` of it can be read only. Every name of ``hosts`` leads to its
        address; this machine is called ``host``. Raises OSError where the kernel refuses.
        """
        if self.level is Level.NONE:
            return
        _unshare(self.level)
        _mount(None, Path("/"), _MS_REC | _MS_PRIVATE)
        for name in protected:
            _protect(base / name)
        # The stand-ins are complete before they go over anything, as they are made of what they will hide.
        tmp = self._stand_in_for_tmp()
        if OPT_ML.is_dir():
            _bind(base, OPT_ML)
        else:
            _bind(self._stand_in_for_opt(base), _OPT)
        names = self.folder / "hosts"
        lines = ["127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost"]
        lines += [f"{address}\t{name}" for name, address in hosts.items()]
        names.write_text("\n".join(lines) + "\n")
        _bind(names, _HOSTS)
        socket.sethostname(host)
        _mount("tmpfs", _SHM, _MS_NOSUID | _MS_NODEV, "mode=1777")
        _bind(tmp, _TMP)

    def clear(self) -> None:
        """Remove what the run has left in its /tmp; to be called outside, when it has ended."""
        for name in ("tmp", "opt"):
            shutil.rmtree(self.folder / name, ignore_errors=True)

    def _stand_in_for_tmp(self) -> Path:
        """Return a folder of the run's own; on the disk, so that large files take no memory."""
        tmp = self.folder / "tmp"
        tmp.mkdir(exist_ok=True)
        tmp.chmod(0o1777)
        for path in (*_INTERPRETER, *self.kept):
            if path.is_relative_to(OPT_ML):
                raise FileExistsError(f"{path} would be hidden by the run's own {OPT_ML}")
            if path.is_relative_to(_TMP):
                _bind(path, _point(tmp / path.relative_to(_TMP), path.is_dir()))
        return tmp

    def _stand_in_for_opt(self, base: Path) -> Path:
        """Return a folder with all that is in /opt, and ``base`` as ``ml``."""
        opt = self.folder / "opt"
        opt.mkdir(exist_ok=True)
        for child in os.scandir(_OPT):
            if child.is_symlink():
                (opt / child.name).symlink_to(Path(child).readlink())
            else:
                _bind(child, _point(opt / child.name, child.is_dir()))
        _bind(base, _point(opt / OPT_ML.name, folder=True))
        return opt


@dataclass(frozen=True, slots=True)
class Probe:
    """What this machine allows: the level, and why it is not a higher one; empty for the highest."""

    level: Level
    why: str

    @classmethod
    def of_machine(cls, most: Level = Level.NAMESPACES) -> Self:
        """Try the levels from ``most`` on, each in a process that ends with it."""
        why = ""
        for level in list(Level)[list(Level).index(most) :]:
            refusal = "" if level is Level.NONE else _refusal(level)
            if not refusal:
                return cls(level, why)
            why = refusal
        raise AssertionError("the last level is never refused")


def _refusal(level: Level) -> str:
    """Return why a run cannot be isolated so; empty where it can."""
    if sys.platform != "linux":
        return "only Linux has namespaces"
    with tempfile.TemporaryDirectory(prefix="clary-") as folder:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            _try(level, Path(folder), writer)
        os.close(writer)
        with os.fdopen(reader, encoding="utf-8") as answer:
            refusal = answer.read()
        with suppress(ChildProcessError):  # where SIGCHLD is ignored the kernel has buried it
            os.waitpid(child, 0)
    return refusal


def _try(level: Level, folder: Path, writer: int) -> None:
    """Enter, write what went wrong, and end this process."""
    try:
        base = folder / "base"
        (base / "input/data").mkdir(parents=True)
        Isolation(level, folder).enter(base, "algo-1", {"algo-1": "127.0.0.1"}, ("input/data",))
        (OPT_ML / "model").mkdir()
    except OSError as error:
        os.write(writer, str(error).encode())
    except BaseException:  # noqa: BLE001 - this process must end here, whatever happens
        os.write(writer, traceback.format_exc().encode())
    finally:
        os._exit(0)


def _unshare(level: Level) -> None:
    flags = _CLONE_NEWNS | _CLONE_NEWUTS | _CLONE_NEWIPC
    if level is Level.NAMESPACES:
        _call("unshare", flags)
        return
    user, group = os.getuid(), os.getgid()
    _call("unshare", flags | _CLONE_NEWUSER)
    own = Path("/proc/self")
    (own / "setgroups").write_text("deny")
    (own / "uid_map").write_text(f"{user} {user} 1")
    (own / "gid_map").write_text(f"{group} {group} 1")


def _protect(folder: Path) -> None:
    """Make what is under ``folder`` read-only for this process and its children."""
    if folder.is_dir():
        _bind(folder, folder)
        _mount(None, folder, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | (os.statvfs(folder).f_flag & _LOCKED))


def _bind(source: "os.PathLike[str]", target: Path) -> None:
    _mount(os.fspath(source), target, _MS_BIND | _MS_REC)


def _mount(source: str | None, target: Path, flags: int, options: str = "") -> None:
    kind = source if source == "tmpfs" else None
    words = [None if word is None else os.fsencode(word) for word in (source, str(target), kind)]
    _call("mount", *words, flags, options.encode())


def _call(name: str, *arguments: bytes | int | None) -> None:
    """Call the C library; raises OSError that names the function and what it was to act on."""
    converted = [ctypes.c_ulong(each) if isinstance(each, int) else each for each in arguments]
    if getattr(_LIBRARY, name)(*converted):
        number = ctypes.get_errno()
        objects = [os.fsdecode(each) for each in arguments if isinstance(each, bytes) and each]
        raise OSError(number, f"{os.strerror(number)} ({' '.join((name, *objects))})")


def _point(place: Path, folder: bool) -> Path:
    """Make what a folder or a file can be mounted on."""
    if folder:
        place.mkdir(parents=True, exist_ok=True)
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    return place
