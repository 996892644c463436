"""Newton's method from where the optimizer left a model: minibatches end near an optimum, not at it.

Only for a smooth loss of one score, dense rows and no L1, and only where optimizer and learning rate are
auto: who sets them wants to see what they do. Each step costs a pass for one model, a fraction of an epoch of
the pack.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clary.algorithms.linear_learner.pack import Pack
from clary.algorithms.linear_learner.problem import Problem
from clary.toolkit.batch import Floats
from clary.toolkit.cluster import Cluster
from clary.toolkit.examples import DenseExamples
from clary.toolkit.table import Table

Doubles = npt.NDArray[np.float64]

_WIDEST = 2048  # features whose matrix of second derivatives is still worth its memory
_STEPS = 5
_CURVED_ROWS = 65_536  # rows that second derivatives are taken from, which need not be exact
_COMPARED_ROWS = 262_144
_BLOCK = 4096
_ENOUGH = 1e-6  # of the objective: what a step must be expected to gain


@dataclass(frozen=True, slots=True)
class _Local:
    """The objective at some weights: its slopes (width,) and second derivatives (width, width)."""

    value: float
    slopes: Doubles
    curvature: Doubles


class Refinement:
    """Brings models to the optimum of their own objective on ``train``, the mean loss with its penalty."""

    def __init__(self, problem: Problem, train: Table, validation: Table | None, cluster: Cluster) -> None:
        self._problem, self._train, self._validation, self._cluster = problem, train, validation, cluster

    def best_of(self, pack: Pack, good: list[int]) -> int:
        """Return the best of ``good`` models, which are as good as each other and the best of them first.

        It is the first that has an optimum to be brought to, if it is then not worse than the first of all:
        with validation data, by more than a standard error, since the best of many noisy states is there by
        luck as well; without, on the training data with the prior on the weights.
        """
        able = next((model for model in good if self._can(model)), None)
        if able is None:
            return good[0]
        moved = self._optimum(self._problem.only(able), pack.model(able))
        if not self._accepts(good[0], pack.model(good[0]), moved):
            return good[0]
        pack.model(able)[:] = moved
        return able

    def _can(self, model: int) -> bool:
        problem, train = self._problem, self._train
        return (
            problem.params.free
            and problem.params.outputs == 1
            and problem.loss.smooth
            and problem.variants[model].l1 == 0
            and isinstance(train.segments[0], DenseExamples)
            and train.width <= _WIDEST
        )

    def _optimum(self, problem: Problem, weights: Floats) -> Floats:
        """Return the weights of one model, (width, 1), after as many steps as have made it better."""
        best, least = weights, np.inf
        weights = weights.copy()
        for _ in range(_STEPS):
            local = self._expand(problem, weights)
            if not local.value < least:
                return best
            best, least = weights, local.value
            step = np.linalg.lstsq(local.curvature, local.slopes, rcond=None)[0]
            if not local.slopes @ step > _ENOUGH * least:
                return best
            weights = (weights[:, 0] - step).astype(np.float32)[:, None]
        return best

    def _accepts(self, model: int, weights: Floats, moved: Floats) -> bool:
        """Tell whether ``moved`` may take the place of the ``weights`` of ``model``."""
        problem, watched = self._problem.only(model), self._validation or self._train
        sums, left = np.zeros(3), _COMPARED_ROWS // self._cluster.size
        for examples in watched.batches(_BLOCK):
            labels = examples.labels[:, None]
            values = problem.loss.values(examples.scores(np.hstack([weights, moved])), labels)
            values = problem.weights.apply(values, labels).astype(np.float64)
            worse = values[:, 1] - values[:, 0]
            sums += len(worse), worse.sum(), np.square(worse).sum()
            left -= len(worse)
            if left <= 0:
                break
        count, total, squares = self._cluster.merge(sums)
        mean = total / count
        if self._validation is None:
            prior = np.square(moved[:-1]).sum() - np.square(weights[:-1]).sum()
            return bool(mean + 0.5 * prior / self._cluster.total(len(self._train)) <= 0)
        return bool(mean <= np.sqrt(max(squares / count - mean**2, 0) / count))

    def _expand(self, problem: Problem, weights: Floats) -> _Local:
        """Return the objective at ``weights``, with second derivatives of some rows."""
        width = len(weights)
        sums, curvature = np.zeros(width + 3), np.zeros((width, width))
        scores = np.empty((_BLOCK + _BLOCK // 8 + 64, 1), np.float32)
        left = _CURVED_ROWS // self._cluster.size
        with np.errstate(over="ignore", invalid="ignore"):
            for examples in self._train.batches(_BLOCK):
                if not isinstance(examples, DenseExamples):
                    raise TypeError(type(examples))
                labels = examples.labels[:, None]
                found = examples.scores(weights, scores[: len(examples)])
                if left > 0:
                    bends = problem.weights.apply(problem.loss.curvature(found, labels), labels)
                    curvature += examples.rows.T @ (examples.rows * bends)
                    left -= len(examples)
                    sums[-1] += len(examples)
                sums[-2] += problem.weights.apply(problem.loss.values(found, labels), labels).sum()
                sums[-3] += len(examples)
                slopes = problem.weights.apply(problem.loss.gradient(found, labels), labels)
                sums[:-3] += (examples.rows.T @ slopes)[:, 0]
        return self._local(problem, weights[:, 0].astype(np.float64), sums, curvature)

    def _local(self, problem: Problem, weights: Doubles, sums: Doubles, curvature: Doubles) -> _Local:
        """Return the mean of what the hosts have summed, with the penalty."""
        sums, curvature = self._cluster.merge(sums), self._cluster.merge(curvature)
        rows, value, curved = sums[-3:]
        penalty = np.full(len(weights), problem.variants[0].wd)
        penalty[-1] *= problem.params.bias_wd_mult or 0.0
        slopes, curvature = sums[:-3] / rows + penalty * weights, curvature / curved + np.diag(penalty)
        if not problem.params.use_bias:
            slopes[-1], curvature[-1, :], curvature[:, -1] = 0, 0, 0
        return _Local(float(value / rows + 0.5 * penalty @ weights**2), slopes, curvature)
