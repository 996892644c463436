"""The calls of the Linux C library that Python has no words for: namespaces and mounts."""

import ctypes
import os
from pathlib import Path

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REMOUNT = 32
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18

_LIBRARY = ctypes.CDLL(None, use_errno=True)


def unshare(flags: int) -> None:
    """Move this process, of one thread, into the new namespaces of ``flags``; raises OSError."""
    call("unshare", flags)


def enter(namespace: int, kind: int) -> None:
    """Move this process, of one thread, into the namespace of a descriptor; raises OSError."""
    call("setns", namespace, kind)


def bind(source: "os.PathLike[str]", target: Path) -> None:
    """Make ``source``, a folder with all below it or a file, appear at ``target``; raises OSError."""
    mount(os.fspath(source), target, MS_BIND | MS_REC)


def mount(source: str | None, target: Path, flags: int, options: str = "") -> None:
    """Mount tmpfs, proc or, by the flags, an existing folder on ``target``; raises OSError."""
    kind = source if source in ("tmpfs", "proc") else None
    words = [None if word is None else os.fsencode(word) for word in (source, str(target), kind)]
    call("mount", *words, flags, options.encode())


def call(name: str, *arguments: bytes | int | None) -> None:
    """Call the C library; raises OSError that names the function and what it was to act on."""
    converted = [ctypes.c_ulong(each) if isinstance(each, int) else each for each in arguments]
    if getattr(_LIBRARY, name)(*converted):
        number = ctypes.get_errno()
        objects = [os.fsdecode(each) for each in arguments if isinstance(each, bytes) and each]
        raise OSError(number, f"{os.strerror(number)} ({' '.join((name, *objects))})")
