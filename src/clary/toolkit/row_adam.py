"""Adam on those rows of a table of weights that a minibatch touches."""

import numpy as np

from clary.toolkit.batch import Floats
from clary.toolkit.native import Kernels, kernels
from clary.toolkit.sparse import Longs

_EPSILON = 1e-8
_BETAS = (0.9, 0.999)


class RowAdam:
    """Kingma and Ba, "Adam: a method for stochastic optimization" (2015), lazy as MXNet's is.

    Rows that a minibatch does not touch neither move nor decay. Learning rates and weight decay are those of
    the columns, ``rates`` and ``decays``, (columns,); decay is a part of the gradient. The elements of a
    gradient are clipped to ``limit``. Rows that are never touched take no memory.
    """

    def __init__(
        self,
        weights: Floats,
        rates: Floats,
        decays: Floats,
        *,
        epsilon: float | None = None,
        limit: float | None = None,
    ) -> None:
        self._weights, self._rates, self._decays = weights, rates, decays
        self._means, self._squares = (np.zeros(weights.shape, np.float32) for _ in range(2))
        self._epsilon = _EPSILON if epsilon is None else epsilon
        self._limit = np.inf if limit is None else abs(limit)
        self._steps = 0

    def update(self, gradient: Floats, rows: Longs, scale: float) -> None:
        """Change the ``rows`` of the weights by ``gradient`` times ``scale``."""
        self._steps += 1
        first, second = _BETAS
        correction = 1 / (1 - first**self._steps)
        root = float(np.sqrt(1 - second**self._steps))
        settings = (first, second, correction, root, self._epsilon, scale, self._limit)
        if kernels:
            self._update_compiled(kernels, (np.ascontiguousarray(gradient), rows), settings)
            return
        weights, means, squares = (each[rows] for each in (self._weights, self._means, self._squares))
        step = np.clip(
            gradient * np.float32(scale) + self._decays * weights,
            np.float32(-self._limit),
            np.float32(self._limit),
        )
        means += np.float32(1 - first) * (step - means)
        squares += np.float32(1 - second) * (np.square(step) - squares)
        spread = np.sqrt(squares) / np.float32(root) + np.float32(self._epsilon)
        weights -= (
            self._rates * np.float32(correction) * means / np.maximum(spread, np.finfo(np.float32).tiny)
        )
        self._weights[rows], self._means[rows], self._squares[rows] = weights, means, squares

    def _update_compiled(
        self, compiled: Kernels, arrays: tuple[Floats, Longs], settings: tuple[float, ...]
    ) -> None:
        gradient, rows = arrays
        packed = np.array(settings, np.float32)
        compiled.adam_rows(
            *(each.ctypes.data for each in (self._weights, self._means, self._squares, gradient, rows)),
            *gradient.shape,
            *(each.ctypes.data for each in (self._rates, self._decays, packed)),
        )
