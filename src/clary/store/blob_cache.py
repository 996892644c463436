"""A cache of blobs that are held elsewhere: files on this machine, the longest unused of which go first."""

import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

from clary.core import ids

LIMIT = 10 * 2**30
"""Bytes."""


class BlobCache:
    """A folder of at most about ``limit`` bytes, shared by the processes of a server."""

    def __init__(self, folder: Path, limit: int = LIMIT) -> None:
        self._folder = folder
        self._limit = limit
        self._added = 0
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def find(self, name: str) -> Path | None:
        """Return the file of a blob, None when it is not cached."""
        path = self._folder / name
        try:
            os.utime(path)  # used now
        except FileNotFoundError:
            return None
        return path

    def add(self, name: str, file: Path) -> None:
        """Cache ``file`` by a link; one that is cached already stays."""
        with contextlib.suppress(FileExistsError):
            (self._folder / name).hardlink_to(file)
            self._make_room(file.stat().st_size)

    def fetch(self, name: str, write: Callable[[Path], None]) -> Path:
        """Return the file of a blob, which ``write`` is asked for where it is not cached."""
        cached = self.find(name)
        if cached is not None:
            return cached
        draft = self._folder / f"{name}.{ids.token(8)}"
        try:
            write(draft)
            draft.chmod(0o444)
            path = draft.replace(self._folder / name)
        finally:
            draft.unlink(missing_ok=True)
        self._make_room(path.stat().st_size)
        return path

    def drop(self, name: str) -> None:
        """Forget a blob; whoever has it open or linked keeps its bytes."""
        (self._folder / name).unlink(missing_ok=True)

    def _make_room(self, size: int) -> None:
        """Remove what was unused for longest; looks at the folder once for every tenth of the limit added."""
        with self._lock:
            self._added += size
            if self._added < self._limit / 10:
                return
            self._added = 0
        found = []
        for entry in os.scandir(self._folder):
            with contextlib.suppress(FileNotFoundError):
                status = entry.stat()
                found.append((status.st_mtime, status.st_size, entry.path))
        excess = sum(size for _, size, _ in found) - self._limit
        for _, size, path in sorted(found):
            if excess <= 0:
                return
            Path(path).unlink(missing_ok=True)
            excess -= size
