"""The algorithm ``clary-svm``: support vector machines with kernels.

Source: "Support Vector Machines" of scikit-learn's user guide.
"""

from typing import Any

from clary.algorithms.scikit_learn.classic import Classic
from clary.algorithms.scikit_learn.params import PredictorParams, ScaledParams
from clary.algorithms.scikit_learn.scaling import scaled
from clary.toolkit import extra
from clary.toolkit.algorithm import algorithm
from clary.toolkit.hyperparameters import choice, integer, real, real_or

_COMMON = ("kernel", "C", "gamma", "degree", "coef0", "tol")


class SVMParams(PredictorParams, ScaledParams):
    """Names, ranges and defaults as scikit-learn documents them."""

    kernel: str = choice(
        "rbf", "linear", "poly", "sigmoid", default="rbf", tunable=True, about="How alike two rows are."
    )
    C: float = real(1.0, gt=0, tunable=True, about="How much a row on the wrong side counts.")
    gamma: str | float = real_or(
        "scale", "auto", default="scale", gt=0, tunable=True, about="How fast likeness fades with distance."
    )
    degree: int = integer(3, ge=1, tunable=True, about="The degree of the kernel poly.")
    coef0: float = real(0.0, tunable=True, about="What the kernels poly and sigmoid add.")
    epsilon: float = real(0.1, ge=0, tunable=True, about="The error that a regressor does not mind.")
    tol: float = real(1e-3, gt=0, about="When to stop improving.")


@algorithm("clary-svm")
class SVM(Classic[SVMParams]):
    """Parts classes by the widest margin, or keeps most amounts within a margin."""

    Params = SVMParams

    @classmethod
    def estimator(cls, params: SVMParams) -> Any:
        """Return an SVC or an SVR."""
        svm = extra.load("sklearn.svm", "sklearn")
        common = {name: getattr(params, name) for name in _COMMON}
        if params.classifies:
            return scaled(svm.SVC(**common, **params.weighted()), params)
        return scaled(svm.SVR(**common, epsilon=params.epsilon), params)
