"""Shelf: what holds the bytes of blobs, by name; a folder on this machine or a store elsewhere."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from clary.core.exchange import FileSlice, Source


class Shelf(Protocol):
    """Holds blobs, which never change. Raises ClaryError (503) where it cannot be reached."""

    def take(self, name: str, file: Path) -> None:
        """Hold the bytes of ``file``, as the blob ``name``: lasting from here on."""
        ...

    def twin(self, name: str, twin: str) -> None:
        """Hold the bytes of a blob under another name too; raises FileNotFoundError when it is gone."""
        ...

    def path(self, name: str) -> Path:
        """Return a file on this machine with a blob's bytes, to be read or linked; it may not be there."""
        ...

    def content(self, name: str, offset: int, length: int) -> FileSlice | Source:
        """Return a part of a blob to be sent; raises FileNotFoundError when it is gone."""
        ...

    def remove(self, names: Sequence[str]) -> None:
        """Remove blobs; those already gone are no error. Open readers and links keep their bytes."""
        ...
