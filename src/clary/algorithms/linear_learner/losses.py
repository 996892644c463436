"""Loss functions of many models at once: mean loss for each model, and the gradient with respect to scores.

Scores have the shape (rows, models), those of softmax (rows, models, classes). Every loss is written with its
derivative; a test compares the two by finite differences.
"""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from clary.algorithms.linear_learner.params import LinearLearnerParams
from clary.toolkit.batch import Floats
from clary.toolkit.native import kernels

if TYPE_CHECKING:
    from collections.abc import Callable


class Loss(ABC):
    """A loss of one row as a function of a score and a label.

    ``degree`` tells how the loss scales with the label: a label in other units, s times larger, makes it
    ``s ** degree`` times larger.
    """

    objective: str
    degree = 0
    smooth = False
    """Whether ``curvature`` says how the gradient changes."""

    def curvature(self, scores: Floats, labels: Floats) -> Floats:
        """Return the second derivative of ``values`` by the scores, (rows, models), of a smooth loss."""
        raise NotImplementedError(f"{self.objective} is not smooth")

    @abstractmethod
    def values(self, scores: Floats, labels: Floats) -> Floats:
        """Return the loss of each row and model, (rows, models); ``labels`` is (rows, 1)."""

    @abstractmethod
    def gradient(self, scores: Floats, labels: Floats) -> Floats:
        """Return the derivative of ``values`` by the scores, in the same shape; ``scores`` is overwritten."""


class Logistic(Loss):
    """Cross entropy of labels 0 and 1 under the logistic function of the score."""

    objective = "binary_classification_cross_entropy_objective"
    smooth = True

    def curvature(self, scores: Floats, labels: Floats) -> Floats:  # noqa: ARG002 - the same for both labels
        """Return probability * (1 - probability)."""
        chance = sigmoid(scores.copy())
        chance *= 1 - chance
        return chance

    def values(self, scores: Floats, labels: Floats) -> Floats:
        """Return log(1 + exp(score)) - label * score, without overflow."""
        if kernels and scores.flags.c_contiguous:
            losses = np.empty_like(scores)
            kernels.logistic_loss(scores.ctypes.data, *scores.shape, *_column(labels), losses.ctypes.data)
            return losses
        losses = np.abs(scores)
        np.negative(losses, out=losses)
        np.exp(losses, out=losses)
        np.log1p(losses, out=losses)
        losses += np.maximum(scores, 0)
        losses -= labels * scores
        return losses

    def gradient(self, scores: Floats, labels: Floats) -> Floats:
        """Return probability - label."""
        if kernels and scores.flags.c_contiguous:
            kernels.logistic(scores.ctypes.data, *scores.shape, *_column(labels))
            return scores
        sigmoid(scores)
        scores -= labels
        return scores


class Hinge(Loss):
    """Hinge loss of labels 0 and 1 with a margin."""

    objective = "hinge_loss_objective"

    def __init__(self, margin: float) -> None:
        self._margin = np.float32(margin)

    def values(self, scores: Floats, labels: Floats) -> Floats:
        """Return max(0, margin - sign * score) where sign is -1 or 1."""
        return np.asarray(np.maximum(self._margin - (2 * labels - 1) * scores, 0), np.float32)

    def gradient(self, scores: Floats, labels: Floats) -> Floats:
        """Return -sign within the margin, 0 outside."""
        signs = 2 * labels - 1
        return np.where(signs * scores < self._margin, -signs, np.float32(0))


class Squared(Loss):
    """Squared error, of which the first ``insensitivity`` is ignored."""

    degree = 2
    smooth = True

    def curvature(self, scores: Floats, labels: Floats) -> Floats:
        """Return 2 where the error exceeds what is ignored."""
        return (
            2 * np.asarray(np.abs(scores - labels) > self._eps, np.float32) if self._eps else scores * 0 + 2
        )

    def __init__(self, objective: str, insensitivity: float = 0) -> None:
        self.objective = objective
        self._eps = np.float32(insensitivity)

    def values(self, scores: Floats, labels: Floats) -> Floats:
        """Return the square of the excess error."""
        return np.square(self._excess(scores - labels))

    def gradient(self, scores: Floats, labels: Floats) -> Floats:
        """Return twice the excess error."""
        scores -= labels
        excess = self._excess(scores)
        excess *= 2
        return excess

    def _excess(self, errors: Floats) -> Floats:
        return errors - np.clip(errors, -self._eps, self._eps) if self._eps else errors


