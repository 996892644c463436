"""The k of many points that are nearest to each row, found by comparing every row with every point."""

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from clary.toolkit.batch import Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.native import Kernels, kernels

Longs = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]

_LANES = 16  # points that the kernel compares at a time
_BLOCK = 32 * 1024  # points that NumPy compares at a time
_SHARE = 64  # rows that are worth a thread


class Neighbours:
    """Finds the nearest of ``points``, (points, features), by the squared Euclidean distance.

    With ``inner`` it goes by the inner product, the largest first, of which the distance is the negative.
    """

    def __init__(self, points: Floats, *, inner: bool = False) -> None:
        self._count = len(points)
        self._inner = inner
        self._points = _panels(points) if kernels else np.ascontiguousarray(points, np.float32)

    def __len__(self) -> int:
        return self._count

    def of(self, rows: Floats, k: int) -> tuple[Floats, Longs]:
        """Return distances and numbers of the ``k`` points nearest to each row, (rows, k), the nearest first.

        Of points equally near the first comes first. Raises ClientError for rows whose distances are beyond
        single precision. ``k`` is at most the number of points.
        """
        rows = np.ascontiguousarray(rows, np.float32)
        distances, points = np.empty((len(rows), k), np.float32), np.empty((len(rows), k), np.int64)
        threads = max(1, min(_cores(), len(rows) // _SHARE))
        bounds = np.linspace(0, len(rows), threads + 1).astype(int)
        parts = [slice(start, stop) for start, stop in pairwise(bounds)]
        if threads == 1:
            self._search(rows, distances, points)
        else:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(lambda part: self._search(rows[part], distances[part], points[part]), parts))
        if not np.isfinite(distances).all():
            raise ClientError("Distances between rows are beyond single precision: scale the features down.")
        return distances, points

    def _search(self, rows: Floats, distances: Floats, points: Longs) -> None:
        if kernels:
            self._search_by_kernel(kernels, rows, distances, points)
            return
        with np.errstate(over="ignore", invalid="ignore"):
            for start in range(0, len(rows), _SHARE):
                part = slice(start, start + _SHARE)
                distances[part], points[part] = self._search_by_numpy(
                    rows[part].astype(np.float64), points.shape[1]
                )

    def _search_by_kernel(self, compiled: Kernels, rows: Floats, distances: Floats, points: Longs) -> None:
        compiled.neighbours(
            rows.ctypes.data,
            *rows.shape,
            self._points.ctypes.data,
            len(self._points) * _LANES,
            points.shape[1],
            int(self._inner),
            distances.ctypes.data,
            points.ctypes.data,
        )

    def _search_by_numpy(self, rows: Doubles, k: int) -> tuple[Doubles, Longs]:
        """Keep the nearest of each block of points and of those before it."""
        best, numbers = np.full((len(rows), k), np.inf), np.full((len(rows), k), -1)
        for start in range(0, self._count, _BLOCK):
            block = self._points[start : start + _BLOCK].astype(np.float64)
            reach = -rows @ block.T
            if not self._inner:
                squares = [np.einsum("ij,ij->i", each, each) for each in (rows, block)]
                reach = np.maximum(2 * reach + squares[0][:, None] + squares[1], 0)
            every = np.concatenate([best, reach], axis=1)
            order = np.sort(np.argpartition(every, k - 1, axis=1)[:, :k], axis=1)
            best = np.take_along_axis(every, order, axis=1)
            kept = np.take_along_axis(numbers, np.minimum(order, k - 1), axis=1)
            numbers = np.where(order < k, kept, order - k + start)
        order = np.argsort(best, axis=1, kind="stable")
        return np.take_along_axis(best, order, axis=1), np.take_along_axis(numbers, order, axis=1)


def _panels(points: Floats) -> Floats:
    """Return points sixteen at a time, (panels, features, 16); what is beyond the last is not a number."""
    count, width = points.shape
    panels = np.empty((-(-count // _LANES), width, _LANES), np.float32)
    whole = count // _LANES
    panels[:whole] = points[: whole * _LANES].reshape(whole, _LANES, width).transpose(0, 2, 1)
    panels[whole:] = np.nan
    if count % _LANES:
        panels[whole, :, : count % _LANES] = points[whole * _LANES :].T
    return panels


def _cores() -> int:
    """Return the cores that this job may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
