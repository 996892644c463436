"""What labels an objective can learn from: the library finds out late, and says it of something else."""

import numpy as np

from clary.algorithms.xgboost.params import XGBoostParams
from clary.toolkit.batch import Floats
from clary.toolkit.errors import ClientError

_PROBABILITIES = ("binary:logistic", "binary:logitraw", "binary:hinge", "reg:logistic")
_COUNTS = {"count:poisson": "PoissonRegression", "reg:tweedie": "TweedieRegression"}


def check(labels: Floats, params: XGBoostParams, channel: str) -> None:
    """Raise ClientError, in the container's words, where ``labels`` are none of the objective's."""
    objective = params.objective
    if objective in _PROBABILITIES and not ((labels >= 0) & (labels <= 1)).all():
        problem = "label must be in [0,1] for logistic regression"
    elif objective.startswith("multi:") and not _are_classes(labels, int(params.num_class or 0)):
        problem = f"label must be in [0, num_class), a whole number below {params.num_class}"
    elif objective in _COUNTS and (labels < 0).any():
        problem = f"{_COUNTS[objective]}: label must be nonnegative"
    elif objective == "reg:gamma" and (labels <= 0).any():
        problem = "GammaRegression: label must be positive"
    else:
        return
    raise ClientError(f"{problem}: channel '{channel}' has labels from {labels.min():g} to {labels.max():g}.")


def _are_classes(labels: Floats, count: int) -> bool:
    return bool(((labels >= 0) & (labels < count) & (labels == np.floor(labels))).all())
