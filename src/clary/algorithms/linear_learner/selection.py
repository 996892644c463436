"""Chooses the best model of a trained pack, and the threshold of a binary classifier."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from clary.algorithms.linear_learner.criterion import Criterion, make_criterion
from clary.algorithms.linear_learner.losses import sigmoid
from clary.algorithms.linear_learner.pack import Pack
from clary.algorithms.linear_learner.params import BINARY, LinearLearnerParams
from clary.toolkit.batch import Floats
from clary.toolkit.cluster import Cluster
from clary.toolkit.examples import Examples
from clary.toolkit.table import Table

Doubles = npt.NDArray[np.float64]

_BINS = 1024
_BLOCK = 4096  # rows
_SAMPLES = 1_000_000
"""Rows that ``num_calibration_samples=auto`` stands for: more do not move a threshold, and take memory."""


class Selection:
    """Chooses among models by ``table``, the validation data if ``held_out`` and else the training data.

    Models whose criterion is within a standard error of the best go by their loss: few rows cannot tell
    them apart, and the loss tells more than a count of errors. On training data, where the wildest model has
    the least loss, weights count against it as under a standard normal prior.
    """

    def __init__(
        self, pack: Pack, table: Table, params: LinearLearnerParams, cluster: Cluster, *, held_out: bool
    ) -> None:
        self._pack, self._table, self._params, self._cluster = pack, table, params, cluster
        self._held_out = held_out
        self._neutral = 0.0 if params.resolved_loss == "hinge_loss" else 0.5
        self._criterion = make_criterion(params) if params.predictor_type == BINARY else None

    def good(self) -> list[int]:
        """Return the numbers of the models that the criterion does not tell from the best, the best first."""
        ranks = self.ranks()
        if self._criterion is not None:
            values, positives = self._binned_values(self._criterion)
            good = values >= values.max() - _standard_error(values.max(), positives)
            ranks = np.where(good, ranks, np.inf)
        order = np.argsort(ranks, kind="stable")
        return [int(order[0]), *(int(model) for model in order[1:] if np.isfinite(ranks[model]))]

    def ranks(self) -> Floats:
        """Return what models that are as good as each other go by, of which less is better."""
        pack = self._pack
        rows = self._cluster.total(len(self._table))
        return pack.best_loss if self._held_out else pack.best_loss + _prior(pack, rows)

    def threshold(self, model: int) -> float:
        """Return the score from which ``model``, a binary classifier, is to predict 1."""
        if self._criterion is None:
            return self._neutral
        weights = self._pack.model(model)
        scores, labels = [], []
        for examples in self._samples():
            scores.append(examples.scores(weights)[:, 0])
            labels.append(examples.labels.copy())
        everywhere = self._cluster.gather(np.concatenate(scores))
        if self._neutral:
            everywhere = sigmoid(everywhere.copy())
        return calibrate(
            everywhere, self._cluster.gather(np.concatenate(labels)), self._criterion, self._neutral
        )

    def _samples(self) -> Iterator[Examples]:
        """Yield this host's part of the rows that thresholds are chosen by."""
        left = -(-(self._params.num_calibration_samples or _SAMPLES) // self._cluster.size)
        for examples in self._table.batches(_BLOCK):
            yield examples if len(examples) <= left else examples.slice(0, left)
            left -= len(examples)
            if left <= 0:
                return

    def _binned_values(self, criterion: Criterion) -> tuple[Doubles, float]:
        """Return the best criterion of each model over ``_BINS`` thresholds, and how many rows are positive.

        Counting scores in bins costs a fraction of sorting them, model by model.
        """
        weights = self._pack.best
        models = weights.shape[1]
        counts = np.zeros((2, models * _BINS), np.int64)  # of all rows, and of positive ones
        offsets = np.arange(models, dtype=np.int32) * _BINS
        for examples in self._samples():
            scores = sigmoid(examples.scores(weights))
            scores *= np.float32(_BINS - 1)
            bins = scores.astype(np.int32)
            bins += offsets
            counts[0] += np.bincount(bins.ravel(), minlength=counts.shape[1])
            counts[1] += np.bincount(bins[examples.labels == 1].ravel(), minlength=counts.shape[1])
        every, positive = self._cluster.merge(counts).reshape(2, models, _BINS)
        predicted, hits = _from_the_top(every), _from_the_top(positive)
        positives = float(hits[0, -1])
        values = criterion(hits, predicted - hits, positives, float(predicted[0, -1]) - positives)
        return np.asarray(values.max(axis=1), np.float64), positives


def calibrate(scores: Floats, labels: Floats, criterion: Criterion, neutral: float) -> float:
    """Return the threshold nearest to ``neutral`` whose criterion is within a standard error of the best.

    ``scores`` and ``labels`` have the shape (rows,). A threshold lies midway between two scores.
    """
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order].astype(np.float64)
    hits = np.concatenate(([0.0], np.cumsum(labels[order], dtype=np.float64)))
    predicted = np.arange(len(ordered) + 1, dtype=np.float64)
    values = criterion(hits, predicted - hits, float(hits[-1]), float(len(labels) - hits[-1]))
    # Rows of equal score fall on the same side, so there is no threshold between them.
    possible = np.concatenate(([True], ordered[:-1] > ordered[1:], [True]))
    values = np.where(possible, values, -np.inf)
    good = np.flatnonzero(values >= values.max() - _standard_error(values.max(), hits[-1]))
    # A threshold may lie anywhere between its two scores: take the point nearest to neutral, if not a score.
    above = np.concatenate(([np.inf], ordered))[good]
    below = np.concatenate((ordered, [-np.inf]))[good]
    if ((below < neutral) & (neutral <= above)).any():
        return neutral
    ends = np.where(np.isinf(above), below + 1, np.where(np.isinf(below), above - 1, (above + below) / 2))
    return float(ends[np.abs(ends - neutral).argmin()])


def _standard_error(value: float, positive: float) -> float:
    """Return the uncertainty of a share ``value`` of ``positive`` rows."""
    share = min(max(value, 0.0), 1.0)
    return float((share * (1 - share) / max(positive, 1.0)) ** 0.5)


def _prior(pack: Pack, rows: float) -> Floats:
    """Return half the squared weights of each model, spread over the rows as the loss is."""
    squares = np.square(pack.best[:-1]).sum(axis=0).reshape(-1, pack.outputs).sum(axis=1)
    return np.asarray(squares / (2 * rows), np.float32)


def _from_the_top(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return how many lie in the topmost 0, 1, 2 ... bins."""
    totals = np.cumsum(counts[:, ::-1], axis=1).astype(np.float64)
    return np.concatenate((np.zeros((len(counts), 1)), totals), axis=1)
