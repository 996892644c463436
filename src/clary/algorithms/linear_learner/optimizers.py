"""Optimizers of a pack of models: one step updates all weights of all models in place.

Weights have the shape (features + 1, models * outputs), the bias in the last row. Learning rates and
regularisation differ by column. L1 is applied as the proximal step of the optimizer's own metric, so weights
become exactly zero.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from clary.toolkit.batch import Floats
from clary.toolkit.native import Kernels, kernels
from clary.toolkit.sparse import Longs

_EPSILON = np.float32(1e-8)


@dataclass(frozen=True, slots=True)
class Penalty:
    """Regularisation of each weight: ``l1 * |w| + wd / 2 * w ** 2``; None where no model has any."""

    l1: Floats | None
    wd: Floats | None

    def at(self, rows: Longs) -> "Penalty":
        """Return the penalty of some rows of the weights."""
        l1, wd = (None if each is None else np.take(each, rows, axis=0) for each in (self.l1, self.wd))
        return Penalty(l1, wd)


class Optimizer(ABC):
    """Keeps the moments of a pack; ``penalty`` and moments have the shape of the weights.

    ``steps`` and ``moments`` are all there is to remember between steps.
    """

    kept = 1
    """How many moments there are."""

    def __init__(self, weights: Floats, penalty: Penalty) -> None:
        self.steps = 0
        self.moments = [np.zeros_like(weights) for _ in range(self.kept)]
        self._penalty = penalty
        self._rooms = (np.empty_like(weights[:0]), np.empty_like(weights[:0]))

    def update(self, weights: Floats, gradient: Floats, rates: Floats) -> None:
        """Change ``weights`` in place; ``gradient`` is overwritten and ``rates`` has the weights' shape."""
        self.steps += 1
        self._update(weights, gradient, rates, self.moments, self._penalty)

    def update_rows(self, weights: Floats, gradient: Floats, rates: Floats, rows: Longs) -> None:
        """Change only some rows of ``weights``, those with the numbers ``rows``, to which all but it belongs.

        Rows without a gradient neither move nor decay: the lazy update that sparse data call for.
        """
        self.steps += 1
        part, *moments = (np.take(each, rows, axis=0) for each in (weights, *self.moments))
        self._update(part, gradient, rates, moments, self._penalty.at(rows))
        weights[rows] = part
        for moment, changed in zip(self.moments, moments, strict=True):
            moment[rows] = changed

    def _update(
        self, weights: Floats, gradient: Floats, rates: Floats, moments: list[Floats], penalty: Penalty
    ) -> None:
        if self._rooms[0].shape != weights.shape:
            self._rooms = (np.empty_like(weights), np.empty_like(weights))
        if penalty.wd is not None:
            gradient += np.multiply(penalty.wd, weights, out=self._rooms[0])
        scale = self._descend(weights, gradient, rates, moments)
        if penalty.l1 is not None:
            shrink, size = np.multiply(penalty.l1, scale, out=scale), np.abs(weights, out=self._rooms[0])
            size -= shrink
            np.copysign(np.maximum(size, 0, out=size), weights, out=weights)

    @abstractmethod
    def _descend(self, weights: Floats, gradient: Floats, rates: Floats, moments: list[Floats]) -> Floats:
        """Take the step and return, for each weight, the step that a gradient of 1 would have made."""


class Adam(Optimizer):
    """Kingma and Ba, "Adam: a method for stochastic optimization" (2015)."""

    kept = 2

    def __init__(self, weights: Floats, penalty: Penalty, betas: tuple[float, float]) -> None:
        super().__init__(weights, penalty)
        self._betas = betas

    def _descend(self, weights: Floats, gradient: Floats, rates: Floats, moments: list[Floats]) -> Floats:
        first, second = self._betas
        if kernels and all(each.flags.c_contiguous for each in (weights, gradient, rates)):
            return self._descend_compiled(kernels, (weights, gradient, *moments, rates, self._rooms[1]))
        (mean, square), (step, scale) = moments, self._rooms
        mean *= np.float32(first)
        mean += np.multiply(gradient, np.float32(1 - first), out=step)
        square *= np.float32(second)
        np.square(gradient, out=step)
        step *= np.float32(1 - second)
        square += step
        # The bias corrections of both moments, moved out of the arrays.
        root = (1 - second**self.steps) ** 0.5
        np.sqrt(square, out=scale)
        scale += np.float32(_EPSILON * root)
        np.divide(rates, scale, out=scale)
        scale *= np.float32(root)
        np.multiply(scale, mean, out=step)
        step *= np.float32(1 / (1 - first**self.steps))
        weights -= step
        return scale

    def _descend_compiled(self, compiled: Kernels, arrays: tuple[Floats, ...]) -> Floats:
        """Do the same in one pass."""
        first, second = self._betas
        corrections = 1 / (1 - first**self.steps), (1 - second**self.steps) ** 0.5
        settings = np.array([first, second, *corrections, _EPSILON], np.float32)
        pointers = [array.ctypes.data for array in arrays]
        compiled.adam(*pointers, arrays[0].size, settings.ctypes.data)
        return arrays[-1]


class RMSProp(Optimizer):
    """Tieleman and Hinton, "Lecture 6.5: RMSProp" (2012)."""

    def __init__(self, weights: Floats, penalty: Penalty, decay: float) -> None:
        super().__init__(weights, penalty)
        self._decay = np.float32(decay)

    def _descend(self, weights: Floats, gradient: Floats, rates: Floats, moments: list[Floats]) -> Floats:
        (square,), (step, scale) = moments, self._rooms
        square *= self._decay
        np.square(gradient, out=step)
        step *= 1 - self._decay
        square += step
        np.sqrt(square, out=scale)
        scale += _EPSILON
        np.divide(rates, scale, out=scale)
        weights -= np.multiply(scale, gradient, out=step)
        return scale


class SGD(Optimizer):
    """Stochastic gradient descent with momentum."""

    def __init__(self, weights: Floats, penalty: Penalty, momentum: float) -> None:
        super().__init__(weights, penalty)
        self._momentum = np.float32(momentum)
        self._reach = np.float32(1 / (1 - momentum))  # how far one gradient goes in the end

    def _descend(self, weights: Floats, gradient: Floats, rates: Floats, moments: list[Floats]) -> Floats:
        (velocity,), (step, scale) = moments, self._rooms
        velocity *= self._momentum
        velocity += np.multiply(rates, gradient, out=step)
        weights -= velocity
        return np.multiply(rates, self._reach, out=scale)
