"""The boosters of one archive that answer together."""

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import scipy.sparse
import xgboost

from clary.algorithms.xgboost import model_file
from clary.algorithms.xgboost.quick import QuickBooster
from clary.toolkit import environment
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.sparse import Sparse

_FEW = 2**20
"""Values up to which sparse rows are written out, those that are missing included."""

_VOTING = ("multi:softmax", "binary:hinge")


class Ensemble:
    """One booster, or several whose answers are averaged, or counted where each names a class."""

    def __init__(self, boosters: Sequence[Any]) -> None:
        self.boosters = tuple(boosters)
        configuration = json.loads(self.boosters[0].save_config())["learner"]
        self.objective = str(configuration["objective"]["name"])
        """What was learnt, such as ``binary:logistic``."""
        self.classes = int(configuration["learner_model_param"]["num_class"])
        """The number of classes; 0 for what is not multi:*."""
        self._linear = configuration["gradient_booster"]["name"] == "gblinear"
        self.width = int(self.boosters[0].num_features())
        """The number of features."""
        self._quick = [QuickBooster.of(booster, self.objective) for booster in self.boosters]

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the boosters of an archive, the first alone where SAGEMAKER_INFERENCE_ENSEMBLE says so."""
        boosters = model_file.read(folder)
        return cls(boosters if environment.inference_ensemble() else boosters[:1])

    def save(self, folder: Path) -> None:
        """Write ``xgboost-model``, or ``xgboost-model-<n>`` for each of several."""
        for number, booster in enumerate(self.boosters):
            name = model_file.FILE if len(self.boosters) == 1 else f"{model_file.FILE}-{number}"
            (folder / name).write_bytes(bytes(booster.save_raw("ubj")))

    def predict(self, batch: Batch) -> Floats:
        """Return what the model answers to rows, (rows,) or (rows, classes); raises ClientError (400)."""
        rows = self._fitting(batch)
        answers = [
            self._answers(booster, quick, rows)
            for booster, quick in zip(self.boosters, self._quick, strict=True)
        ]
        if len(answers) == 1:
            return np.asarray(answers[0], np.float32)
        if self.objective in _VOTING:
            return _commonest(np.stack(answers))
        return np.asarray(np.mean(answers, axis=0, dtype=np.float64), np.float32)

    def _answers(self, booster: Any, quick: QuickBooster | None, rows: Any) -> Any:
        if quick is not None and isinstance(rows, np.ndarray):
            return quick.predict(rows)
        if self._linear:
            return booster.predict(xgboost.DMatrix(rows, nthread=1), validate_features=False)
        return booster.inplace_predict(rows, validate_features=False)

    def _fitting(self, batch: Batch) -> Any:
        """Return the rows as the library takes them; sparse ones may count their features from 1."""
        rows, width = batch.rows, self.width
        if not isinstance(rows, Sparse):
            if rows.shape[1] != width:
                raise ClientError(
                    f"Feature size of inference data, {rows.shape[1]}, is not consistent with feature size "
                    f"of trained model, {width}."
                )
            return rows
        indices = rows.indices
        if len(indices) and indices.min() > 0 and indices.max() == width:
            indices = indices - 1
        if len(indices) and indices.max() >= width:
            raise ClientError(
                f"Feature size of inference data, {rows.width}, is larger than feature size of trained "
                f"model, {width}."
            )
        if all(self._quick) and len(rows) * width <= _FEW:
            table = np.full((len(rows), width), np.nan, np.float32)
            table[rows.numbers(), indices] = rows.values
            return table
        return scipy.sparse.csr_matrix((rows.values, indices, rows.starts), shape=(len(rows), width))

    @cached_property
    def labels(self) -> list[int] | None:
        """The classes; None for what is no classification."""
        if self.objective.startswith("binary:"):
            return [0, 1]
        return list(range(self.classes)) if self.objective.startswith("multi:") else None


def _commonest(answers: Floats) -> Floats:
    """Return of (models, rows) the class of each row that most models name, the lowest where several are."""
    classes = np.unique(answers)
    votes = (answers[:, :, None] == classes).sum(axis=0)
    return np.asarray(classes[votes.argmax(axis=1)], np.float32)
