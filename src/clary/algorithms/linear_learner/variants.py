"""The differently parameterised models that are trained side by side in one pass."""

from dataclasses import dataclass
from itertools import product

from clary.algorithms.linear_learner.params import LinearLearnerParams

MODELS = 32
"""What ``num_models=auto`` means, as in SageMaker's container."""

_SCORES = 4_000_000
"""Scores of a minibatch, over all models and classes, that ``auto`` keeps below by training fewer models."""

_WEIGHTS = 4_000_000
"""Weights of all models that ``auto`` keeps below likewise: with a million features, four models."""

_RATES = {
    "adam": (0.01, 0.003, 0.03, 0.1, 0.001, 0.3, 0.0003, 0.0001),
    "rmsprop": (0.01, 0.003, 0.03, 0.1, 0.001, 0.3, 0.0003, 0.0001),
    "sgd": (0.03, 0.01, 0.1, 0.003, 0.3, 0.001, 1.0, 0.0003),
}
"""Learning rates that ``auto`` tries, the one most likely to be best first."""

_PENALTIES = ((0.0, 1.0), (0.0, 0.0), (0.0, 10.0), (3.0, 0.0))
"""Pairs of l1 and wd that ``auto`` tries, in units of one row: the loss is a mean over rows, of which a prior
on the weights has one row's part."""


@dataclass(frozen=True, slots=True)
class Variant:
    """The settings of one model; ``positive_weight`` is None where rows are not weighted by label."""

    learning_rate: float
    l1: float
    wd: float
    positive_weight: float | None = None


def variants(params: LinearLearnerParams, shape: tuple[int, int], balance: float) -> list[Variant]:
    """Return the models to train on data of ``shape`` (rows, features); ``balance`` is that of both classes.

    What the user fixed is fixed in all of them. A tuning job, which does the search itself, trains one.
    """
    rows, width = shape
    rates = _RATES[params.optimizer or "adam"] if params.learning_rate is None else (params.learning_rate,)
    tried = [(l1 / rows, wd / rows) for l1, wd in _PENALTIES]
    l1s = sorted({l1 for l1, _ in tried}) if params.l1 is None else [params.l1]
    wds = sorted({wd for _, wd in tried}) if params.wd is None else [params.wd]
    free = params.l1 is None and params.wd is None
    penalties = tried if free else list(product(l1s, wds))
    weights = _positive_weights(params, balance)
    grid = [Variant(rate, l1, wd, weight) for (l1, wd), weight, rate in product(penalties, weights, rates)]
    return _repeated(grid, _count(params, len(grid), width))


def _positive_weights(params: LinearLearnerParams, balance: float) -> list[float | None]:
    asked = params.positive_example_weight_mult
    if asked == "balanced":
        return [balance]
    if asked == "auto":
        return [1.0, balance]
    return [None if asked == 1.0 else float(asked)]


def _count(params: LinearLearnerParams, distinct: int, width: int) -> int:
    if params.tuning_objective is not None:
        return 1
    if params.num_models is not None:
        return params.num_models
    room = min(_SCORES // params.mini_batch_size, _WEIGHTS // width) // params.outputs
    return max(1, min(MODELS, distinct, room))


def _repeated(grid: list[Variant], count: int) -> list[Variant]:
    """Return the first ``count`` of the grid; beyond its end, the grid again (initial weights differ)."""
    return [grid[index % len(grid)] for index in range(count)]