class Absolute(Loss):
    """Absolute error, of which the first ``insensitivity`` is ignored."""

    degree = 1

    def __init__(self, objective: str, insensitivity: float = 0) -> None:
        self.objective = objective
        self._eps = np.float32(insensitivity)

    def values(self, scores: Floats, labels: Floats) -> Floats:
        """Return the excess error's size."""
        return np.asarray(np.maximum(np.abs(scores - labels) - self._eps, 0), np.float32)

    def gradient(self, scores: Floats, labels: Floats) -> Floats:
        """Return the error's sign where it exceeds what is ignored."""
        scores -= labels
        return np.sign(scores) * np.asarray(np.abs(scores) > self._eps, np.float32)


class Quantile(Loss):
    """Pinball loss, least at the given quantile of the label."""

    objective = "quantile_loss_objective"
    degree = 1

    def __init__(self, quantile: float) -> None:
        self._quantile = np.float32(quantile)

    def values(self, scores: Floats, labels: Floats) -> Floats:
        """Return quantile * error below the label and (1 - quantile) * error above it."""
        errors = labels - scores
        return np.asarray(np.maximum(self._quantile * errors, (self._quantile - 1) * errors), np.float32)

    def gradient(self, scores: Floats, labels: Floats) -> Floats:
        """Return -quantile below the label and 1 - quantile above it."""
        return np.where(scores < labels, -self._quantile, 1 - self._quantile)


class Huber(Loss):
    """Half the squared error up to ``delta``, linear beyond."""

    objective = "huber_loss_objective"
    degree = 2
    smooth = True

    def curvature(self, scores: Floats, labels: Floats) -> Floats:
        """Return 1 up to ``delta``, 0 beyond."""
        return np.asarray(np.abs(scores - labels) <= self._delta, np.float32)

    def __init__(self, delta: float) -> None:
        self._delta = np.float32(delta)

    def values(self, scores: Floats, labels: Floats) -> Floats:
        """Return the loss without branches: the clipped error times the error less half of it."""
        errors = np.abs(scores - labels)
        clipped = np.minimum(errors, self._delta)
        return np.asarray(clipped * (errors - clipped / 2), np.float32)

    def gradient(self, scores: Floats, labels: Floats) -> Floats:
        """Return the error, at most ``delta`` in size."""
        scores -= labels
        return np.clip(scores, -self._delta, self._delta, out=scores)


class Softmax(Loss):
    """Cross entropy of a class under the softmax of its scores; scores are (rows, models, classes)."""

    objective = "multiclass_cross_entropy_objective"

    def values(self, scores: Floats, labels: Floats) -> Floats:
        """Return the log of the sum of exponentials minus the score of the label's class."""
        highest = scores.max(axis=2)
        sums = np.exp(scores - highest[:, :, None]).sum(axis=2)
        own = np.take_along_axis(scores, labels.astype(np.intp)[:, :, None], axis=2)[:, :, 0]
        return np.asarray(np.log(sums) + highest - own, np.float32)

    def gradient(self, scores: Floats, labels: Floats) -> Floats:
        """Return the probabilities, minus 1 at the label's class."""
        softmax(scores)
        scores[np.arange(len(scores)), :, labels[:, 0].astype(np.intp)] -= 1
        return scores


def _column(labels: Floats) -> tuple[int, int]:
    """Return where ``labels``, (rows, 1), lie and the bytes from each to the next, 0 if one is for all."""
    return labels.ctypes.data, labels.strides[0] if len(labels) > 1 else 0


def sigmoid(scores: Floats) -> Floats:
    """Replace scores by 1 / (1 + exp(-score))."""
    # Beyond 80 a float32 exponential overflows, and the result is 0 or 1 long before.
    np.clip(scores, -80, 80, out=scores)
    np.negative(scores, out=scores)
    np.exp(scores, out=scores)
    scores += 1
    return np.reciprocal(scores, out=scores)


def softmax(scores: Floats) -> Floats:
    """Replace scores by exponentials that sum to 1 along the last axis."""
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    return scores


def make_loss(params: LinearLearnerParams, label_scale: float) -> Loss:
    """Return the loss the hyperparameters ask for, on labels that were divided by ``label_scale``."""
    insensitivity = params.loss_insensitivity / label_scale
    makers: dict[str, Callable[[], Loss]] = {
        "logistic": Logistic,
        "hinge_loss": lambda: Hinge(params.margin),
        "softmax_loss": Softmax,
        "squared_loss": lambda: Squared("mse_objective"),
        "absolute_loss": lambda: Absolute("absolute_loss_objective"),
        "eps_insensitive_squared_loss": lambda: Squared(
            "eps_insensitive_squared_loss_objective", insensitivity
        ),
        "eps_insensitive_absolute_loss": lambda: Absolute(
            "eps_insensitive_absolute_loss_objective", insensitivity
        ),
        "quantile_loss": lambda: Quantile(params.quantile),
        "huber_loss": lambda: Huber(params.huber_delta / label_scale),
    }
    return makers[params.resolved_loss]()
