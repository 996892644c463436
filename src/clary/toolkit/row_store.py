"""Rows gathered for a library that wants all of them as one array.

They go to a temporary file that is mapped in the end: the library reads the file's pages where they are, and
the system may take them back, so that they count little beside what the library makes of them.
"""

import mmap
import tempfile
from dataclasses import dataclass
from typing import Self

import numpy as np

from clary.toolkit.batch import Floats


@dataclass(frozen=True, slots=True)
class Rows:
    """Features, (rows, features) and contiguous, with their labels, (rows,)."""

    features: Floats
    labels: Floats

    def __len__(self) -> int:
        return len(self.labels)


class RowStore:
    """Takes batches in and gives all their rows out, inside a ``with`` statement."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._labels: list[Floats] = []
        self._width = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_reason: object) -> None:
        self._file.close()

    def append(self, features: Floats, labels: Floats) -> None:
        """Add rows, (rows, features), with their labels, (rows,); they are copied."""
        self._file.write(np.ascontiguousarray(features, np.float32).data)
        self._labels.append(np.array(labels, np.float32))
        self._width = features.shape[1]

    def rows(self) -> Rows:
        """Return what was added, in its order."""
        if not sum(map(len, self._labels)):
            return Rows(np.empty((0, self._width), np.float32), np.empty(0, np.float32))
        labels = np.concatenate(self._labels)
        self._file.flush()
        # Private, so that a library may ask for an array that it could write to.
        mapping = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_COPY)
        return Rows(np.frombuffer(mapping, np.float32).reshape(len(labels), self._width), labels)
