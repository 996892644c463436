"""Which of some centres is nearest to each row, and what belongs to each centre."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clary.toolkit.batch import Floats
from clary.toolkit.native import kernels

Ints = npt.NDArray[np.int32]
Doubles = npt.NDArray[np.float64]

_LANES = 16  # centres that the kernel compares at a time


@dataclass(frozen=True, slots=True)
class Gathered:
    """Of the rows nearest to each centre their ``sums``, (centres, features), and ``counts``, (centres,).

    ``squares``, (rows,), are the squared distances of the rows, ``total`` is the sum of their own squares.
    """

    sums: Doubles
    counts: Doubles
    squares: Floats
    total: float


class Nearest:
    """Finds the nearest of ``centres``, (centres, features), by the Euclidean distance; of equals the first.

    The squares of rows and centres should not be much larger than the distances: shift both to their mean.
    """

    def __init__(self, centres: Floats) -> None:
        self._count, width = centres.shape
        places = -(-self._count // _LANES) * _LANES
        self._slopes = np.zeros((width, places), np.float32)
        self._slopes[:, : self._count] = -2 * centres.T
        self._norms = np.full(places, np.inf, np.float32)
        self._norms[: self._count] = np.square(centres, dtype=np.float64).sum(axis=1)

    def of(self, rows: Floats) -> Ints:
        """Return the number of the centre nearest to each of ``rows``, (rows, features)."""
        return self._found(np.ascontiguousarray(rows, np.float32))[0]

    def gather(self, rows: Floats) -> Gathered:
        """Return what belongs to each centre, and how far each row is from its own."""
        rows = np.ascontiguousarray(rows, np.float32)
        sums, counts = np.zeros(self._slopes.T.shape), np.zeros(len(self._norms), np.int64)
        _, least = self._found(rows, sums, counts)
        own = np.einsum("ij,ij->i", rows, rows)
        squares = np.maximum(least + own, 0, out=least)
        total = float(own.sum(dtype=np.float64))
        return Gathered(sums[: self._count], counts[: self._count].astype(np.float64), squares, total)

    def _found(
        self, rows: Floats, sums: Doubles | None = None, counts: npt.NDArray[np.int64] | None = None
    ) -> tuple[Ints, Floats]:
        nearest, least = np.empty(len(rows), np.int32), np.empty(len(rows), np.float32)
        if kernels:
            wanted = [0 if each is None else each.ctypes.data for each in (sums, counts)]
            kernels.nearest(
                rows.ctypes.data,
                *rows.shape,
                self._slopes.ctypes.data,
                self._norms.ctypes.data,
                len(self._norms),
                nearest.ctypes.data,
                least.ctypes.data,
                *wanted,
            )
            return nearest, least
        reach = rows @ self._slopes + self._norms
        nearest[:] = reach.argmin(axis=1)
        least[:] = reach.min(axis=1)
        if sums is not None and counts is not None and len(rows):
            order = np.argsort(nearest, kind="stable")
            centres, starts = np.unique(nearest[order], return_index=True)
            sums[centres] = np.add.reduceat(rows[order], starts, axis=0, dtype=np.float64)
            counts[:] = np.bincount(nearest, minlength=len(counts))
        return nearest, least
