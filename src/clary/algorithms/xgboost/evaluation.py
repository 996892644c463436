"""The metrics that SageMaker's container adds to the library's own, from sums that hosts can add up.

Names are those of the container; each is scikit-learn's metric of that name.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Merge = Callable[[Doubles], Doubles]
"""Adds an array over all hosts."""

_OF_NUMBERS = ("mse", "r2")
_OF_CLASSES = (
    "accuracy", "balanced_accuracy", "f1", "f1_binary", "f1_macro", "precision", "precision_macro",
    "precision_micro", "recall", "recall_macro", "recall_micro",
)  # fmt: skip

NAMES = (*_OF_NUMBERS, *_OF_CLASSES)
"""The metrics that the library does not have."""


def evaluated(
    names: Sequence[str], predictions: Doubles, labels: Doubles, classes: int, merge: Merge
) -> list[tuple[str, float]]:
    """Return the metrics ``names`` with their values.

    ``predictions``, (rows,) or (rows, classes), are the library's: classes are those of greatest probability,
    or what the one number is nearest to.
    """
    found: dict[str, float] = {}
    if any(name in _OF_NUMBERS for name in names) and predictions.ndim == 1:
        found |= _of_numbers(predictions, labels, merge)
    if any(name in _OF_CLASSES for name in names):
        chosen = predictions.argmax(axis=1) if predictions.ndim > 1 else np.rint(predictions)
        found |= _of_classes(_confusion(chosen, labels, max(classes, 2), merge))
    return [(name, found[name]) for name in names if name in found]


def _of_numbers(predictions: Doubles, labels: Doubles, merge: Merge) -> dict[str, float]:
    rows, total = merge(np.array([len(labels), labels.sum()], np.float64))
    mean = total / rows
    squares = [np.square(predictions - labels).sum(), np.square(labels - mean).sum()]
    errors, spread = merge(np.array(squares, np.float64))
    return {"mse": errors / rows, "r2": 1 - errors / spread if spread else 0.0}


def _confusion(chosen: npt.NDArray[np.generic], labels: Doubles, classes: int, merge: Merge) -> Doubles:
    """Return how many rows of each class, (classes,), were taken for which, (classes, classes)."""
    own = np.clip(labels, 0, classes - 1).astype(np.int64)
    other = np.clip(chosen.astype(np.int64), 0, classes - 1)
    counts = np.bincount(own * classes + other, minlength=classes * classes)
    return merge(counts.astype(np.float64)).reshape(classes, classes)


def _of_classes(confusion: Doubles) -> dict[str, float]:
    right, rows, taken = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    recall, precision = _ratio(right, rows), _ratio(right, taken)
    f1 = _ratio(2 * right, rows + taken)
    seen, present = rows > 0, rows + taken > 0
    accuracy = float(right.sum() / rows.sum())
    macro_f1 = float(f1[present].mean())
    return {
        "accuracy": accuracy,
        "balanced_accuracy": float(recall[seen].mean()),
        "f1": macro_f1,
        "f1_binary": float(f1[1]),
        "f1_macro": macro_f1,
        "precision": float(precision[1]),
        "precision_macro": float(precision[present].mean()),
        "precision_micro": accuracy,
        "recall": float(recall[1]),
        "recall_macro": float(recall[present].mean()),
        "recall_micro": accuracy,
    }


def _ratio(over: Doubles, under: Doubles) -> Doubles:
    return np.divide(over, under, out=np.zeros(len(over)), where=under > 0)
