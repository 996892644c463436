"""Sparse rows, compressed: of each row only the values that are not zero, with their places."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clary.toolkit.errors import ClientError
from clary.toolkit.native import kernels

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

_LARGEST_DENSE = 2**30
"""Values that sparse rows may become when something asks for them all."""


@dataclass(frozen=True, slots=True)
class Sparse:
    """Rows in compressed form: those of row ``i`` are ``starts[i]`` up to ``starts[i + 1]``.

    ``indices`` and ``values`` have one element for each value kept; ``width`` is the number of columns.
    """

    starts: Longs
    indices: Ints
    values: Floats
    width: int

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self), self.width

    @property
    def nbytes(self) -> int:
        """What the rows take in memory."""
        return self.starts.nbytes + self.indices.nbytes + self.values.nbytes

    def dense(self) -> Floats:
        """Return all values, zeros included; raises ClientError when that is more than memory should take."""
        if len(self) * self.width > _LARGEST_DENSE:
            raise ClientError(
                f"{len(self)} sparse rows of {self.width} features are too many to be made dense, which this "
                "algorithm needs: send fewer rows at a time, or fewer features."
            )
        table = np.zeros(self.shape, np.float32)
        table[self.numbers(), self.indices] = self.values
        return table

    def numbers(self) -> Longs:
        """Return the row number of each value kept."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def slice(self, start: int, stop: int) -> "Sparse":
        """Return the rows from ``start`` up to ``stop``; they share memory with these."""
        low, high = int(self.starts[start]), int(self.starts[stop])
        return Sparse(
            self.starts[start : stop + 1] - low, self.indices[low:high], self.values[low:high], self.width
        )

    def take(self, order: Longs) -> "Sparse":
        """Return the rows with the numbers ``order``."""
        lengths = np.diff(self.starts)[order]
        starts = np.concatenate(([0], np.cumsum(lengths)))
        places = np.repeat(self.starts[:-1][order] - starts[:-1], lengths) + np.arange(starts[-1])
        return Sparse(starts, self.indices[places], self.values[places], self.width)

    def with_ones(self) -> "Sparse":
        """Return the rows with one more column, which is 1 in all of them."""
        ends = self.starts[1:]
        starts = self.starts + np.arange(len(self) + 1)
        return Sparse(
            starts,
            np.insert(self.indices, ends, self.width),
            np.insert(self.values, ends, 1),
            self.width + 1,
        )

    def renamed(self, places: Ints, width: int) -> "Sparse":
        """Return the rows with column ``i`` as column ``places[i]`` of ``width``."""
        return Sparse(self.starts, places[self.indices], self.values, width)

    def dot(self, weights: Floats, out: Floats | None = None) -> Floats:
        """Return the product with ``weights``, (columns, outputs)."""
        scores = np.empty((len(self), weights.shape[1]), np.float32) if out is None else out
        if kernels and scores.flags.c_contiguous:
            weights = np.ascontiguousarray(weights, np.float32)
            kernels.sparse_scores(
                *self._pointers(), len(self), weights.ctypes.data, weights.shape[1], scores.ctypes.data
            )
        else:
            _sum_by(self.starts, weights[self.indices] * self.values[:, None], scores)
        return scores

    def gradient(self, slopes: Floats, out: Floats) -> Floats:
        """Set ``out``, (columns, outputs), to the product of the transposed rows with ``slopes``."""
        out[:] = 0
        if kernels and out.flags.c_contiguous:
            slopes = np.ascontiguousarray(slopes, np.float32)
            kernels.sparse_gradient(
                *self._pointers(), len(self), slopes.ctypes.data, slopes.shape[1], out.ctypes.data
            )
            return out
        order = np.argsort(self.indices, kind="stable")
        columns, first = np.unique(self.indices[order], return_index=True)
        products = slopes[self.numbers()[order]] * self.values[order, None]
        if len(columns):
            out[columns] = np.add.reduceat(products, first, axis=0)
        return out

    def _pointers(self) -> tuple[int, int, int]:
        return self.starts.ctypes.data, self.indices.ctypes.data, self.values.ctypes.data


class Touch:
    """Finds which columns some rows touch, so that work on a minibatch need not go over all columns."""

    def __init__(self, width: int) -> None:
        self._places = np.full(width, -1, np.int32)

    def of(self, rows: Sparse) -> tuple[Longs, Sparse]:
        """Return the columns in which ``rows`` have values, and the rows in terms of these columns only."""
        if not kernels:
            columns, places = np.unique(rows.indices, return_inverse=True)
            found = Sparse(rows.starts, places.astype(np.int32), rows.values, len(columns))
            return columns.astype(np.int64), found
        touched = np.empty(len(rows.indices), np.int64)
        local = np.empty(len(rows.indices), np.int32)
        count = kernels.sparse_touch(
            rows.indices.ctypes.data,
            len(rows.indices),
            self._places.ctypes.data,
            touched.ctypes.data,
            local.ctypes.data,
        )
        return touched[:count], Sparse(rows.starts, local, rows.values, count)


def compressed(table: Floats) -> Sparse:
    """Return the rows of a dense table with all their values kept."""
    rows, width = table.shape
    indices = np.tile(np.arange(width, dtype=np.int32), rows)
    return Sparse(
        np.arange(rows + 1) * width, indices, np.ascontiguousarray(table, np.float32).ravel(), width
    )


def nonzero(table: Floats) -> Sparse:
    """Return the rows of a dense table without their zeros."""
    numbers, indices = np.nonzero(table)
    starts = np.searchsorted(numbers, np.arange(len(table) + 1))
    values = np.ascontiguousarray(table[numbers, indices], np.float32)
    return Sparse(starts.astype(np.int64), indices.astype(np.int32), values, table.shape[1])


def joined(parts: Sequence[Sparse]) -> Sparse:
    """Return the rows of all ``parts``, which have the same width."""
    if len(parts) == 1:
        return parts[0]
    ends = np.cumsum([part.starts[-1] for part in parts])
    starts = [parts[0].starts] + [
        part.starts[1:] + end for part, end in zip(parts[1:], ends[:-1], strict=True)
    ]
    return Sparse(
        np.concatenate(starts),
        np.concatenate([part.indices for part in parts]),
        np.concatenate([part.values for part in parts]),
        parts[0].width,
    )


def _sum_by(starts: Longs, products: Floats, out: Floats) -> None:
    """Set each row of ``out`` to the sum of its ``products``; rows without any become zero."""
    out[:] = 0
    filled = np.flatnonzero(np.diff(starts))
    if len(filled):
        out[filled] = np.add.reduceat(products, starts[filled], axis=0)
