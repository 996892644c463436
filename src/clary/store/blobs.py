"""Blobs: whole files under opaque names, complete and on the disk before anyone hears of them."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from clary.core import ids

CHUNK = 1 << 20


class Draft:
    """A blob being written; ``keep`` makes it lasting, leaving the block without it removes it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self.md5 = hashlib.md5(usedforsecurity=False)
        self.kept = False
        self._file: BinaryIO = path.open("xb", buffering=0)

    def write(self, data: bytes) -> None:
        """Append ``data``."""
        self._file.write(data)
        self.md5.update(data)
        self.size += len(data)

    def sync(self) -> None:
        """Put all that was written on the disk."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Stop writing."""
        self._file.close()


class Blobs:
    """A folder of blobs, spread over 256 subfolders."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._drafts = folder / "drafts"
        self._drafts.mkdir(parents=True, exist_ok=True)

    def draft(self) -> "DraftBlock":
        """Return a context manager that gives a Draft."""
        return DraftBlock(Draft(self._drafts / ids.row_id()))

    def keep(self, draft: Draft) -> str:
        """Make ``draft`` lasting and return its name; it is read-only from here on."""
        name = draft.path.name
        target = self.path(name)
        target.parent.mkdir(exist_ok=True)
        draft.path.chmod(0o444)
        draft.sync()
        draft.path.rename(target)
        _sync_folder(target.parent)
        draft.kept = True
        return name

    def link(self, name: str) -> str:
        """Return a new name for the bytes of the blob ``name``; raises FileNotFoundError when it is gone."""
        twin = ids.row_id()
        target = self.path(twin)
        target.parent.mkdir(exist_ok=True)
        target.hardlink_to(self.path(name))
        _sync_folder(target.parent)
        return twin

    def path(self, name: str) -> Path:
        """Return where the blob ``name`` lies."""
        return self._folder / name[-2:] / name

    def remove(self, names: Iterable[str]) -> None:
        """Remove blobs; those already gone are no error. Open readers and links keep their bytes."""
        for name in names:
            self.path(name).unlink(missing_ok=True)

    def sweep(self, older_than: float) -> int:
        """Remove drafts a crash left, last written before ``older_than`` (epoch seconds); return how many."""
        stale = [path for path in self._drafts.iterdir() if path.stat().st_mtime < older_than]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)


class DraftBlock:
    """``with blobs.draft() as draft``: closes the draft, and removes it unless it was kept."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    def __enter__(self) -> Draft:
        return self._draft

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._draft.close()
        if not self._draft.kept:
            self._draft.path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
