"""The server's own log: one file that all its processes append to, and whichever finds it full sets aside."""

import fcntl
import logging
import os
from logging.handlers import WatchedFileHandler
from pathlib import Path

SIZE = 10 * 2**20
"""Bytes after which the file is set aside, by a number behind its name."""
KEPT = 2
"""Files that are kept beside the one that is written."""

FORMAT = "%(asctime)s %(levelname)s %(name)s[%(process)d] %(message)s"


class ServerLog(WatchedFileHandler):
    """Writes records to ``path``; follows when another process has set the file aside.

    Where standard output and error go to the file too, they follow with it.
    """

    def __init__(self, path: Path, size: int = SIZE) -> None:
        super().__init__(path)
        self._path = path
        self._size = size
        self.setFormatter(logging.Formatter(FORMAT))

    def emit(self, record: logging.LogRecord) -> None:
        """Write ``record``, then set the file aside where it is full."""
        super().emit(record)
        if self._is_full():
            self._set_aside()

    def reopenIfNeeded(self) -> None:  # noqa: N802 - the standard library's name
        """Open the file at ``path`` where that is no longer the one that is open."""
        before = self.dev, self.ino
        super().reopenIfNeeded()
        if self.stream is not None and (self.dev, self.ino) != before:
            for descriptor in (1, 2):
                status = os.fstat(descriptor)
                if (status.st_dev, status.st_ino) == before:
                    os.dup2(self.stream.fileno(), descriptor)

    def _is_full(self) -> bool:
        try:
            return self._path.stat().st_size >= self._size
        except FileNotFoundError:  # another process has just set it aside
            return False

    def _set_aside(self) -> None:
        """Rename the file, unless another process has done so meanwhile."""
        with self._path.open("a") as own:  # the stream's own description is shared with forked processes
            fcntl.flock(own, fcntl.LOCK_EX)
            status = os.fstat(own.fileno())
            if status.st_size < self._size or not _is_at(self._path, status):
                return
            for number in range(KEPT, 0, -1):
                older = self._numbered(number - 1)
                if older.exists():
                    older.replace(self._numbered(number))

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}") if number else self._path


def _is_at(path: Path, status: os.stat_result) -> bool:
    """Return whether the file that ``status`` describes is the one at ``path``."""
    try:
        return os.path.samestat(path.stat(), status)
    except FileNotFoundError:
        return False
