"""Newton's method from where the optimizer left the chosen model: minibatches end near an optimum.

Only for a smooth loss of one score, dense rows and no L1, and only where optimizer and learning rate are
auto: who sets them wants to see what they do. Each step costs two passes for one model, a fraction of an
epoch of the pack.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clary.algorithms.linear_learner.pack import Pack
from clary.algorithms.linear_learner.problem import Problem
from clary.algorithms.linear_learner.trainer import mean_losses
from clary.toolkit.batch import Floats
from clary.toolkit.cluster import Cluster
from clary.toolkit.examples import DenseExamples
from clary.toolkit.report import Report
from clary.toolkit.table import Table

Doubles = npt.NDArray[np.float64]

_WIDEST = 2048  # features whose matrix of second derivatives is still worth its memory
_STEPS = 4
_CURVED_ROWS = 65_536  # rows that second derivatives are taken from, which need not be exact
_BLOCK = 4096
_ENOUGH = 1e-6  # of the loss: what a step must be expected to gain


@dataclass(frozen=True, slots=True)
class _Local:
    """The objective at some weights: its slopes (width,) and second derivatives (width, width)."""

    slopes: Doubles
    curvature: Doubles


def refine(
    problem: Problem, pack: Pack, model: int, tables: tuple[Table, Table | None], host: tuple[Cluster, Report]
) -> None:
    """Move the best weights of ``model`` to the optimum of its objective.

    A step is kept only if it improves what models are chosen by: the loss on the validation data, or that on
    the training data with the prior on the weights. ``tables`` are training and validation data.
    """
    train, validation = tables
    cluster, report = host
    if not _applies(problem, model, train):
        return
    watched = train if validation is None else validation
    prior = 0.5 / cluster.total(len(train)) if validation is None else 0.0
    alone = problem.only(model)

    def measured(weights: Floats) -> tuple[float, float]:
        (losses,) = mean_losses(alone, pack, (weights,), watched, cluster)
        return float(losses[0]) + prior * float(np.square(weights[:-1]).sum()), float(losses[0])

    best = pack.model(model).copy()
    least, _ = measured(best)
    for _ in range(_STEPS):
        if report.stopping and cluster.size == 1:
            break
        local = _expand(alone, best[:, 0], train, cluster)
        step = np.linalg.lstsq(local.curvature, local.slopes, rcond=None)[0]
        if not local.slopes @ step > _ENOUGH * max(least, 1e-12):
            break
        moved = (best[:, 0] - step).astype(np.float32)[:, None]
        rank, loss = measured(moved)
        if not rank < least:
            break
        best, least = moved, rank
        pack.model(model)[:] = best
        pack.best_loss[model] = loss


def _applies(problem: Problem, model: int, train: Table) -> bool:
    return (
        problem.params.free
        and problem.params.outputs == 1
        and problem.loss.smooth
        and problem.variants[model].l1 == 0
        and isinstance(train.segments[0], DenseExamples)
        and train.width <= _WIDEST
    )


def _expand(problem: Problem, weights: Floats, train: Table, cluster: Cluster) -> _Local:
    """Return slopes, and second derivatives of some rows, of the mean loss with its penalty."""
    width = train.width
    sums, rows, curved_rows = np.zeros(width), 0.0, 0.0
    curvature = np.zeros((width, width))
    enough = _CURVED_ROWS // cluster.size
    column = weights[:, None]
    scores = np.empty((_BLOCK + _BLOCK // 8 + 64, 1), np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        for examples in train.batches(_BLOCK):
            if not isinstance(examples, DenseExamples):
                raise TypeError(type(examples))
            labels = examples.labels[:, None]
            found = examples.scores(column, scores[: len(examples)])
            if curved_rows < enough:
                bends = problem.weights.apply(problem.loss.curvature(found, labels), labels)
                curvature += examples.rows.T @ (examples.rows * bends)
                curved_rows += len(examples)
            slopes = problem.weights.apply(problem.loss.gradient(found, labels), labels)
            sums += (examples.rows.T @ slopes)[:, 0]
            rows += len(examples)
    rows, curved_rows = cluster.total(rows), cluster.total(curved_rows)
    penalty = np.full(width, problem.variants[0].wd)
    penalty[-1] *= problem.params.bias_wd_mult or 0.0
    curvature = cluster.merge(curvature) / curved_rows + np.diag(penalty)
    total = cluster.merge(sums) / rows + penalty * weights
    if not problem.params.use_bias:
        total[-1], curvature[-1, :], curvature[:, -1] = 0, 0, 0
    return _Local(total, curvature)
