"""Blobs: whole files under opaque names, complete and on the disk before anyone hears of them.

Files and index are written one after the other, so for a moment the fate of a blob hangs on a commit: of one
that was just kept, or of one that the commit leaves unnamed. Meanwhile the blob has a mark of its name in the
folder ``drafts``, and what a crash leaves there is looked up in the index by the next start.
"""

import errno
import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from clary.core import ids
from clary.core.errors import ClaryError
from clary.core.exchange import FileSlice, Source
from clary.store.local_shelf import LocalShelf
from clary.store.shelf import Shelf

CHUNK = 1 << 20
_BATCH = 500
_SENT = 1 << 30
_CANNOT_SHARE = {errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP}
_SERVER_ERROR = 500


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

    def append(self, path: Path) -> None:
        """Append a file that is known already: its bytes pass by memory and digest.

        Where the file system can, both share their blocks from then on.
        """
        with path.open("rb") as file:
            try:
                while sent := os.copy_file_range(file.fileno(), self._file.fileno(), _SENT):
                    self.size += sent
            except OSError as error:
                if error.errno not in _CANNOT_SHARE:
                    raise
                while sent := os.sendfile(self._file.fileno(), file.fileno(), None, _SENT):
                    self.size += sent

    def close(self) -> None:
        """Stop writing."""
        self._file.close()


class Fate:
    """What a commit decides on: blobs that it leaves unnamed are spent and go when it has happened."""

    def __init__(self, blobs: "Blobs") -> None:
        self._blobs = blobs
        self.spent: list[str] = []

    def spend(self, names: Iterable[str]) -> None:
        """Let blobs go with the commit."""
        for name in names:
            self._blobs.mark(name)
            self.spent.append(name)


class Blobs:
    """Blobs on a shelf, which is ``folder`` itself where no other is given; drafts and marks lie in it.

    Where several servers share the folder each has drafts and marks of its own, and sweeps only those.
    """

    def __init__(self, folder: Path, shelf: Shelf | None = None, server: str = "") -> None:
        self._shelf = shelf or LocalShelf(folder)
        self._drafts = folder / "drafts" / server
        self._drafts.mkdir(parents=True, exist_ok=True)

    def draft(self) -> "DraftBlock":
        """Return a context manager that gives a Draft."""
        return DraftBlock(Draft(self._drafts / ids.row_id()))

    def keep(self, draft: Draft) -> str:
        """Make ``draft`` lasting and return its name; it is read-only from here on and stays marked."""
        name = draft.path.name
        draft.path.chmod(0o444)
        self._shelf.take(name, draft.path)
        draft.kept = True
        return name

    def link(self, name: str) -> str:
        """Return a new name for the bytes of a blob, marked; raises FileNotFoundError when it is gone."""
        twin = ids.row_id()
        self.mark(twin)
        try:
            self._shelf.twin(name, twin)
        except FileNotFoundError:
            self._unmark([twin])
            raise
        return twin

    def mark(self, name: str) -> None:
        """Remember that the fate of a blob hangs on a commit."""
        (self._drafts / name).touch()

    @contextmanager
    def fate(self, *kept: str) -> Iterator[Fate]:
        """Surround a commit that names the blobs ``kept`` and leaves those unnamed that it is told of.

        A client's error means that nothing was committed. After any other nobody knows, as the database may
        have gone away in the middle of the commit, so the marks stay for the next start.
        """
        fate = Fate(self)
        try:
            yield fate
        except ClaryError as error:
            if error.status < _SERVER_ERROR:
                self.remove(kept)
                self._unmark(fate.spent)
            raise
        self._unmark(kept)
        self.remove(fate.spent)

    def restore(self, name: str, file: Path) -> None:
        """Hold the bytes of ``file``, which is on the disk, under the name that a blob had elsewhere."""
        self._shelf.take(name, file)

    def path(self, name: str) -> Path:
        """Return a file with the bytes of the blob ``name``, to be read or linked."""
        return self._shelf.path(name)

    def content(self, name: str, offset: int, length: int) -> FileSlice | Source:
        """Return a part of a blob to be sent; raises FileNotFoundError when it is gone."""
        return self._shelf.content(name, offset, length)

    def remove(self, names: Iterable[str]) -> None:
        """Remove blobs; those already gone are no error. Open readers and links keep their bytes."""
        gone = list(names)
        self._shelf.remove(gone)
        self._unmark(gone)

    def sweep(self, named: Callable[[Sequence[str]], Collection[str]]) -> int:
        """Remove the drafts a crash left, and the marked blobs that are not ``named``; return how many."""
        removed = 0
        marks = (entry.name for entry in os.scandir(self._drafts))
        while batch := tuple(islice(marks, _BATCH)):
            lost = set(batch) - set(named(batch))
            self.remove(lost)
            self._unmark(batch)
            removed += len(lost)
        return removed

    def _unmark(self, names: Iterable[str]) -> None:
        for name in names:
            (self._drafts / name).unlink(missing_ok=True)


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
