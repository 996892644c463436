"""The hyperparameters of ``forecasting-deepar``, as the guide's page "DeepAR Hyperparameters" has them."""

import json
from typing import Any

from clary.algorithms.deepar.frequency import FORM, Frequency
from clary.toolkit.hyperparameters import REQUIRED, Hyperparameter, Hyperparameters, choice, integer, real

_QUANTILES = "[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]"

AUTO, IGNORE = "auto", "ignore"


def _time_freq(text: str) -> str:
    Frequency.parse(text)
    return text


def _cardinality(text: str) -> str | tuple[int, ...]:
    """Return ``auto``, ``ignore``, or how many values each category has."""
    if text in (AUTO, IGNORE, ""):
        return text or IGNORE
    sizes = json.loads(text)
    if not isinstance(sizes, list) or not all(type(size) is int and size > 0 for size in sizes):
        raise ValueError(text)
    return tuple(sizes)


def _num_dynamic_feat(text: str) -> str | int:
    if text in (AUTO, IGNORE, ""):
        return text or IGNORE
    if int(text) < 1:
        raise ValueError(text)
    return int(text)


def _quantiles(text: str) -> tuple[float, ...]:
    levels = json.loads(text)
    if not isinstance(levels, list) or not levels:
        raise ValueError(text)
    if not all(isinstance(level, int | float) and 0 < level < 1 for level in levels):
        raise ValueError(text)
    return tuple(map(float, levels))


def _free(default: Any, about: str, convert: Any, rule: str) -> Any:
    return Hyperparameter("FreeText", default, about, convert, rule)


class DeepARParams(Hyperparameters):
    """Names, types, ranges and defaults as SageMaker documents them."""

    context_length: int = integer(
        ge=1, tunable=True, about="Time points that the network gets to see before it forecasts."
    )
    epochs: int = integer(ge=1, tunable=True, about="Most passes over the training data.")
    prediction_length: int = integer(ge=1, about="Time points to forecast.")
    time_freq: str = _free(REQUIRED, "Time between two points of a series.", _time_freq, FORM)
    cardinality: Any = _free(
        AUTO,
        "How many values each category of 'cat' has; ignore makes no use of them.",
        _cardinality,
        "'auto', 'ignore', an empty string or a JSON list of positive integers, such as [10, 3]",
    )
    dropout_rate: float = real(
        0.1, ge=0, lt=1, tunable=True, about="Share of outputs that zoneout keeps as they were a step before."
    )
    early_stopping_patience: int | None = integer(
        None, ge=1, about="Epochs without a lower loss after which training stops; never unless given."
    )
    embedding_dimension: int = integer(10, ge=1, tunable=True, about="Length of each category's vector.")
    learning_rate: float = real(1e-3, gt=0, tunable=True, about="Step size of Adam.")
    likelihood: str = choice(
        "gaussian",
        "beta",
        "negative-binomial",
        "student-T",
        "deterministic-L1",
        default="student-T",
        about="Distribution of the target: real numbers, 0 to 1, counts, bursty numbers, points only.",
    )
    mini_batch_size: int = integer(128, ge=1, tunable=True, about="Windows of a step.")
    num_cells: int = integer(40, ge=1, tunable=True, about="Cells of each layer.")
    num_dynamic_feat: Any = _free(
        AUTO,
        "How many series 'dynamic_feat' has; ignore makes no use of them.",
        _num_dynamic_feat,
        "'auto', 'ignore', an empty string or a positive integer",
    )
    num_eval_samples: int = integer(
        100, ge=1, about="Samples that a forecast of the test channel is made of."
    )
    num_layers: int = integer(2, ge=1, tunable=True, about="Layers of the network.")
    test_quantiles: tuple[float, ...] = _free(
        _QUANTILES, "Quantiles whose loss is measured on the test channel.", _quantiles,
        "a JSON list of numbers between 0 and 1, such as [0.1, 0.5, 0.9]",
    )  # fmt: skip
