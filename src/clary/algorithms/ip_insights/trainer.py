"""How a network learns: to tell the pairs of the data from pairs that are made up, by their cross-entropy."""

import time
from collections.abc import Iterator
from itertools import chain, islice, repeat

import numpy as np

from clary.algorithms.ip_insights.encoder import Encoder
from clary.algorithms.ip_insights.network import Network
from clary.algorithms.ip_insights.pair import Pairs
from clary.algorithms.ip_insights.pair_file import PairFile
from clary.algorithms.ip_insights.params import IPInsightsParams
from clary.algorithms.ip_insights.prefixes import Addresses
from clary.toolkit.batch import Floats
from clary.toolkit.cluster import Cluster
from clary.toolkit.report import Report, is_worth_a_line
from clary.toolkit.row_adam import RowAdam
from clary.toolkit.sparse import Longs

_SEED = 23
_ROOM = 1 << 24  # numbers in the vectors of addresses that are at hand together

Gradient = tuple[Longs, Floats]
"""Numbers of rows, and the gradients of these."""


class Tally:
    """What predictions were worth since it was last told: cross-entropy, right ones, and how many."""

    def __init__(self) -> None:
        self._sums = np.zeros(3)

    def add(self, scores: Floats, *, positive: bool) -> None:
        """Count scores, (rows,), of pairs that are in the data or not."""
        signed = scores if positive else -scores
        loss = np.logaddexp(0, -signed).sum(dtype=np.float64)
        self._sums += np.array([loss, np.count_nonzero(signed > 0), len(scores)])

    def tell(self, report: Report, cluster: Cluster, epoch: int | None, batch: int | None = None) -> None:
        """Report what all hosts have counted."""
        loss, right, count = cluster.merge(self._sums)
        for metric, value in (("cross_entropy <loss>", loss), ("accuracy <score>", right)):
            told = float(value / max(count, 1))
            report.quality("train", f"binary_classification_{metric}", told, epoch=epoch, batch=batch)


