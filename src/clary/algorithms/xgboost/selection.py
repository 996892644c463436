"""Selectable inference: which facts SAGEMAKER_INFERENCE_OUTPUT asks of a model, and how CSV writes them.

Keys, and what each objective can tell, are those of SageMaker's container.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from clary.algorithms.xgboost.ensemble import Ensemble
from clary.toolkit.batch import Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.predictions import Predictions

Column = npt.NDArray[np.generic]

_LABELLED = ("predicted_label", "labels", "raw_score", "raw_scores")
_PROBABLE = (*_LABELLED, "probability", "probabilities")
_KEYS = {
    "reg:squarederror": ("predicted_score",),
    "reg:logistic": ("predicted_score",),
    "reg:gamma": ("predicted_score",),
    "reg:tweedie": ("predicted_score",),
    "reg:absoluteerror": ("predicted_score",),
    "reg:squaredlogerror": ("predicted_score",),
    "binary:logistic": _PROBABLE,
    "binary:logitraw": _LABELLED,
    "binary:hinge": _LABELLED,
    "multi:softmax": _LABELLED,
    "multi:softprob": _PROBABLE,
}  # fmt: skip


class _Unknown(float):
    """NaN as the container writes it: in CSV ``nan``, in JSON ``NaN``."""

    def __str__(self) -> str:
        return "nan"

    def __repr__(self) -> str:
        return "NaN"


def selected(
    ensemble: Ensemble, answers: Floats, keys: Sequence[str], echoes: Sequence[bytes]
) -> Predictions:
    """Return ``keys`` of each row from what the model answers, (rows,) or (rows, classes).

    A key that the objective cannot tell is NaN. Raises ClientError for an objective that has none.
    """
    possible = _KEYS.get(ensemble.objective)
    if possible is None:
        raise ClientError(
            f"Objective `{ensemble.objective}` unsupported for selectable inference predictions."
        )
    fields = {
        key: _column(ensemble, answers, key)
        if key in possible
        else np.array([_Unknown("nan")] * len(answers), object)
        for key in dict.fromkeys(keys)
    }
    return Predictions(fields, echoes=echoes)


def encode(predictions: Predictions) -> bytes:
    """Return one line of CSV for each row, in which a list stands between quotes and brackets."""
    columns = [column.tolist() for column in predictions.fields.values()]
    return "\n".join(",".join(map(_cell, row)) for row in zip(*columns, strict=True)).encode()


def _cell(value: object) -> str:
    return f'"{value}"' if isinstance(value, list) else str(value)


def _column(ensemble: Ensemble, answers: Floats, key: str) -> Column:
    """Return one fact for each row."""
    match key:
        case "predicted_label":
            return _predicted(ensemble.objective, answers)
        case "labels":
            return np.tile(np.array(ensemble.labels), (len(answers), 1))
        case "probabilities" | "raw_scores":
            return answers if answers.ndim > 1 else np.column_stack([1 - answers, answers])
        case _:
            return np.asarray(answers.max(axis=1)) if answers.ndim > 1 else answers


def _predicted(objective: str, answers: Floats) -> Column:
    if answers.ndim > 1:
        return np.asarray(answers.argmax(axis=1))
    if objective in ("binary:hinge", "multi:softmax"):
        return answers
    return (answers > (0 if objective == "binary:logitraw" else 0.5)).astype(np.int64)
