"""Trains a pack of linear models by minibatches: one matrix product serves all of them."""

import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clary.algorithms.linear_learner.losses import Loss
from clary.algorithms.linear_learner.pack import Pack, Rates, make_optimizer
from clary.algorithms.linear_learner.params import LinearLearnerParams
from clary.algorithms.linear_learner.row_weights import RowWeights
from clary.algorithms.linear_learner.schedule import Schedule
from clary.algorithms.linear_learner.variants import Variant
from clary.toolkit.batch import Floats
from clary.toolkit.report import Report
from clary.toolkit.spool import Table

_SEED = 3
_WATCHED_ROWS = 262_144  # rows whose loss is computed after each epoch
_SAMPLED_BATCHES = 32  # minibatches of an epoch whose loss makes up its training loss
_STEPS_AN_EPOCH = 16  # what minibatches are made smaller for, down to
_SMALLEST_BATCH = 16  # rows


@dataclass(frozen=True, slots=True)
class Problem:
    """What is trained: the models, their loss, and how rows count.

    ``unit`` is what a loss on normalised labels is multiplied by to be one on the labels themselves.
    """

    params: LinearLearnerParams
    variants: list[Variant]
    loss: Loss
    weights: RowWeights
    unit: float = 1.0


def batch_size(params: LinearLearnerParams, rows: int) -> int:
    """Return the rows of a minibatch: ``mini_batch_size``, less where that leaves few steps in an epoch.

    The default of 1000 is meant for large files; on some hundred rows it would end training after
    ``epochs`` steps, before anything is learnt.
    """
    return min(params.mini_batch_size, max(_SMALLEST_BATCH, -(-rows // _STEPS_AN_EPOCH)))


def fit(problem: Problem, train: Table, validation: Table | None, report: Report) -> Pack:
    """Train until the epochs are done, nothing improves any more, or the job is asked to stop.

    A model's best state is the one of least loss on the watched rows: those of the validation channel, or
    the first of the training data where there is none.
    """
    params = problem.params
    batch = batch_size(params, len(train))
    pack = Pack.initial(params, len(problem.variants), train.features.shape[1])
    passes = _Passes(problem, pack, train, batch)
    watched = train if validation is None else validation
    patience = _Patience(params)
    for epoch in range(params.epochs):
        began = time.time_ns() / 1e9
        running = passes.run(report)
        losses = _judge(problem, pack, watched, passes.scores)
        span = (began, time.time_ns() / 1e9)
        _tell(problem, epoch, span, (losses if validation is None else running, losses), report)
        if validation is not None:
            report.quality(
                "validation", f"{problem.loss.objective} <loss>", _least(losses, problem), epoch=epoch
            )
        report.throughput(len(train) / max(span[1] - span[0], 1e-9))
        if report.stopping or patience.is_over(float(pack.best_loss.min())):
            break
    return pack


def _judge(problem: Problem, pack: Pack, watched: Table, scores: Floats) -> Floats:
    """Keep what is better than all before, of the weights now and of their tail; return the lesser losses."""
    losses = []
    for weights in (pack.weights, pack.tail):
        losses.append(mean_loss(problem, (pack, weights), watched, scores))
        pack.keep_better(losses[-1], weights)
    return np.minimum(*losses)


def mean_loss(problem: Problem, models: tuple[Pack, Floats], table: Table, scores: Floats) -> Floats:
    """Return the mean loss of each model on the first rows of ``table``; infinite where it diverged.

    ``models`` is the pack and which of its weights to take, ``scores`` room for the scores of a block.
    """
    pack, weights = models
    rows, block = min(len(table), _WATCHED_ROWS), len(scores)
    total = np.zeros(len(problem.variants))
    with np.errstate(over="ignore", invalid="ignore"):
        for at in range(0, rows, block):
            end = min(at + block, rows)
            labels = table.labels[at:end, None]
            values = problem.loss.values(pack.scores(table.features[at:end], weights, scores), labels)
            total += problem.weights.apply(values, labels).sum(axis=0)
    return _mean(total, rows)


def _mean(total: npt.NDArray[np.float64], count: int) -> Floats:
    """Return a mean loss, infinite where a model diverged."""
    largest = float(np.finfo(np.float32).max)
    mean = total / count
    return np.where(mean <= largest, mean, np.inf).astype(np.float32)


class _Passes:
    """Passes over the training data; buffers are made once, because the loop must not allocate."""

    def __init__(self, problem: Problem, pack: Pack, train: Table, batch: int) -> None:
        self._problem, self._pack, self._train, self._batch = problem, pack, train, batch
        self._starts = np.arange(0, len(train), batch)
        self._schedule = Schedule.planned(problem.params, len(self._starts) * problem.params.epochs)
        self._rates = Rates(problem.params, problem.variants, pack.weights.shape)
        self._optimizer = make_optimizer(problem.params, problem.variants, pack.weights)
        self._random = np.random.default_rng(_SEED)
        self._gradient = np.empty_like(pack.weights)
        self._steps = 0
        self.scores = np.empty((batch, pack.weights.shape[1]), np.float32)

    def run(self, report: Report) -> Floats:
        """Take all minibatches in a new random order; returns the mean loss of each model on some of them."""
        total = np.zeros(len(self._problem.variants))
        every = -(-len(self._starts) // _SAMPLED_BATCHES)
        sampled, gathered = 0, 0
        self._pack.tail[:] = 0
        with np.errstate(over="ignore", invalid="ignore"):
            for number, start in enumerate(self._random.permutation(self._starts)):
                if report.stopping:
                    break
                losses = self._step(int(start), sample=number % every == 0)
                if losses is not None:
                    total += losses
                    sampled += 1
                if 2 * number >= len(self._starts) - 1:
                    self._pack.tail += self._pack.weights
                    gathered += 1
        if gathered:
            self._pack.tail *= np.float32(1 / gathered)
        else:  # stopped in the earlier half
            self._pack.tail[:] = self._pack.weights
        return _mean(total, max(sampled, 1))

    def _step(self, start: int, *, sample: bool) -> Floats | None:
        problem, pack = self._problem, self._pack
        rows = self._train.features[start : start + self._batch]
        labels = self._train.labels[start : start + self._batch, None]
        scores = pack.scores(rows, pack.weights, self.scores)
        losses = None
        if sample:
            losses = problem.weights.apply(problem.loss.values(scores, labels), labels).mean(axis=0)
        slopes = problem.weights.apply(problem.loss.gradient(scores, labels), labels)
        np.matmul(rows.T, slopes.reshape(len(rows), -1), out=self._gradient)
        self._gradient *= np.float32(1 / len(rows))
        self._optimizer.update(pack.weights, self._gradient, self._rates.at(self._steps, self._schedule))
        self._steps += 1
        return losses


class _Patience:
    """Counts the epochs in which the best loss did not improve by the tolerance."""

    def __init__(self, params: LinearLearnerParams) -> None:
        self._params = params
        self._best = np.inf
        self._stale = 0

    def is_over(self, loss: float) -> bool:
        """Note the best loss of all models after an epoch."""
        improved = not np.isfinite(self._best) or (self._best - loss) > (
            self._params.early_stopping_tolerance * abs(self._best)
        )
        self._best = min(self._best, loss)
        self._stale = 0 if improved else self._stale + 1
        return self._stale >= self._params.early_stopping_patience


def _least(losses: Floats, problem: Problem) -> float:
    return float(losses.min()) * problem.unit


def _tell(
    problem: Problem,
    epoch: int,
    span: tuple[float, float],
    losses: tuple[Floats, Floats],
    report: Report,
) -> None:
    """Log an epoch: ``losses`` are those of each model in training, and on the watched rows."""
    training, watched = losses
    objective = problem.loss.objective
    rows = [{f"train_{objective}": float(loss) * problem.unit} for loss in training]
    report.packed_metrics(span, {"Algorithm": "Linear Learner", "epoch": epoch}, rows)
    report.quality("train", f"{objective} <loss>", _least(training, problem), epoch=epoch)
    report.early_stopping(epoch, objective, _least(watched, problem))
    report.progress(100 * (epoch + 1) // problem.params.epochs)
