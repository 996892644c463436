"""The hyperparameters of factorization machines, as the guide's page of that name has them."""

from typing import Any

import numpy as np

from clary.toolkit.batch import Floats
from clary.toolkit.hyperparameters import Hyperparameters, choice, integer, real

REGRESSOR, BINARY = "regressor", "binary_classifier"

_SCALE = 0.07  # that of a uniform distribution for which none is given, as in MXNet


def _init_method(what: str) -> Any:
    about = f"How {what} starts: drawn from a distribution around 0, or at one value."
    return choice("normal", "uniform", "constant", default="normal", about=about)


def _init_scale(what: str) -> Any:
    about = f"Uniform: {what} starts between minus this and this; {_SCALE} where it is not given."
    return real(None, ge=0, tunable=True, about=about)


def _init_sigma(default: float, what: str) -> Any:
    return real(
        default, ge=0, tunable=True, about=f"Normal: the standard deviation with which {what} starts."
    )


def _init_value(what: str) -> Any:
    about = f"Constant: the value with which {what} starts; 0 where it is not given."
    return real(None, tunable=True, about=about)


def _rate(default: float, what: str) -> Any:
    return real(default, ge=0, tunable=True, about=f"Learning rate of {what}.")


def _decay(default: float, what: str) -> Any:
    return real(default, ge=0, tunable=True, about=f"Weight decay of {what}.")


class FactorizationMachinesParams(Hyperparameters):
    """Names, types, ranges and defaults as SageMaker documents them."""

    feature_dim: int = integer(ge=1, about="Number of features.")
    num_factors: int = integer(ge=1, about="Number of factors of each feature.")
    predictor_type: str = choice(BINARY, REGRESSOR, about="What is predicted: 0 or 1, or a number.")
    epochs: int = integer(1, ge=1, tunable=True, about="Passes over the training data.")
    mini_batch_size: int = integer(1000, ge=1, tunable=True, about="Rows of a step, over all hosts.")
    clip_gradient: float | None = real(None, about="What each element of a gradient is clipped to.")
    eps: float | None = real(None, ge=0, about="Epsilon of Adam; 1e-8 where it is not given.")
    rescale_grad: float | None = real(
        None, about="What the sum of a step's gradients is multiplied by; 1 / rows where it is not given."
    )
    bias_lr: float = _rate(0.1, "the bias")
    bias_wd: float = _decay(0.01, "the bias")
    bias_init_method: str = _init_method("the bias")
    bias_init_scale: float | None = _init_scale("the bias")
    bias_init_sigma: float = _init_sigma(0.01, "the bias")
    bias_init_value: float | None = _init_value("the bias")
    linear_lr: float = _rate(0.001, "linear weights")
    linear_wd: float = _decay(0.001, "linear weights")
    linear_init_method: str = _init_method("each linear weight")
    linear_init_scale: float | None = _init_scale("each linear weight")
    linear_init_sigma: float = _init_sigma(0.01, "each linear weight")
    linear_init_value: float | None = _init_value("each linear weight")
    factors_lr: float = _rate(0.0001, "factors")
    factors_wd: float = _decay(0.00001, "factors")
    factors_init_method: str = _init_method("each factor")
    factors_init_scale: float | None = _init_scale("each factor")
    factors_init_sigma: float = _init_sigma(0.001, "each factor")
    factors_init_value: float | None = _init_value("each factor")

    def by_column(self, name: str) -> Floats:
        """Return ``lr`` or ``wd`` of a feature's linear weight and its factors, (1 + num_factors,)."""
        values = self.values()
        linear, factors = values[f"linear_{name}"], values[f"factors_{name}"]
        return np.array([linear] + [factors] * self.num_factors, np.float32)

    def initial(self, group: str, shape: tuple[int, int], random: np.random.Generator) -> Floats:
        """Return the values with which ``group``, one of bias, linear and factors, starts."""
        values = self.values()
        method, scale, sigma, value = (
            values[f"{group}_init_{name}"] for name in ("method", "scale", "sigma", "value")
        )
        if method == "constant":
            return np.full(shape, value or 0, np.float32)
        if method == "uniform":
            scale = np.float32(_SCALE if scale is None else scale)
            return (2 * random.random(shape, np.float32) - 1) * scale
        return random.standard_normal(shape, np.float32) * np.float32(sigma)
