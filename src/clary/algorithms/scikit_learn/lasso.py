"""The algorithm ``clary-lasso``: a linear model of few features, for amounts.

Source: "Lasso" of scikit-learn's user guide.
"""

from typing import Any

from clary.algorithms.scikit_learn.classic import Classic
from clary.algorithms.scikit_learn.params import ScaledParams
from clary.algorithms.scikit_learn.scaling import scaled
from clary.toolkit import extra
from clary.toolkit.algorithm import algorithm
from clary.toolkit.hyperparameters import boolean, integer, real

_KEYWORDS = ("alpha", "fit_intercept", "positive", "max_iter", "tol")


class LassoParams(ScaledParams):
    """Names, ranges and defaults as scikit-learn documents them."""

    alpha: float = real(1.0, gt=0, tunable=True, about="How much the sizes of the weights count.")
    fit_intercept: bool = boolean(True, about="Whether the line may miss the origin.")
    positive: bool = boolean(False, about="Whether no weight may be negative.")
    max_iter: int = integer(1000, ge=1, about="The most passes over the weights.")
    tol: float = real(1e-4, gt=0, about="When to stop improving.")


@algorithm("clary-lasso")
class Lasso(Classic[LassoParams]):
    """Fits least squares with weights of which many are zero."""

    Params = LassoParams

    @classmethod
    def estimator(cls, params: LassoParams) -> Any:
        """Return a Lasso."""
        linear = extra.load("sklearn.linear_model", "sklearn")
        return scaled(linear.Lasso(**{name: getattr(params, name) for name in _KEYWORDS}), params)
