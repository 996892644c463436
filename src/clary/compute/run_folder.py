"""The folder that is all the state of one run: the server and the run's shim meet nowhere else."""

import fcntl
import json
import os
import threading
from contextlib import suppress
from pathlib import Path

from clary.core.exchange import Document

_RESERVE = 4096
"""Bytes, which is one block; no document is longer."""


class RunFolder:
    """The files of one run.

    ``spec.json`` is what to run; ``started`` is written by the shim when it has the lock, ``stop`` by whoever
    wants the run to end, ``exit`` last of all. ``lock`` is held by the shim for its whole life, so the run is
    alive if and only if the lock is taken: process ids are used again, locks are not.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log = path / "log"
        self.usage = path / "usage"

    def read(self, name: str) -> Document | None:
        """Return a file's document; None where it is missing or was torn by a power failure."""
        try:
            document: Document = json.loads((self.path / name).read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        return document

    def write(self, name: str, document: Document, *, durable: bool = False) -> None:
        """Put a file in place whole; ``durable``: it is on the disk before it has its name."""
        temporary = self._reserve(name)
        reserved = temporary.exists()
        if not reserved:
            temporary = self.path / f".{name}.{threading.get_native_id()}"
        with temporary.open("r+" if reserved else "w") as file:
            file.write(json.dumps(document))
            file.truncate()
            if durable:
                file.flush()
                os.fsync(file.fileno())
        temporary.rename(self.path / name)

    def reserve(self, name: str) -> None:
        """Set room for a file aside, so that ``write`` can put it in place on a full disk."""
        with self._reserve(name).open("wb") as file:
            file.write(bytes(_RESERVE))

    def take(self) -> int | None:
        """Return a descriptor that holds the lock until it is closed, or None where another has it."""
        lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return None
        return lock

    def _reserve(self, name: str) -> Path:
        return self.path / f".{name}.reserve"

    def held(self) -> bool:
        """Return whether the shim lives; to be asked only behind ``started``, not to be in a shim's way."""
        with suppress(FileNotFoundError):
            lock = os.open(self.path / "lock", os.O_RDWR)
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            finally:
                os.close(lock)
        return False
