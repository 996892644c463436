"""The metrics of XGBoost by name: which there are, which way is better, and where they stand in the log."""

from clary.toolkit.algorithm import Metric

MAXIMIZED = (
    "accuracy", "auc", "aucpr", "balanced_accuracy", "f1", "f1_binary", "f1_macro", "map", "ndcg", "pre",
    "precision", "precision_macro", "precision_micro", "r2", "recall", "recall_macro", "recall_micro",
)  # fmt: skip
"""The metrics of which more is better."""

MINIMIZED = (
    "aft-nloglik", "cox-nloglik", "error", "gamma-deviance", "gamma-nloglik", "interval-regression-accuracy",
    "logloss", "mae", "mape", "merror", "mlogloss", "mphe", "mse", "poisson-nloglik", "quantile", "rmse",
    "rmsle", "tweedie-nloglik",
)  # fmt: skip
"""The metrics of which less is better."""

_AT = ("error", "ndcg", "map", "pre", "auc", "tweedie-nloglik", "poisson-nloglik")
"""The metrics behind which ``@`` and a number may stand."""

METRICS = tuple(
    Metric(f"{split}:{name}", rf".*\[[0-9]+\].*#011{split}-{name}:(\S+)", None if split == "train" else less)
    for split in ("train", "validation")
    for names, less in ((MAXIMIZED, False), (MINIMIZED, True))
    for name in names
)
"""The definitions of the container; a tuner may aim at those of the validation data."""


def is_known(name: str) -> bool:
    """Tell whether there is a metric called ``name``, such as ``rmse``, ``error@0.7`` or ``ndcg@10-``."""
    word, at, number = name.partition("@")
    if not at:
        return word in MAXIMIZED or word in MINIMIZED
    try:
        float(number.removesuffix("-"))
    except ValueError:
        return False
    return word in _AT


def is_maximized(name: str) -> bool:
    """Tell whether more of a metric is better."""
    return name.partition("@")[0] in MAXIMIZED
