"""The weights of all models that are trained side by side."""

from dataclasses import dataclass

import numpy as np

from clary.algorithms.linear_learner.optimizers import SGD, Adam, Optimizer, Penalty, RMSProp
from clary.algorithms.linear_learner.params import LinearLearnerParams
from clary.algorithms.linear_learner.schedule import Schedule
from clary.algorithms.linear_learner.variants import Variant
from clary.toolkit.batch import Floats
from clary.toolkit.examples import Examples
from clary.toolkit.sparse import Longs

_SEED = 2
_BIAS_LR_MULT = 10.0
_ADAM = (0.9, 0.999)
_RMSPROP_DECAY = 0.9
_MOMENTUM = 0.9


@dataclass(slots=True)
class Pack:
    """The weights now, ``weights``, and each model's best so far, ``best``, of loss ``best_loss`` (models,).

    ``tail`` is the mean of the weights over the later half of the last epoch: steps of a constant size dance
    around the optimum, and their mean lies closer to it (Polyak and Juditsky, "Acceleration of stochastic
    approximation by averaging", 1992).

    Weights have the shape (features + 1, models * outputs): the columns of a model lie side by side and the
    last row is the bias.
    """

    weights: Floats
    tail: Floats
    best: Floats
    best_loss: Floats
    outputs: int

    @classmethod
    def initial(cls, params: LinearLearnerParams, models: int, rows: int) -> "Pack":
        """Return random weights of ``models`` models with ``rows`` rows, drawn as ``init_method`` says."""
        random = np.random.default_rng(_SEED)
        shape = (rows, models * params.outputs)
        if params.init_method == "normal":
            drawn = random.normal(0, params.init_sigma, shape)
        else:
            drawn = random.uniform(-params.init_scale, params.init_scale, shape)
        weights = drawn.astype(np.float32)
        weights[-1] = params.init_bias if params.use_bias else 0
        return cls(
            weights, weights.copy(), weights.copy(), np.full(models, np.inf, np.float32), params.outputs
        )

    def scores(self, examples: Examples, weights: Floats, out: Floats) -> Floats:
        """Return the scores of ``examples`` by ``weights``: (rows, models), or (rows, models, classes)."""
        scores = examples.scores(weights, out[: len(examples)])
        return scores if self.outputs == 1 else scores.reshape(len(examples), -1, self.outputs)

    def keep_better(self, losses: Floats, weights: Floats) -> None:
        """Copy those of ``weights`` whose model's loss is the least it has had."""
        better = losses < self.best_loss
        columns = np.repeat(better, self.outputs)
        self.best[:, columns] = weights[:, columns]
        self.best_loss[better] = losses[better]

    def model(self, index: int) -> Floats:
        """Return the best weights of one model, (features + 1, outputs)."""
        return self.best[:, index * self.outputs : (index + 1) * self.outputs]


class Rates:
    """The learning rate of every weight, which decays step by step."""

    def __init__(
        self, params: LinearLearnerParams, variants: list[Variant], width: int, schedule: Schedule
    ) -> None:
        self._columns = _columns([variant.learning_rate for variant in variants], params.outputs)
        bias = _BIAS_LR_MULT if params.bias_lr_mult is None else params.bias_lr_mult
        self._bias = self._columns * np.float32(bias if params.use_bias else 0)
        self._width, self._schedule = width, schedule
        self._full = np.empty((0, 0), np.float32)

    def at(self, step: int) -> Floats:
        """Return the rates of all weights at ``step``."""
        if step % self._schedule.step == 0 or not len(self._full):
            self._full = self.of(np.arange(self._width), step)
        return self._full

    def of(self, rows: Longs, step: int) -> Floats:
        """Return the rates of some rows of the weights at ``step``."""
        rates = np.tile(self._decayed(self._columns, step), (len(rows), 1))
        rates[rows == self._width - 1] = self._decayed(self._bias, step)
        return rates

    def _decayed(self, initial: Floats, step: int) -> Floats:
        """Return rates after so many steps; one that begins below the schedule's least stays as it is."""
        now = initial * np.float32(self._schedule.multiplier(step))
        return np.asarray(np.maximum(now, np.minimum(initial, np.float32(self._schedule.least))), np.float32)


def make_optimizer(params: LinearLearnerParams, variants: list[Variant], weights: Floats) -> Optimizer:
    """Return the optimizer the hyperparameters ask for."""
    penalty = Penalty(
        _penalty(params, [variant.l1 for variant in variants], weights.shape),
        _penalty(params, [variant.wd for variant in variants], weights.shape),
    )
    if params.optimizer == "sgd":
        return SGD(weights, penalty, _or(params.momentum, _MOMENTUM))
    if params.optimizer == "rmsprop":
        return RMSProp(weights, penalty, _or(params.beta_2, _RMSPROP_DECAY))
    return Adam(weights, penalty, (_or(params.beta_1, _ADAM[0]), _or(params.beta_2, _ADAM[1])))


def _penalty(params: LinearLearnerParams, values: list[float], shape: tuple[int, int]) -> Floats | None:
    if not any(values):
        return None
    penalty = np.broadcast_to(_columns(values, params.outputs), shape).copy()
    penalty[-1] *= np.float32(_or(params.bias_wd_mult, 0.0))
    return penalty


def _columns(values: list[float], outputs: int) -> Floats:
    """Return one value for each column of the weights."""
    return np.repeat(np.array(values, np.float32), outputs)


def _or(value: float | None, default: float) -> float:
    return default if value is None else value
