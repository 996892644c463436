"""Rows gathered from a channel into one float32 table, in memory while small and in a file when not."""

import tempfile
from dataclasses import dataclass
from typing import IO

import numpy as np

from clary.toolkit.batch import Floats

_IN_MEMORY = 1024 * 1024 * 1024
"""Bytes of rows that are kept in memory; more go to an unnamed temporary file that is mapped."""


@dataclass(frozen=True, slots=True)
class Table:
    """All rows of a channel.

    ``features`` has the shape (rows, features + 1): its last column is 1, so that the last row of a weight
    matrix is the bias. ``labels`` has the shape (rows,).
    """

    features: Floats
    labels: Floats

    def __len__(self) -> int:
        return len(self.features)


class Spool:
    """Takes batches in and gives one shuffled table out.

    Rows in memory are shuffled all together, rows in a file within each batch: enough for batches drawn at
    random, since a batch is thousands of rows of the file.
    """

    def __init__(self, seed: int, in_memory: int = _IN_MEMORY) -> None:
        self._random = np.random.default_rng(seed)
        self._limit = in_memory
        self._parts: list[tuple[Floats, Floats]] = []  # not yet in the file
        self._bytes = 0
        self._file: IO[bytes] | None = None
        self._filed: list[Floats] = []  # the labels of the rows in the file

    def append(self, features: Floats, labels: Floats) -> None:
        """Add rows: ``features`` (rows, features) and ``labels`` (rows,)."""
        self._parts.append((features, labels))
        self._bytes += features.nbytes
        if self._bytes > self._limit:
            self._spill()

    def table(self) -> Table:
        """Return all rows added; the spool is empty afterwards."""
        if self._file is None:
            return self._gathered()
        self._spill()
        labels = np.concatenate(self._filed)
        features = np.memmap(self._file, np.float32, "r+").reshape(len(labels), -1)
        self._file.close()  # the mapping keeps it
        return Table(features, labels)

    def _gathered(self) -> Table:
        rows = sum(len(labels) for _, labels in self._parts)
        places = self._random.permutation(rows)
        features = np.empty((rows, self._parts[0][0].shape[1] + 1), np.float32)
        features[:, -1] = 1
        gathered = np.empty(rows, np.float32)
        at = 0
        for part, labels in self._parts:
            target = places[at : at + len(part)]
            features[target, :-1] = part
            gathered[target] = labels
            at += len(part)
        self._parts = []
        return Table(features, gathered)

    def _spill(self) -> None:
        """Move the rows in memory to the file."""
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - open until the table is
        for part, labels in self._parts:
            order = self._random.permutation(len(part))
            rows = np.ones((len(part), part.shape[1] + 1), np.float32)
            rows[:, :-1] = part[order]
            self._file.write(rows.data)
            self._filed.append(labels[order])
        self._file.flush()
        self._parts, self._bytes = [], 0
