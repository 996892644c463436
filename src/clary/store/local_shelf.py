"""The local shelf: blobs as files of a folder, spread over 256 subfolders."""

import os
from collections.abc import Sequence
from pathlib import Path

from clary.core.exchange import FileSlice


class LocalShelf:
    """A Shelf in a folder; what it takes it links, so the file must be of the same file system."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, name: str, file: Path) -> None:
        """Link ``file`` and put it on the disk."""
        self._link(file, name)

    def twin(self, name: str, twin: str) -> None:
        """Link a blob once more."""
        self._link(self.path(name), twin)

    def path(self, name: str) -> Path:
        """Return where the blob lies."""
        return self._folder / name[-2:] / name

    def content(self, name: str, offset: int, length: int) -> FileSlice:
        """Return a part of the file."""
        return FileSlice(self.path(name), offset, length)

    def remove(self, names: Sequence[str]) -> None:
        """Unlink files."""
        for name in names:
            self.path(name).unlink(missing_ok=True)

    def _link(self, file: Path, name: str) -> None:
        target = self.path(name)
        target.parent.mkdir(exist_ok=True)
        target.hardlink_to(file)
        # In this order most file systems have written the link with the file, and have little left to do.
        _sync(target)
        _sync(target.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
