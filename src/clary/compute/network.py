"""Network: a loopback of a run's own, or one that the hosts of a job share, and nothing else.

The shim enters it, so that it lasts as long as the shim of any host, and its payload is born in it.
"""

import fcntl
import os
import socket
import struct
from pathlib import Path

from clary.compute import kernel
from clary.compute.isolation import Level, unshare_as_user

_OWN = Path("/proc/self/ns/net")
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 1
_NS_GET_USERNS = 0xB701
"""Linux's request for the namespace of users that another namespace belongs to."""


def enter(level: Level, shared: Path | None = None) -> None:
    """Move this process, of one thread, into a network without any way out; raises OSError.

    Those that name the same ``shared`` file are in the same network while any of them lives. The file lists
    them, with the number of the network: a process id may since be somebody else's, who has another one.
    """
    if shared is None:
        _begin(level)
        return
    with shared.open("a+") as members:
        fcntl.flock(members, fcntl.LOCK_EX)
        members.seek(0)
        if not any(_join(level, *map(int, line.split())) for line in members.readlines()):
            _begin(level)
        members.write(f"{os.getpid()} {_OWN.stat().st_ino}\n")


def _begin(level: Level) -> None:
    if level is Level.USER_NAMESPACES:
        unshare_as_user(kernel.CLONE_NEWNET)
    else:
        kernel.unshare(kernel.CLONE_NEWNET)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:  # lo is off in a new namespace
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))


def _join(level: Level, member: int, number: int) -> bool:
    """Enter the network that ``member`` is in; False when it has ended, or has not that one."""
    try:
        descriptor = os.open(f"/proc/{member}/ns/net", os.O_RDONLY)
    except OSError:
        return False
    try:
        if os.fstat(descriptor).st_ino != number:
            return False
        if level is Level.USER_NAMESPACES:
            _become_its_user(descriptor)
        kernel.enter(descriptor, kernel.CLONE_NEWNET)
    finally:
        os.close(descriptor)
    return True


def _become_its_user(network: int) -> None:
    """Enter the namespace of users that a network belongs to: only there may it be entered."""
    users = fcntl.ioctl(network, _NS_GET_USERNS)
    try:
        kernel.enter(users, kernel.CLONE_NEWUSER)
    finally:
        os.close(users)
