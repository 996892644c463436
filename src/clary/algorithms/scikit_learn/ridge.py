"""The algorithm ``clary-ridge``: a linear model whose weights are kept small.

Source: "Ridge regression and classification" of scikit-learn's user guide.
"""

from typing import Any

from clary.algorithms.scikit_learn.classic import Classic
from clary.algorithms.scikit_learn.params import PredictorParams, ScaledParams
from clary.algorithms.scikit_learn.scaling import scaled
from clary.toolkit import extra
from clary.toolkit.algorithm import algorithm
from clary.toolkit.hyperparameters import boolean, real


class RidgeParams(PredictorParams, ScaledParams):
    """Names, ranges and defaults as scikit-learn documents them."""

    alpha: float = real(1.0, ge=0, tunable=True, about="How much the squares of the weights count.")
    fit_intercept: bool = boolean(True, about="Whether the line may miss the origin.")
    tol: float = real(1e-4, gt=0, about="When to stop improving, for sparse rows.")


@algorithm("clary-ridge")
class Ridge(Classic[RidgeParams]):
    """Fits least squares with small weights, to amounts or to the signs of classes."""

    Params = RidgeParams

    @classmethod
    def estimator(cls, params: RidgeParams) -> Any:
        """Return a RidgeClassifier or a Ridge."""
        linear = extra.load("sklearn.linear_model", "sklearn")
        common = {"alpha": params.alpha, "fit_intercept": params.fit_intercept, "tol": params.tol}
        if params.classifies:
            return scaled(linear.RidgeClassifier(**common, **params.weighted()), params)
        return scaled(linear.Ridge(**common), params)
