"""Scores: how good the predictions of a fitted estimator are, and the metrics that tell of them."""

from typing import Any

from clary.algorithms.scikit_learn.rows import Rows
from clary.toolkit import extra
from clary.toolkit.algorithm import Metric

_HIGHER = ("accuracy", "macro_f1", "r2")
_LOWER = ("mse", "mae")
_LINE = r"#quality_metric: host=\S+, {split} {name} <{kind}>=(\S+)"

METRICS = tuple(
    Metric(f"{split}:{name}", _LINE.format(split=split, name=name, kind=kind), minimize)
    for split, tuned in (("train", False), ("validation", True))
    for names, kind, minimize in (
        (_HIGHER, "score", False if tuned else None),
        (_LOWER, "loss", True if tuned else None),
    )
    for name in names
)
"""The metrics of all classic learners."""


def scores(model: Any, rows: Rows) -> dict[str, float]:
    """Return the metrics of ``model`` on ``rows``, as the log names them."""
    measures = extra.load("sklearn.metrics", "sklearn")
    predicted, true, weights = model.predict(rows.features), rows.labels, rows.weights
    if hasattr(model, "classes_"):
        return {
            "accuracy <score>": float(measures.accuracy_score(true, predicted, sample_weight=weights)),
            "macro_f1 <score>": float(
                measures.f1_score(true, predicted, average="macro", zero_division=0, sample_weight=weights)
            ),
        }
    return {
        "mse <loss>": float(measures.mean_squared_error(true, predicted, sample_weight=weights)),
        "mae <loss>": float(measures.mean_absolute_error(true, predicted, sample_weight=weights)),
        "r2 <score>": float(measures.r2_score(true, predicted, sample_weight=weights)),
    }
