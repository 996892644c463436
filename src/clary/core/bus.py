"""Wakes the processes of one machine: a datagram to every process that listens, nothing stored.

A message is a hint that a row or a run changed; whoever misses one finds the change in the store, so losing
a message costs time and never correctness.
"""

import contextlib
import os
import socket
from pathlib import Path

_MAXIMUM = 4096


class Bus:
    """A folder of datagram sockets, one for each listening process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def publish(self, topic: str, key: str, beside: "Listener | None" = None) -> None:
        """Tell every listener but ``beside`` that ``key`` of ``topic`` changed; never blocks, never fails."""
        message = f"{topic} {key}".encode()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            for path in self.folder.glob("bus-*.sock"):
                if beside is not None and path == beside.path:
                    continue
                try:
                    sender.sendto(message, str(path))
                except ConnectionRefusedError:
                    path.unlink(missing_ok=True)  # its process is gone
                except OSError:
                    continue  # full or just closed: that listener will look by itself

    def listen(self) -> "Listener":
        """Return this process's own listener."""
        return Listener(self.folder / f"bus-{os.getpid()}-{os.urandom(3).hex()}.sock")


class Listener:
    """One process's end of the bus; give ``fileno`` to a selector or call ``receive``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))

    def receive(self, timeout: float | None = None) -> list[tuple[str, str]]:
        """Return the (topic, key) messages that wait, after at most ``timeout`` seconds for the first."""
        messages = []
        self.socket.settimeout(timeout)
        with contextlib.suppress(TimeoutError, BlockingIOError):
            while True:
                topic, _, key = self.socket.recv(_MAXIMUM).decode().partition(" ")
                messages.append((topic, key))
                self.socket.settimeout(0)
        return messages

    def wake(self) -> None:
        """Make a ``receive`` that waits return; may be called from a signal handler, so it never blocks."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)  # where there is no room, receive has something to return already
            sender.sendto(b"wake ", str(self.path))

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self.socket.fileno()

    def close(self) -> None:
        """Stop listening."""
        self.socket.close()
        self.path.unlink(missing_ok=True)
