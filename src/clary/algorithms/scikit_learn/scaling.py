"""Scaling: features brought to one scale before an estimator sees them."""

from typing import Any

from clary.algorithms.scikit_learn.params import ScaledParams
from clary.toolkit import extra


def scaled(estimator: Any, params: ScaledParams) -> Any:
    """Return ``estimator``, behind a scaler if ``params`` ask for one.

    It divides by the standard deviation and shifts nothing, so that sparse rows stay sparse.
    """
    if not params.normalize_data:
        return estimator
    scaler = extra.load("sklearn.preprocessing", "sklearn").StandardScaler(with_mean=False)
    return extra.load("sklearn.pipeline", "sklearn").make_pipeline(scaler, estimator)
