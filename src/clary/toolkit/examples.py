"""Labelled rows to learn from, dense or sparse, as one matrix that a model multiplies.

Both kinds have a last column of ones, so that the last row of a weight matrix is the bias.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Self

import numpy as np
import numpy.typing as npt

from clary.toolkit import sparse
from clary.toolkit.native import kernels
from clary.toolkit.sparse import Sparse

Floats = npt.NDArray[np.float32]
Longs = npt.NDArray[np.int64]

_CACHED_ROWS = 4096  # few enough to stay in the cache


class Examples(ABC):
    """Rows with their labels, (rows,); ``width`` counts the features and the column of ones."""

    labels: Floats
    width: int

    def __len__(self) -> int:
        return len(self.labels)

    @abstractmethod
    def slice(self, start: int, stop: int) -> Self:
        """Return the rows from ``start`` up to ``stop``, sharing memory."""

    @abstractmethod
    def take(self, order: Longs) -> Self:
        """Return a copy of the rows with the numbers ``order``."""

    @abstractmethod
    def scores(self, weights: Floats, out: Floats | None = None) -> Floats:
        """Return the product of the rows with ``weights``, (width, outputs), in ``out`` if given."""

    @abstractmethod
    def gradient(self, slopes: Floats, out: Floats) -> Floats:
        """Set ``out``, (width, outputs), to the product of the transposed rows with ``slopes``."""

    @abstractmethod
    def buffers(self) -> tuple[npt.NDArray[np.generic], ...]:
        """Return the arrays that hold the rows, each contiguous, for a file."""

    @abstractmethod
    def rebuilt(self, buffers: Sequence[npt.NDArray[np.generic]]) -> Self:
        """Return the same rows with copies of ``buffers`` that lie elsewhere."""

    @property
    def nbytes(self) -> int:
        """What the rows take in memory."""
        return sum(buffer.nbytes for buffer in self.buffers())


class DenseExamples(Examples):
    """Rows of a table (rows, 1 + features + 1): label, features, one."""

    def __init__(self, table: Floats) -> None:
        self.table = table
        self.labels, self.rows = table[:, 0], table[:, 1:]
        self.width = table.shape[1] - 1

    @property
    def features(self) -> Floats:
        """The features alone, (rows, features)."""
        return self.table[:, 1:-1]

    def slice(self, start: int, stop: int) -> "DenseExamples":
        """Return the rows from ``start`` up to ``stop``, sharing memory."""
        return DenseExamples(self.table[start:stop])

    def take(self, order: Longs) -> "DenseExamples":
        """Return a copy of the rows with the numbers ``order``."""
        return DenseExamples(np.take(self.table, order, axis=0))

    def normalised(self, order: Longs, shift: Floats, factor: Floats) -> "DenseExamples":
        """Return copies of the rows with the numbers ``order``, as ``(value - shift) * factor``.

        ``shift`` and ``factor``, (columns,), have a value for the label, each feature and the ones.
        """
        if not kernels or not self.table.flags.c_contiguous:
            table = np.take(self.table, order, axis=0)
            for at in range(0, len(table), _CACHED_ROWS):
                block = table[at : at + _CACHED_ROWS]
                block -= shift
                block *= factor
            return DenseExamples(table)
        table = np.empty((len(order), self.table.shape[1]), np.float32)
        rows = np.ascontiguousarray(order, np.int64)
        arrays = (np.ascontiguousarray(shift), np.ascontiguousarray(factor), table)
        kernels.take(
            self.table.ctypes.data, rows.ctypes.data, *table.shape, *(each.ctypes.data for each in arrays)
        )
        return DenseExamples(table)

    def scores(self, weights: Floats, out: Floats | None = None) -> Floats:
        """Return the product of the rows with ``weights``, (width, outputs), in ``out`` if given."""
        return np.matmul(self.rows, weights, out=out)

    def gradient(self, slopes: Floats, out: Floats) -> Floats:
        """Set ``out``, (width, outputs), to the product of the transposed rows with ``slopes``."""
        return np.matmul(self.rows.T, slopes, out=out)

    def buffers(self) -> tuple[npt.NDArray[np.generic], ...]:
        """Return the table."""
        return (self.table,)

    def rebuilt(self, buffers: Sequence[npt.NDArray[np.generic]]) -> "DenseExamples":
        """Return the rows of another table."""
        (table,) = buffers
        return DenseExamples(table.astype(np.float32, copy=False))


class SparseExamples(Examples):
    """Compressed rows; their last column, of ones, is among the values kept."""

    def __init__(self, rows: Sparse, labels: Floats) -> None:
        self.rows, self.labels = rows, labels
        self.width = rows.width

    def slice(self, start: int, stop: int) -> "SparseExamples":
        """Return the rows from ``start`` up to ``stop``, sharing memory."""
        return SparseExamples(self.rows.slice(start, stop), self.labels[start:stop])

    def take(self, order: Longs) -> "SparseExamples":
        """Return a copy of the rows with the numbers ``order``."""
        return SparseExamples(self.rows.take(order), self.labels[order])

    def scores(self, weights: Floats, out: Floats | None = None) -> Floats:
        """Return the product of the rows with ``weights``, (width, outputs), in ``out`` if given."""
        return self.rows.dot(weights, out)

    def gradient(self, slopes: Floats, out: Floats) -> Floats:
        """Set ``out``, (width, outputs), to the product of the transposed rows with ``slopes``."""
        return self.rows.gradient(slopes, out)

    def buffers(self) -> tuple[npt.NDArray[np.generic], ...]:
        """Return labels, starts, indices and values."""
        return self.labels, self.rows.starts, self.rows.indices, self.rows.values

    def rebuilt(self, buffers: Sequence[npt.NDArray[np.generic]]) -> "SparseExamples":
        """Return the rows that other arrays hold."""
        labels, starts, indices, values = buffers
        rows = Sparse(
            starts.astype(np.int64, copy=False),
            indices.astype(np.int32, copy=False),
            values.astype(np.float32, copy=False),
            self.width,
        )
        return SparseExamples(rows, labels.astype(np.float32, copy=False))


class Joint:
    """Puts slices of several segments together; what dense ones are copied to is used again and again."""

    def __init__(self, segments: Sequence[Examples]) -> None:
        self._segments = segments
        self._tables = [each.table for each in segments if isinstance(each, DenseExamples)]
        self._pointers = np.array([table.ctypes.data for table in self._tables], np.int64)
        self._room = np.empty((0, 0), np.float32)

    def of(self, starts: Longs, stops: Longs) -> Examples:
        """Return the rows ``starts[i]`` up to ``stops[i]`` of each segment, valid until the next call."""
        if len(self._segments) == 1:
            return self._segments[0].slice(int(starts[0]), int(stops[0]))
        if not self._tables:
            parts = [
                each.slice(start, stop)
                for each, start, stop in zip(self._segments, starts.tolist(), stops.tolist(), strict=True)
                if isinstance(each, SparseExamples)
            ]
            rows = sparse.joined([part.rows for part in parts])
            return SparseExamples(rows, np.concatenate([part.labels for part in parts]))
        count, columns = int((stops - starts).sum()), self._tables[0].shape[1]
        if len(self._room) < count or self._room.shape[1] != columns:
            self._room = np.empty((count + count // 8, columns), np.float32)
        joined = self._room[:count]
        if kernels:
            kernels.join(
                self._pointers.ctypes.data,
                starts.ctypes.data,
                stops.ctypes.data,
                len(starts),
                columns,
                joined.ctypes.data,
            )
        else:
            spans = zip(self._tables, starts.tolist(), stops.tolist(), strict=True)
            np.concatenate([table[start:stop] for table, start, stop in spans], out=joined)
        return DenseExamples(joined)