class Trainer:
    """Takes steps on minibatches, of which every host has its part.

    Gradients are put together, so that the steps are those of one host with all the data.
    """

    def __init__(self, params: IPInsightsParams, network: Network, train: PairFile, cluster: Cluster) -> None:
        self._params, self._network, self._train, self._cluster = params, network, train, cluster
        self.pairs = int(cluster.total(len(train)))
        self._size = max(1, round(params.mini_batch_size * len(train) / self.pairs))
        self._steps = cluster.largest(-(-len(train) // self._size))
        width = params.vector_dim
        rates = np.full(width, params.learning_rate, np.float32)
        decays = np.full(width, params.weight_decay, np.float32)
        layers = network.encoder.layers.reshape(-1, width)
        self._entities, self._table, self._layers = (
            RowAdam(weights, rates, decays) for weights in (network.entities, network.encoder.table, layers)
        )
        self._every = np.arange(len(layers))

    def run(self, epoch: int, report: Report) -> bool:
        """Pass over all pairs; returns whether the job was asked to stop."""
        began, tally = time.monotonic(), Tally()
        random = np.random.default_rng((_SEED, epoch, self._cluster.rank))
        interval = self._params.batch_metrics_publish_interval
        for number, pairs in enumerate(self._minibatches(random), 1):
            if self._step(pairs, random, tally, stopping=report.stopping):
                return True
            if number % interval == 0:
                tally.tell(report, self._cluster, epoch, number)
                done = min(number * self._params.mini_batch_size, self.pairs)
                report.throughput(done / max(time.monotonic() - began, 1e-9))
        if is_worth_a_line(epoch):
            tally.tell(report, self._cluster, epoch)
        if epoch == self._params.epochs - 1:
            tally.tell(report, self._cluster, None)
        report.throughput(self.pairs / max(time.monotonic() - began, 1e-9))
        return False

    def _minibatches(self, random: np.random.Generator) -> Iterator[Pairs]:
        """Yield as many minibatches as the host with the most has; at last, ones without pairs."""
        own = self._train.minibatches(self._size, random)
        return islice(chain(own, repeat(np.empty((0, 2), np.uint32))), self._steps)

    def _step(self, pairs: Pairs, random: np.random.Generator, tally: Tally, *, stopping: bool) -> bool:
        """Take one step with the other hosts; returns whether any of them was asked to stop before it."""
        encoder = self._network.encoder
        entities, prefixes = list[Gradient](), list[Gradient]()
        layers = np.zeros_like(encoder.layers)
        rows = max(1, _ROOM // ((1 + self._params.random_negative_sampling_rate) * self._params.vector_dim))
        for start in range(0, len(pairs), rows):
            entity, (prefix, layer) = self._gradients(pairs[start : start + rows], random, tally)
            entities.append(entity)
            prefixes.append(prefix)
            layers += layer
        told = np.append(layers.ravel(), np.array([len(pairs), stopping], np.float32))
        told = self._cluster.merge(told)
        if told[-1]:
            return True
        scale = 1 / float(told[-2])
        for adam, parts in ((self._entities, entities), (self._table, prefixes)):
            touched, gradient = _together(parts or [_none(encoder)], self._cluster)
            adam.update(gradient, touched, scale)
        self._layers.update(told[:-2].reshape(-1, self._params.vector_dim), self._every, scale)
        return False

    def _gradients(
        self, pairs: Pairs, random: np.random.Generator, tally: Tally
    ) -> tuple[Gradient, tuple[Gradient, Floats]]:
        """Return the gradients of the entities, and of prefixes and layers, by some pairs."""
        network, count = self._network, len(pairs)
        numbers = network.numbers(pairs)
        vectors = network.entities[numbers]
        made_up = [drawn(count, random) for _ in range(self._params.random_negative_sampling_rate)]
        addresses, tape = network.encoder.forward(np.concatenate([pairs[:, 1], *made_up]))
        slopes, own = np.empty_like(addresses), np.zeros_like(vectors)
        for start in range(0, len(addresses), count):
            part = slice(start, start + count)
            slopes[part], pulls = _pulls(vectors, addresses[part], tally, positive=start == 0)
            own += pulls
        for _ in range(self._params.shuffled_negative_sampling_rate):
            order = random.permutation(count)
            back, pulls = _pulls(vectors, addresses[order], tally, positive=False)
            slopes[order] += back
            own += pulls
        return _added((numbers, own)), network.encoder.backward(tape, slopes)


def drawn(count: int, random: np.random.Generator) -> Addresses:
    """Return random addresses."""
    return random.integers(0, 1 << 32, count, np.uint32)


def _pulls(entities: Floats, addresses: Floats, tally: Tally, *, positive: bool) -> tuple[Floats, Floats]:
    """Return the slopes of the cross-entropy of pairs by the vectors of addresses and of entities."""
    scores = np.einsum("ij,ij->i", entities, addresses)
    tally.add(scores, positive=positive)
    errors = (0.5 + 0.5 * np.tanh(scores / 2) - positive)[:, None].astype(np.float32)
    return errors * entities, errors * addresses


def _none(encoder: Encoder) -> Gradient:
    return np.empty(0, np.int64), np.empty((0, encoder.table.shape[1]), np.float32)


def _together(parts: list[Gradient], cluster: Cluster) -> Gradient:
    """Return the rows of all parts of all hosts, each once, and their gradients."""
    if len(parts) == 1 and cluster.size == 1:
        return parts[0]
    numbers = cluster.gather(np.concatenate([part[0] for part in parts]))
    return _added((numbers, cluster.gather(np.concatenate([part[1] for part in parts]))))


def _added(gradient: Gradient) -> Gradient:
    """Return each row once, with its gradients added up."""
    numbers, gradients = gradient
    order = np.argsort(numbers, kind="stable")
    touched, first = np.unique(numbers[order], return_index=True)
    return touched, np.add.reduceat(gradients[order], first, axis=0)
