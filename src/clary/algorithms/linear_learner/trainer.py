"""Trains a pack of linear models by minibatches: one matrix product serves all of them."""

import time
from collections.abc import Iterator
from itertools import chain, islice, repeat

import numpy as np
import numpy.typing as npt

from clary.algorithms.linear_learner.pack import Pack, Rates, make_optimizer
from clary.algorithms.linear_learner.problem import Problem
from clary.algorithms.linear_learner.progress import Patience, Progress
from clary.algorithms.linear_learner.schedule import Schedule
from clary.toolkit.batch import Floats
from clary.toolkit.cluster import Cluster
from clary.toolkit.examples import Examples, SparseExamples
from clary.toolkit.host import Host
from clary.toolkit.report import Report
from clary.toolkit.sparse import Longs, Touch
from clary.toolkit.table import Table

_SEED = 3
_WATCHED_ROWS = 262_144  # rows whose loss is computed after each epoch
_SAMPLED_BATCHES = 32  # minibatches of an epoch whose loss makes up its training loss
_STEPS_AN_EPOCH = 16  # what minibatches are made smaller for, down to
_SMALLEST_BATCH = 16  # rows
_TAIL_WEIGHTS = 2**26  # weights added up in an epoch's tail; with very many, not every step is in it


def batch_size(asked: int, rows: int) -> int:
    """Return the rows of a minibatch: ``mini_batch_size``, less where that leaves few steps in an epoch.

    The default of 1000 is meant for large files; on some hundred rows it would end training after
    ``epochs`` steps, before anything is learnt.
    """
    return min(asked, max(_SMALLEST_BATCH, -(-rows // _STEPS_AN_EPOCH)))


def fit(problem: Problem, train: Table, validation: Table | None, report: Report, host: Host) -> Pack:
    """Train until the epochs are done, nothing improves any more, or the job is asked to stop.

    A model's best state is the one of least loss on the watched rows: those of the validation channel, or
    the first of the training data where there is none. A job with checkpoints goes on where the last one is.
    """
    pack = Pack.initial(problem.params, len(problem.variants), train.width)
    passes = Passes(problem, pack, train, host.cluster)
    watched = train if validation is None else validation
    patience = Patience(problem.params)
    progress = Progress(problem, pack, (passes.optimizer, patience), host, report)
    for epoch in range(progress.resumed(), problem.params.epochs):
        began = time.time_ns() / 1e9
        running, stopped = passes.run(epoch, report)
        if running is None:
            break
        losses = _judge(problem, pack, watched, host.cluster)
        span = (began, time.time_ns() / 1e9)
        over = patience.is_over(float(pack.best_loss.min()))
        last = stopped or over or epoch + 1 == problem.params.epochs
        shown = (losses if validation is None else running, losses)
        progress.tell(epoch, span, shown, passes.rows, last=last)
        if validation is not None and progress.due(epoch, last=last):
            value = float(losses.min()) * problem.unit
            report.quality("validation", f"{problem.loss.objective} <loss>", value, epoch=epoch)
        if last:
            break
        progress.save(epoch + 1)
    return pack


def _judge(problem: Problem, pack: Pack, watched: Table, cluster: Cluster) -> Floats:
    """Keep what is better than all before, of the weights now and of their tail; return the lesser losses."""
    losses = mean_losses(problem, pack, (pack.weights, pack.tail), watched, cluster)
    for loss, weights in zip(losses, (pack.weights, pack.tail), strict=True):
        pack.keep_better(loss, weights)
    return np.minimum(*losses)


def mean_losses(
    problem: Problem, pack: Pack, states: tuple[Floats, ...], table: Table, cluster: Cluster
) -> list[Floats]:
    """Return the mean loss of each model on some rows of ``table``, in each of its ``states``.

    It is infinite where a model diverged. All hosts together watch so many rows.
    """
    size = batch_size(problem.params.mini_batch_size, len(table))
    scores = np.empty((size + size // 8 + 64, states[0].shape[1]), np.float32)
    totals = np.zeros((len(states) + 1, len(problem.variants)))
    share = -(-_WATCHED_ROWS // cluster.size)
    with np.errstate(over="ignore", invalid="ignore"):
        for examples in table.batches(size):
            labels = examples.labels[:, None]
            for number, weights in enumerate(states):
                values = problem.loss.values(pack.scores(examples, weights, scores), labels)
                totals[number] += problem.weights.apply(values, labels).sum(axis=0)
            totals[-1] += len(examples)
            if totals[-1, 0] >= share:
                break
        merged = cluster.merge(totals)
    return [_mean(total, merged[-1, 0]) for total in merged[:-1]]


def _mean(total: npt.NDArray[np.float64], count: float) -> Floats:
    """Return a mean loss, infinite where a model diverged."""
    largest = float(np.finfo(np.float32).max)
    with np.errstate(invalid="ignore"):
        mean = total / count
    return np.where(mean <= largest, mean, np.inf).astype(np.float32)


class Passes:
    """Passes over the training data; buffers are made once, because the loop must not allocate.

    Every host takes its part of each minibatch, in proportion to its rows, and the gradients are merged: the
    steps are those of one host with all the data.
    """

    def __init__(self, problem: Problem, pack: Pack, train: Table, cluster: Cluster) -> None:
        self._problem, self._pack, self._train, self._cluster = problem, pack, train, cluster
        self.rows = int(cluster.total(len(train)))
        size = batch_size(problem.params.mini_batch_size, self.rows)
        self._size = max(1, round(size * len(train) / self.rows))
        self._each = cluster.largest(train.steps(self._size))
        schedule = Schedule.planned(problem.params, self._each * problem.params.epochs)
        self._rates = Rates(problem.params, problem.variants, train.width, schedule)
        self.optimizer = make_optimizer(problem.params, problem.variants, pack.weights)
        self._gradient = np.empty_like(pack.weights)
        self._scores = np.empty((self._size + self._size // 8 + 64, pack.weights.shape[1]), np.float32)
        self._touch = Touch(train.width) if isinstance(train.segments[0], SparseExamples) else None

    def run(self, epoch: int, report: Report) -> tuple[Floats | None, bool]:
        """Take all minibatches in an order of the epoch's own.

        Returns the mean loss of each model on some of them, None if there was none, and whether the job was
        asked to stop.
        """
        pack, total = self._pack, np.zeros((2, len(self._problem.variants)))
        every = -(-self._each // _SAMPLED_BATCHES)
        stride = 1 + self._each * pack.weights.size // _TAIL_WEIGHTS
        gathered, stopped = 0, False
        pack.tail[:] = 0
        with np.errstate(over="ignore", invalid="ignore"):
            for number, examples in enumerate(self._minibatches(epoch)):
                if self._step(examples, total if number % every == 0 else None, report):
                    stopped = True
                    break
                if 2 * number >= self._each - 1 and (self._each - 1 - number) % stride == 0:
                    pack.tail += pack.weights
                    gathered += 1
        if gathered:
            pack.tail *= np.float32(1 / gathered)
        else:  # stopped in the earlier half
            pack.tail[:] = pack.weights
        total = self._cluster.merge(total)
        return (_mean(total[0], total[1, 0]) if total[1, 0] else None), stopped

    def _minibatches(self, epoch: int) -> Iterator[Examples]:
        """Yield this host's part of each minibatch; empty ones where other hosts have more."""
        random = np.random.default_rng((_SEED, epoch))
        batches = self._train.batches(self._size, random)
        return islice(chain(batches, repeat(self._train.segments[0].slice(0, 0))), self._each)

    def _step(self, examples: Examples, total: npt.NDArray[np.float64] | None, report: Report) -> bool:
        """Move all models; returns whether the job was asked to stop instead."""
        problem, pack, touched = self._problem, self._pack, None
        weights = pack.weights
        if self._touch is not None and isinstance(examples, SparseExamples):
            touched, examples = self._localised(examples, self._touch)
            weights = np.take(weights, touched, axis=0)
        labels = examples.labels[:, None]
        scores = pack.scores(examples, weights, self._scores)
        values = None
        if total is not None:
            values = problem.weights.apply(problem.loss.values(scores, labels), labels)
        slopes = problem.weights.apply(problem.loss.gradient(scores, labels), labels)
        gradient = self._gradient if touched is None else np.empty_like(weights)
        examples.gradient(slopes.reshape(len(labels), -1), gradient)
        gradient, rows, stopping = self._merged(gradient, len(labels), report.stopping)
        if stopping:
            return True
        if total is not None and values is not None:
            total += np.stack([values.sum(axis=0), np.full(len(problem.variants), len(labels))])
        gradient *= np.float32(1 / max(rows, 1))
        steps = self.optimizer.steps
        if touched is None:
            self.optimizer.update(pack.weights, gradient, self._rates.at(steps))
        else:
            self.optimizer.update_rows(pack.weights, gradient, self._rates.of(touched, steps), touched)
        return False

    def _localised(self, examples: SparseExamples, touch: Touch) -> tuple[Longs, Examples]:
        """Return the weights that a minibatch touches on any host, and its rows in terms of these only."""
        touched, rows = touch.of(examples.rows)
        if self._cluster.size > 1:
            everywhere = np.unique(self._cluster.gather(touched))
            places = np.searchsorted(everywhere, touched).astype(np.int32)
            rows = rows.renamed(places, len(everywhere))
            touched = everywhere
        return touched, SparseExamples(rows, examples.labels)

    def _merged(self, gradient: Floats, rows: int, stopping: bool) -> tuple[Floats, int, bool]:
        if self._cluster.size == 1:
            return gradient, rows, stopping
        flat = np.append(gradient.ravel(), np.array([rows, stopping], np.float32))
        merged = self._cluster.merge(flat)
        return merged[:-2].reshape(gradient.shape).copy(), int(merged[-2]), bool(merged[-1])
