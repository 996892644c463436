"""What the best binary classifier is chosen by, as a function of how many rows it gets right."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from clary.algorithms.linear_learner.params import LinearLearnerParams

Doubles = npt.NDArray[np.float64]
Criterion = Callable[[Doubles, Doubles, float, float], Doubles]
"""(true positives, false positives, positives, negatives) to a value of which more is better."""


def make_criterion(params: LinearLearnerParams) -> Criterion | None:
    """Return the criterion the hyperparameters ask for; None is the loss, with a threshold of one half."""
    name = params.binary_classifier_model_selection_criteria
    if name in ("loss_function", "cross_entropy_loss"):
        return None
    if name == "accuracy":
        return _accuracy
    if name == "precision_at_target_recall":
        return _at_target(precision, recall, params.target_recall)
    if name == "recall_at_target_precision":
        return _at_target(recall, precision, params.target_precision)
    return f_score(1.0 if name == "f1" else params.f_beta)


def precision(hits: Doubles, false: Doubles, _positives: float, _negatives: float) -> Doubles:
    """Return the share of predicted positives that are positive; 0 where none is predicted."""
    return hits / np.maximum(hits + false, 1)


def recall(hits: Doubles, _false: Doubles, positives: float, _negatives: float) -> Doubles:
    """Return the share of positives that are predicted so."""
    return hits / max(positives, 1)


def f_score(beta: float) -> Criterion:
    """Return the weighted harmonic mean of precision and recall, recall counting ``beta`` times as much."""
    square = beta * beta

    def score(hits: Doubles, false: Doubles, positives: float, _negatives: float) -> Doubles:
        return (1 + square) * hits / np.maximum(square * positives + hits + false, 1e-9)

    return score


def _accuracy(hits: Doubles, false: Doubles, positives: float, negatives: float) -> Doubles:
    return (hits + negatives - false) / max(positives + negatives, 1)


def _at_target(wanted: Criterion, held: Criterion, target: float) -> Criterion:
    """Return ``wanted`` where ``held`` reaches ``target``, and elsewhere how far it falls short, negative."""

    def score(hits: Doubles, false: Doubles, positives: float, negatives: float) -> Doubles:
        counts = (hits, false, positives, negatives)
        level = held(*counts)
        return np.where(level >= target, wanted(*counts), level - target - 1e-9)

    return score
