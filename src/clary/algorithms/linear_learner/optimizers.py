"""Optimizers of a pack of models: one step updates all weights of all models in place.

Weights have the shape (features + 1, models * outputs), the bias in the last row. Learning rates and
regularisation differ by column. L1 is applied as the proximal step of the optimizer's own metric, so weights
become exactly zero.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from clary.toolkit.batch import Floats

_EPSILON = np.float32(1e-8)


@dataclass(frozen=True, slots=True)
class Penalty:
    """Regularisation of each weight: ``l1 * |w| + wd / 2 * w ** 2``; None where no model has any."""

    l1: Floats | None
    wd: Floats | None


class Optimizer(ABC):
    """Keeps the moments of a pack; ``penalty`` and moments have the shape of the weights."""

    def __init__(self, weights: Floats, penalty: Penalty) -> None:
        self._penalty = penalty
        self._step = np.empty_like(weights)
        self._scale = np.empty_like(weights)

    def update(self, weights: Floats, gradient: Floats, rates: Floats) -> None:
        """Change ``weights`` in place; ``gradient`` is overwritten and ``rates`` has the weights' shape."""
        if self._penalty.wd is not None:
            gradient += self._penalty.wd * weights
        scale = self._descend(weights, gradient, rates)
        if self._penalty.l1 is not None:
            shrink = self._penalty.l1 * scale
            np.copysign(np.maximum(np.abs(weights) - shrink, 0), weights, out=weights)

    @abstractmethod
    def _descend(self, weights: Floats, gradient: Floats, rates: Floats) -> Floats:
        """Take the step and return, for each weight, the step that a gradient of 1 would have made."""


class Adam(Optimizer):
    """Kingma and Ba, "Adam: a method for stochastic optimization" (2015)."""

    def __init__(self, weights: Floats, penalty: Penalty, betas: tuple[float, float]) -> None:
        super().__init__(weights, penalty)
        self._betas = betas
        self._mean = np.zeros_like(weights)
        self._square = np.zeros_like(weights)
        self._steps = 0

    def _descend(self, weights: Floats, gradient: Floats, rates: Floats) -> Floats:
        first, second = self._betas
        self._steps += 1
        step, scale = self._step, self._scale
        self._mean *= np.float32(first)
        self._mean += np.multiply(gradient, np.float32(1 - first), out=step)
        self._square *= np.float32(second)
        np.square(gradient, out=step)
        step *= np.float32(1 - second)
        self._square += step
        # The bias corrections of both moments, moved out of the arrays.
        root = (1 - second**self._steps) ** 0.5
        np.sqrt(self._square, out=scale)
        scale += np.float32(_EPSILON * root)
        np.divide(rates, scale, out=scale)
        scale *= np.float32(root)
        np.multiply(scale, self._mean, out=step)
        step *= np.float32(1 / (1 - first**self._steps))
        weights -= step
        return scale


class RMSProp(Optimizer):
    """Tieleman and Hinton, "Lecture 6.5: RMSProp" (2012)."""

    def __init__(self, weights: Floats, penalty: Penalty, decay: float) -> None:
        super().__init__(weights, penalty)
        self._decay = np.float32(decay)
        self._square = np.zeros_like(weights)

    def _descend(self, weights: Floats, gradient: Floats, rates: Floats) -> Floats:
        step, scale = self._step, self._scale
        self._square *= self._decay
        np.square(gradient, out=step)
        step *= 1 - self._decay
        self._square += step
        np.sqrt(self._square, out=scale)
        scale += _EPSILON
        np.divide(rates, scale, out=scale)
        weights -= np.multiply(scale, gradient, out=step)
        return scale


class SGD(Optimizer):
    """Stochastic gradient descent with momentum."""

    def __init__(self, weights: Floats, penalty: Penalty, momentum: float) -> None:
        super().__init__(weights, penalty)
        self._momentum = np.float32(momentum)
        self._velocity = np.zeros_like(weights)
        self._reach = np.float32(1 / (1 - momentum))  # how far one gradient goes in the end

    def _descend(self, weights: Floats, gradient: Floats, rates: Floats) -> Floats:
        self._velocity *= self._momentum
        self._velocity += np.multiply(rates, gradient, out=self._step)
        weights -= self._velocity
        return np.multiply(rates, self._reach, out=self._scale)
