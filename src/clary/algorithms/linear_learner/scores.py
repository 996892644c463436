"""The metrics that the linear learner reports of its chosen model, by their names in the log."""

import numpy as np
import numpy.typing as npt

from clary.algorithms.linear_learner.criterion import f_score
from clary.algorithms.linear_learner.params import BINARY, MULTICLASS, LinearLearnerParams

Doubles = npt.NDArray[np.float64]


def scores_of(
    params: LinearLearnerParams, score: Doubles, predicted: Doubles, labels: Doubles
) -> dict[str, float]:
    """Return the metrics of a predictor.

    ``score`` has the shape (rows,), or (rows, classes) of a multiclass classifier; ``predicted`` and
    ``labels`` have (rows,). A metric that is undefined on these rows is left out.
    """
    if params.predictor_type == BINARY:
        return _binary(params, score, predicted, labels)
    if params.predictor_type == MULTICLASS:
        return _multiclass(params, score, predicted, labels)
    errors = score - labels
    mse = float(np.square(errors).mean())
    return {
        "mse <loss>": mse,
        "absolute_loss <loss>": float(np.abs(errors).mean()),
        "rmse <loss>": mse**0.5,
    }


def _binary(
    params: LinearLearnerParams, score: Doubles, predicted: Doubles, labels: Doubles
) -> dict[str, float]:
    positive = labels == 1
    hits = float(np.count_nonzero(predicted[positive] == 1))
    false = float(np.count_nonzero(predicted[~positive] == 1))
    positives = float(np.count_nonzero(positive))
    values = {
        "binary_classification_accuracy <score>": float((predicted == labels).mean()),
        f"binary_f_{params.f_beta:.3f} <score>": float(
            f_score(params.f_beta)(np.array(hits), np.array(false), positives, 0)
        ),
        "precision <score>": hits / max(hits + false, 1),
        "recall <score>": hits / max(positives, 1),
    }
    if 0 < positives < len(labels):
        values["roc_auc_score <score>"] = _area_under_roc(score[positive], score[~positive])
    return values


def _area_under_roc(positive: Doubles, negative: Doubles) -> float:
    """Return the chance that a positive row scores above a negative one, a tie counting one half."""
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, "left") + np.searchsorted(ordered, positive, "right")
    return float(below.mean() / (2 * len(ordered)))


def _multiclass(
    params: LinearLearnerParams, score: Doubles, predicted: Doubles, labels: Doubles
) -> dict[str, float]:
    classes, top = score.shape[1], min(params.accuracy_top_k, score.shape[1])
    truth = labels.astype(np.intp)
    own = np.take_along_axis(score, truth[:, None], axis=1)
    rank = (score > own).sum(axis=1)
    confusion = np.bincount(truth * classes + predicted.astype(np.intp), minlength=classes**2).reshape(
        classes, classes
    )
    hits = np.diag(confusion).astype(np.float64)
    actual, claimed = confusion.sum(axis=1), confusion.sum(axis=0)
    present = actual > 0
    recall = hits / np.maximum(actual, 1)
    precision = hits / np.maximum(claimed, 1)
    square = params.f_beta**2
    f_beta = (1 + square) * hits / np.maximum(square * actual + claimed, 1)
    return {
        "multiclass_accuracy <score>": float((predicted == labels).mean()),
        f"multiclass_top_k_accuracy_{params.accuracy_top_k} <score>": float((rank < top).mean()),
        "dcg <score>": float((1 / np.log2(rank + 2)).mean()),
        "macro_recall <score>": float(recall[present].mean()),
        "macro_precision <score>": float(precision[present].mean()),
        f"macro_f_{params.f_beta:.3f} <score>": float(f_beta[present].mean()),
        "multiclass_balanced_accuracy <score>": float(recall[present].mean()),
        "multiclass_log_loss <loss>": float(-np.log(np.maximum(own, 1e-15)).mean()),
    }
