"""Distributions of a target, from what the network says of it: their losses, and samples of them.

Formulas are those of Salinas, Flunkert, Gasthaus: "DeepAR: Probabilistic Forecasting with Autoregressive
Recurrent Networks" (2017). Tensors are (windows, points), what the network says has one axis more; ``scale``
is (windows, 1).
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import torch
from torch.nn.functional import softplus

_LEAST = 1e-4
_CLIPPED = 1e-3  # how near to 0 and 1 a beta distribution's target may be


class Likelihood(ABC):
    """A distribution with ``width`` parameters."""

    width: ClassVar[int]

    @abstractmethod
    def loss(self, said: Any, target: Any, scale: Any) -> Any:
        """Return the negative logarithm of the density at ``target``, or the error of a point forecast."""

    @abstractmethod
    def sample(self, said: Any, scale: Any) -> Any:
        """Draw a value for each point."""


class Gaussian(Likelihood):
    """Real numbers."""

    width = 2

    def loss(self, said: Any, target: Any, scale: Any) -> Any:
        """Return the loss."""
        deviation = softplus(said[..., 1]) + _LEAST
        error = (target / scale - said[..., 0]) / deviation
        return 0.5 * error * error + torch.log(deviation * scale) + 0.5 * math.log(2 * math.pi)

    def sample(self, said: Any, scale: Any) -> Any:
        """Draw normally."""
        deviation = softplus(said[..., 1]) + _LEAST
        return scale * (said[..., 0] + deviation * torch.randn_like(deviation))


class StudentT(Likelihood):
    """Real numbers, some far from the others."""

    width = 3

    def loss(self, said: Any, target: Any, scale: Any) -> Any:
        """Return the loss."""
        freedom, deviation = 2 + softplus(said[..., 2]), softplus(said[..., 1]) + _LEAST
        error = (target / scale - said[..., 0]) / deviation
        half = 0.5 * freedom
        return (
            torch.lgamma(half)
            - torch.lgamma(half + 0.5)
            + 0.5 * torch.log(math.pi * freedom)
            + torch.log(deviation * scale)
            + (half + 0.5) * torch.log1p(error * error / freedom)
        )

    def sample(self, said: Any, scale: Any) -> Any:
        """Draw normally and divide by the root of a gamma variable."""
        freedom, deviation = 2 + softplus(said[..., 2]), softplus(said[..., 1]) + _LEAST
        half = 0.5 * freedom
        spread = torch.sqrt(half / _gamma(half))
        return scale * (said[..., 0] + deviation * spread * torch.randn_like(spread))


class NegativeBinomial(Likelihood):
    """Counts."""

    width = 2

    def loss(self, said: Any, target: Any, scale: Any) -> Any:
        """Return the loss."""
        mean, shape = self._parameters(said, scale)
        inverse, product = 1 / shape, shape * mean
        return (
            torch.lgamma(target + 1)
            + torch.lgamma(inverse)
            - torch.lgamma(target + inverse)
            + inverse * torch.log1p(product)
            - target * (torch.log(product) - torch.log1p(product))
        )

    def sample(self, said: Any, scale: Any) -> Any:
        """Draw from a Poisson distribution whose rate is a gamma variable."""
        mean, shape = self._parameters(said, scale)
        return torch.poisson(_gamma(1 / shape) * shape * mean)

    def _parameters(self, said: Any, scale: Any) -> tuple[Any, Any]:
        mean = (softplus(said[..., 0]) + _LEAST) * scale
        return mean, softplus(said[..., 1]) / torch.sqrt(scale) + _LEAST


class Beta(Likelihood):
    """Numbers between 0 and 1."""

    width = 2

    def loss(self, said: Any, target: Any, scale: Any) -> Any:  # noqa: ARG002 - it is its own scale
        """Return the loss; 0 and 1 count as numbers near them."""
        one, other = self._parameters(said)
        inside = target.clamp(_CLIPPED, 1 - _CLIPPED)
        return (
            torch.lgamma(one)
            + torch.lgamma(other)
            - torch.lgamma(one + other)
            - (one - 1) * torch.log(inside)
            - (other - 1) * torch.log1p(-inside)
        )

    def sample(self, said: Any, scale: Any) -> Any:  # noqa: ARG002 - it is its own scale
        """Draw one gamma variable's share of two."""
        one, other = map(_gamma, self._parameters(said))
        return one / (one + other)

    def _parameters(self, said: Any) -> tuple[Any, Any]:
        strength = softplus(said[..., 1]) + _LEAST
        mean = torch.sigmoid(said[..., 0])
        return 10 * strength * mean + _LEAST, 10 * strength * (1 - mean) + _LEAST


class DeterministicL1(Likelihood):
    """One number, the median; all samples are alike."""

    width = 1

    def loss(self, said: Any, target: Any, scale: Any) -> Any:
        """Return the absolute error."""
        return torch.abs(target - said[..., 0] * scale)

    def sample(self, said: Any, scale: Any) -> Any:
        """Return the forecast."""
        return said[..., 0] * scale


def _gamma(shape: Any) -> Any:
    return torch.distributions.Gamma(shape, torch.ones_like(shape), validate_args=False).sample()


LIKELIHOODS: Mapping[str, Likelihood] = MappingProxyType(
    {
        "gaussian": Gaussian(),
        "beta": Beta(),
        "negative-binomial": NegativeBinomial(),
        "student-T": StudentT(),
        "deterministic-L1": DeterministicL1(),
    }
)
