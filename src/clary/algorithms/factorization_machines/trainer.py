"""Trains a factorization machine by minibatches; several hosts take each step together."""

import time
from collections.abc import Iterator
from itertools import chain, islice, repeat

import numpy as np

from clary.algorithms.factorization_machines import interactions
from clary.algorithms.factorization_machines.interactions import Rows
from clary.algorithms.factorization_machines.machine import Machine
from clary.algorithms.factorization_machines.params import REGRESSOR, FactorizationMachinesParams
from clary.algorithms.factorization_machines.tally import Tally
from clary.toolkit.batch import Floats
from clary.toolkit.cluster import Cluster
from clary.toolkit.examples import Examples
from clary.toolkit.report import Report, is_worth_a_line
from clary.toolkit.row_adam import RowAdam
from clary.toolkit.sparse import Longs, Sparse, Touch
from clary.toolkit.table import Table

_SEED = 17
_EVERY = 500
"""Batches from one line of their metrics to the next, as in SageMaker's container."""


def fit(params: FactorizationMachinesParams, train: Table, report: Report, cluster: Cluster) -> Machine:
    """Train for the epochs asked for, or until the job is asked to stop; reports as it goes."""
    random = np.random.default_rng(_SEED)
    bias = params.initial("bias", (1, 1), random)
    linear = params.initial("linear", (params.feature_dim, 1), random)
    factors = params.initial("factors", (params.feature_dim, params.num_factors), random)
    machine = Machine(params.predictor_type, bias, np.hstack([linear, factors]))
    passes = _Passes(params, machine, train, cluster)
    metrics: dict[str, float] = {}
    for epoch in range(params.epochs):
        began = time.monotonic()
        stopped, tally = passes.run(epoch, report)
        metrics = tally.metrics(cluster)
        if is_worth_a_line(epoch) or epoch + 1 == params.epochs:
            for metric, value in metrics.items():
                report.quality("train", metric, value, epoch=epoch)
            report.progress(100 * (epoch + 1) // params.epochs)
            report.throughput(passes.rows / max(time.monotonic() - began, 1e-9))
        if stopped:
            break
    for metric, value in metrics.items():
        report.quality("train", metric, value)
    return machine


class _Passes:
    """Passes over the training data.

    Every host takes its part of each minibatch, in proportion to its rows, and the gradients are merged: the
    steps are those of one host with all the data.
    """

    def __init__(
        self, params: FactorizationMachinesParams, machine: Machine, train: Table, cluster: Cluster
    ) -> None:
        self._params, self._machine, self._train, self._cluster = params, machine, train, cluster
        self.rows = int(cluster.total(len(train)))
        self._size = max(1, round(params.mini_batch_size * len(train) / self.rows))
        self._steps = cluster.largest(train.steps(self._size))
        rates, decays = params.by_column("lr"), params.by_column("wd")
        self._adam = RowAdam(machine.weights, rates, decays, epsilon=params.eps, limit=params.clip_gradient)
        rate, decay = np.array([[params.bias_lr], [params.bias_wd]], np.float32)
        self._bias = RowAdam(machine.bias, rate, decay, epsilon=params.eps, limit=params.clip_gradient)
        self._touch = Touch(params.feature_dim)
        self._all = np.arange(params.feature_dim)

    def run(self, epoch: int, report: Report) -> tuple[bool, Tally]:
        """Take all minibatches in an order of the epoch's own.

        Returns whether the job was asked to stop, and what the predictions before each step were worth.
        """
        tally = Tally(self._params.predictor_type)
        with np.errstate(over="ignore", invalid="ignore"):
            for number, examples in enumerate(self._minibatches(epoch)):
                if self._step(examples, tally, stopping=report.stopping):
                    return True, tally
                if number % _EVERY == 0 and is_worth_a_line(epoch):
                    for metric, value in tally.metrics(self._cluster).items():
                        report.quality("train", metric, value, epoch=epoch, batch=number)
        return False, tally

    def _minibatches(self, epoch: int) -> Iterator[Examples]:
        """Yield as many minibatches as the host with the most has; at last, ones without rows."""
        random = np.random.default_rng((_SEED, epoch))
        empty = self._train.segments[0].slice(0, 0)
        return islice(chain(self._train.batches(self._size, random), repeat(empty)), self._steps)

    def _step(self, examples: Examples, tally: Tally, *, stopping: bool) -> bool:
        """Take one step with the other hosts; returns whether any of them was asked to stop before it."""
        touched, rows, weights = self._local(interactions.features_of(examples))
        labels = examples.labels
        scores, sums = interactions.scores(rows, weights)
        scores += self._machine.bias[0, 0]
        tally.add(scores, labels)
        predicted = scores if self._params.predictor_type == REGRESSOR else _chances(scores)
        slopes = np.ascontiguousarray(predicted - labels)
        gradient = interactions.gradient(rows, weights, sums, slopes)
        told = np.array([slopes.sum(), len(labels), stopping], np.float32)
        if self._cluster.size > 1:
            merged = self._cluster.merge(np.append(gradient.ravel(), told))
            gradient, told = merged[:-3].reshape(gradient.shape), merged[-3:]
        slope, count, stopped = (float(each) for each in told)
        if stopped or not count:
            return bool(stopped)
        rescale = self._params.rescale_grad
        scale = 1 / count if rescale is None else rescale
        self._adam.update(gradient, touched, scale)
        self._bias.update(np.array([[slope]], np.float32), np.zeros(1, np.int64), scale)
        return False

    def _local(self, rows: Rows) -> tuple[Longs, Rows, Floats]:
        """Return which features all hosts' rows touch, the rows in terms of these, and the weights."""
        if not isinstance(rows, Sparse):
            return self._all, rows, self._machine.weights
        touched, local = self._touch.of(rows)
        if self._cluster.size > 1:
            everywhere = np.unique(self._cluster.gather(touched))
            places = np.searchsorted(everywhere, touched).astype(np.int32)
            touched, local = everywhere, local.renamed(places, len(everywhere))
        return touched, local, np.take(self._machine.weights, touched, axis=0)


def _chances(scores: Floats) -> Floats:
    """Return the logistic function of ``scores``, which are limited so that none overflows."""
    return np.float32(1) / (np.float32(1) + np.exp(-np.clip(scores, -80, 80)))
