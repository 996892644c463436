"""The metric definitions of the linear learner: the name a tuner aims at and where it stands in the log."""

from clary.toolkit.algorithm import RUNNING, Metric

_HOST = r"#quality_metric: host=\S+, "
_EPOCH = r"#quality_metric: host=\S+, epoch=\S+, "

_FINAL = (
    ("objective_loss", r"\S+_objective <loss>", True),
    ("binary_classification_accuracy", "binary_classification_accuracy <score>", False),
    ("binary_f_beta", r"binary_f_\S+ <score>", False),
    ("precision", "precision <score>", False),
    ("recall", "recall <score>", False),
    ("roc_auc_score", "roc_auc_score <score>", False),
    ("mse", "mse <loss>", True),
    ("absolute_loss", "absolute_loss <loss>", True),
    ("multiclass_accuracy", "multiclass_accuracy <score>", False),
    ("multiclass_top_k_accuracy", r"multiclass_top_k_accuracy_\S+ <score>", False),
    ("dcg", "dcg <score>", False),
    ("macro_recall", "macro_recall <score>", False),
    ("macro_precision", "macro_precision <score>", False),
    ("macro_f_beta", r"macro_f_\S+ <score>", False),
)
"""Name, what the log calls it, and whether less is better."""


def _final(split: str, name: str, logged: str, minimize: bool | None) -> Metric:
    return Metric(f"{split}:{name}", rf"{_HOST}{split} {logged}=(\S+)", minimize)


def _epoch_loss(split: str, minimize: bool | None) -> Metric:
    return Metric(f"{split}:objective_loss", rf"{_EPOCH}{split} \S+_objective <loss>=(\S+)", minimize)


METRICS = (
    _epoch_loss("train", None),
    _final("train", "objective_loss:final", r"\S+_objective <loss>", None),
    *(_final("train", name, logged, None) for name, logged, _ in _FINAL[1:]),
    _epoch_loss("validation", True),
    _final("validation", "objective_loss:final", r"\S+_objective <loss>", None),
    *(_final("validation", name, logged, minimize) for name, logged, minimize in _FINAL[1:]),
    _final("validation", "rmse", "rmse <loss>", True),
    *(_final("test", name, logged, minimize) for name, logged, minimize in _FINAL),
    *RUNNING,
)
