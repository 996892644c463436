"""What a factorization machine makes of rows: Rendle, "Factorization machines" (ICDM 2010).

All pairs of features add one half of the difference between the square of the sum and the sum of the squares
of their factors times their values, so that the cost is that of the values which are not zero. Weights are
(features, 1 + factors): of each feature its linear weight and its factors.
"""

import numpy as np

from clary.toolkit.batch import Floats
from clary.toolkit.examples import DenseExamples, Examples, SparseExamples
from clary.toolkit.native import Kernels, kernels
from clary.toolkit.sparse import Sparse

Rows = Floats | Sparse


def features_of(examples: Examples) -> Rows:
    """Return the features of ``examples`` without their column of ones."""
    if isinstance(examples, DenseExamples):
        return examples.features
    if not isinstance(examples, SparseExamples):
        raise TypeError(type(examples).__name__)
    rows = examples.rows
    kept = rows.indices < rows.width - 1
    starts = rows.starts - np.arange(len(rows.starts))
    return Sparse(starts, rows.indices[kept], rows.values[kept], rows.width - 1)


def scores(rows: Rows, weights: Floats) -> tuple[Floats, Floats]:
    """Return the scores of ``rows``, (rows,), without a bias, and their factors' sums, (rows, factors)."""
    if isinstance(rows, Sparse) and kernels:
        return _compiled_scores(kernels, rows, weights)
    squares = np.square(weights[:, 1:]).sum(axis=1)[:, None]
    if isinstance(rows, Sparse):
        products = rows.dot(weights)
        own = Sparse(rows.starts, rows.indices, np.square(rows.values), rows.width).dot(squares)[:, 0]
    else:
        products = rows @ weights
        own = (np.square(rows) @ squares)[:, 0]
    sums = products[:, 1:]
    return products[:, 0] + (np.square(sums).sum(axis=1) - own) / 2, sums


def gradient(rows: Rows, weights: Floats, sums: Floats, slopes: Floats) -> Floats:
    """Return the gradient of the scores, each times its slope, (rows,); it has the shape of ``weights``."""
    if isinstance(rows, Sparse) and kernels:
        return _compiled_gradient(kernels, rows, (weights, sums, slopes))
    pulls = np.column_stack([slopes, sums * slopes[:, None]])
    if isinstance(rows, Sparse):
        found = rows.gradient(pulls, np.empty_like(weights))
        squares = Sparse(rows.starts, rows.indices, np.square(rows.values), rows.width)
        own = squares.gradient(slopes[:, None], np.empty((len(weights), 1), np.float32))
    else:
        found = rows.T @ pulls
        own = np.square(rows).T @ slopes[:, None]
    found[:, 1:] -= own * weights[:, 1:]
    return found


def _compiled_scores(compiled: Kernels, rows: Sparse, weights: Floats) -> tuple[Floats, Floats]:
    factors = weights.shape[1] - 1
    found, sums = np.empty(len(rows), np.float32), np.empty((len(rows), factors), np.float32)
    compiled.factor_scores(
        *_pointers(rows), len(rows), weights.ctypes.data, factors, sums.ctypes.data, found.ctypes.data
    )
    return found, sums


def _compiled_gradient(compiled: Kernels, rows: Sparse, arrays: tuple[Floats, Floats, Floats]) -> Floats:
    weights, sums, slopes = arrays
    found = np.zeros_like(weights)
    compiled.factor_gradient(
        *_pointers(rows),
        len(rows),
        weights.ctypes.data,
        weights.shape[1] - 1,
        sums.ctypes.data,
        slopes.ctypes.data,
        found.ctypes.data,
    )
    return found


def _pointers(rows: Sparse) -> tuple[int, int, int]:
    return rows.starts.ctypes.data, rows.indices.ctypes.data, rows.values.ctypes.data
