"""Decoded pictures kept in a temporary file: one pass decodes, later ones read at the speed of memory."""

import mmap
import tempfile
from typing import Self

import numpy as np

from clary.toolkit.formats.image import Bytes


class PictureStore:
    """Takes pictures of any size in and gives each out again, inside a ``with`` statement.

    The system may take the pages of what was read back, so they count little as memory of the job.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._places: list[tuple[int, tuple[int, ...]]] = []
        self._size = 0
        self._mapping: mmap.mmap | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_reason: object) -> None:
        self._mapping = None
        self._file.close()

    def __len__(self) -> int:
        return len(self._places)

    def append(self, pixels: Bytes) -> None:
        """Add a picture, (height, width, colours), or a mask, (height, width)."""
        self._file.write(np.ascontiguousarray(pixels).data)
        self._places.append((self._size, pixels.shape))
        self._size += pixels.size
        self._mapping = None

    def __getitem__(self, number: int) -> Bytes:
        """Return picture ``number``, which is not to be written to."""
        if self._mapping is None:
            self._file.flush()
            self._mapping = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        start, shape = self._places[number]
        return np.frombuffer(self._mapping, np.uint8, int(np.prod(shape)), start).reshape(shape)
