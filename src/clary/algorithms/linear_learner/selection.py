"""Chooses the best model of a trained pack, and the threshold of a binary classifier."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clary.algorithms.linear_learner.criterion import Criterion, make_criterion
from clary.algorithms.linear_learner.losses import sigmoid
from clary.algorithms.linear_learner.pack import Pack
from clary.algorithms.linear_learner.params import BINARY, LinearLearnerParams
from clary.toolkit.batch import Floats
from clary.toolkit.spool import Table

_BINS = 1024
_BLOCK = 8192  # rows


@dataclass(frozen=True, slots=True)
class Choice:
    """The best model and, for a binary classifier, the score from which it predicts 1."""

    model: int
    threshold: float


def choose(pack: Pack, table: Table, params: LinearLearnerParams, *, held_out: bool) -> Choice:
    """Return the best model on ``table``, the validation data if ``held_out`` and else the training data.

    Models whose criterion is within a standard error of the best go by their loss: few rows cannot tell
    them apart, and the loss tells more than a count of errors. On training data, where the wildest model has
    the least loss, weights count against it as under a standard normal prior.
    """
    ranks = pack.best_loss if held_out else pack.best_loss + _prior(pack, len(table))
    neutral = 0.0 if params.resolved_loss == "hinge_loss" else 0.5
    criterion = make_criterion(params) if params.predictor_type == BINARY else None
    if criterion is None:
        return Choice(int(ranks.argmin()), neutral)
    rows = min(len(table), params.num_calibration_samples or len(table))
    features, labels = table.features[:rows], table.labels[:rows]
    values = _binned_values(pack, features, labels, criterion)
    good = values >= values.max() - _standard_error(values.max(), labels)
    best = int(np.where(good, ranks, np.inf).argmin())
    scores = features @ pack.model(best)
    if neutral:
        scores = sigmoid(scores)
    return Choice(best, calibrate(scores[:, 0], labels, criterion, neutral))


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
    good = np.flatnonzero(values >= values.max() - _standard_error(values.max(), labels))
    # A threshold may lie anywhere between its two scores: take the point nearest to neutral, if not a score.
    above = np.concatenate(([np.inf], ordered))[good]
    below = np.concatenate((ordered, [-np.inf]))[good]
    if ((below < neutral) & (neutral <= above)).any():
        return neutral
    ends = np.where(np.isinf(above), below + 1, np.where(np.isinf(below), above - 1, (above + below) / 2))
    return float(ends[np.abs(ends - neutral).argmin()])


def _standard_error(value: float, labels: Floats) -> float:
    """Return the uncertainty of a share ``value`` of rows, of those of the rarer class where that is less."""
    positive = float(np.count_nonzero(labels == 1))
    share = min(max(value, 0.0), 1.0)
    return float((share * (1 - share) / max(positive, 1.0)) ** 0.5)


def _prior(pack: Pack, rows: int) -> Floats:
    """Return half the squared weights of each model, spread over the rows as the loss is."""
    squares = np.square(pack.best[:-1]).sum(axis=0).reshape(-1, pack.outputs).sum(axis=1)
    return np.asarray(squares / (2 * rows), np.float32)


def _binned_values(
    pack: Pack, features: Floats, labels: Floats, criterion: Criterion
) -> npt.NDArray[np.float64]:
    """Return the best criterion of each model over thresholds of ``_BINS`` levels.

    Counting scores in bins costs a fraction of sorting them, model by model.
    """
    models = pack.best.shape[1]
    every = np.zeros(models * _BINS, np.int64)
    positive = np.zeros(models * _BINS, np.int64)
    offsets = np.arange(models, dtype=np.int32) * _BINS
    for at in range(0, len(features), _BLOCK):
        scores = sigmoid(features[at : at + _BLOCK] @ pack.best)
        scores *= np.float32(_BINS - 1)
        bins = scores.astype(np.int32)
        bins += offsets
        every += np.bincount(bins.ravel(), minlength=len(every))
        positive += np.bincount(bins[labels[at : at + _BLOCK] == 1].ravel(), minlength=len(every))
    predicted = _from_the_top(every.reshape(models, _BINS))
    hits = _from_the_top(positive.reshape(models, _BINS))
    positives = float(hits[0, -1])
    values = criterion(hits, predicted - hits, positives, len(labels) - positives)
    return np.asarray(values.max(axis=1), np.float64)


def _from_the_top(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return how many lie in the topmost 0, 1, 2 ... bins."""
    totals = np.cumsum(counts[:, ::-1], axis=1).astype(np.float64)
    return np.concatenate((np.zeros((len(counts), 1)), totals), axis=1)
