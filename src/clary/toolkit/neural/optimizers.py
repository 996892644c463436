"""Optimizers by the names that SageMaker's algorithms give them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import torch


@dataclass(frozen=True, slots=True)
class OptimizerSettings:
    """What optimizers are set by; each takes what it knows.

    ``decay`` is that of RMSProp's mean of squares, ``gamma`` or ``rho`` elsewhere, ``inertia`` its momentum;
    ``rho`` is AdaDelta's.
    """

    learning_rate: float
    weight_decay: float = 0.0
    momentum: float = 0.9
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    decay: float = 0.9
    rho: float = 0.95
    initial_accumulator_value: float = 0.0
    inertia: float = 0.0


def optimizer(name: str, parameters: Iterable[Any], settings: OptimizerSettings) -> Any:
    """Return the ``torch.optim.Optimizer`` called ``name`` in SageMaker; raises KeyError for no such."""
    return _MAKERS[name](list(parameters), settings)


def set_learning_rate(optimizer: Any, rate: float) -> None:
    """Let all parameters learn at ``rate`` from now on."""
    for group in optimizer.param_groups:
        group["lr"] = rate


def _sgd(parameters: list[Any], settings: OptimizerSettings, *, nesterov: bool = False) -> Any:
    return torch.optim.SGD(
        parameters,
        settings.learning_rate,
        settings.momentum,
        weight_decay=settings.weight_decay,
        nesterov=nesterov and settings.momentum > 0,
    )


def _nesterov(parameters: list[Any], settings: OptimizerSettings) -> Any:
    return _sgd(parameters, settings, nesterov=True)


def _adam(parameters: list[Any], settings: OptimizerSettings, *, decoupled: bool = False) -> Any:
    kind = torch.optim.AdamW if decoupled else torch.optim.Adam
    betas = (settings.beta_1, settings.beta_2)
    return kind(parameters, settings.learning_rate, betas, settings.epsilon, settings.weight_decay)


def _adamw(parameters: list[Any], settings: OptimizerSettings) -> Any:
    return _adam(parameters, settings, decoupled=True)


def _rmsprop(parameters: list[Any], settings: OptimizerSettings) -> Any:
    return torch.optim.RMSprop(
        parameters,
        settings.learning_rate,
        settings.decay,
        settings.epsilon,
        settings.weight_decay,
        settings.inertia,
    )


def _adagrad(parameters: list[Any], settings: OptimizerSettings) -> Any:
    return torch.optim.Adagrad(
        parameters,
        settings.learning_rate,
        weight_decay=settings.weight_decay,
        initial_accumulator_value=settings.initial_accumulator_value,
        eps=settings.epsilon,
    )


def _adadelta(parameters: list[Any], settings: OptimizerSettings) -> Any:
    return torch.optim.Adadelta(
        parameters, settings.learning_rate, settings.rho, settings.epsilon, settings.weight_decay
    )


_MAKERS: Mapping[str, Callable[[list[Any], OptimizerSettings], Any]] = MappingProxyType(
    {
        "sgd": _sgd,
        "nag": _nesterov,
        "nesterov": _nesterov,
        "adam": _adam,
        "adamw": _adamw,
        "rmsprop": _rmsprop,
        "adagrad": _adagrad,
        "adadelta": _adadelta,
    }
)
