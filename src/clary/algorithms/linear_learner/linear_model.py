"""A trained linear model: weights for raw rows, and the meaning of their scores."""

import json
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from clary.algorithms.linear_learner.params import MULTICLASS, REGRESSOR
from clary.toolkit.batch import Batch
from clary.toolkit.errors import ClientError
from clary.toolkit.predictions import Predictions
from clary.toolkit.sparse import Sparse

Doubles = npt.NDArray[np.float64]

FILE = "model_algo-1"
_PARAMETERS = "params.npz"


@dataclass(frozen=True, slots=True)
class LinearModel:
    """``weights`` has the shape (features, outputs), ``bias`` (outputs,), both for raw rows.

    ``threshold`` is the score from which a binary classifier predicts 1.
    """

    predictor_type: str
    loss: str
    weights: Doubles
    bias: Doubles
    threshold: float = 0.5

    def predict(self, batch: Batch) -> Predictions:
        """Answer with the fields that the guide's page "Linear learner response formats" documents."""
        rows = batch.fitted(len(self.weights)).rows
        if isinstance(rows, Sparse):
            scores = rows.dot(self.weights.astype(np.float32)) + self.bias
        else:
            # Double precision, because the bias of raw rows may be many times larger than a score.
            scores = rows.astype(np.float64) @ self.weights + self.bias
        return Predictions(self.fields(scores), echoes=batch.echoes)

    def fields(self, scores: Doubles) -> dict[str, npt.NDArray[Any]]:
        """Return the fields of an answer for linear ``scores`` (rows, outputs)."""
        if self.predictor_type == REGRESSOR:
            return {"score": scores[:, 0]}
        if self.predictor_type == MULTICLASS:
            exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
            probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
            return {"score": probabilities, "predicted_label": probabilities.argmax(axis=1)}
        column = scores[:, 0]
        if self.loss == "logistic":
            column = np.exp(-np.logaddexp(0, -column))  # 1 / (1 + exp(-x)) without overflow
        return {"score": column, "predicted_label": (column >= self.threshold).astype(np.int64)}

    def save(self, folder: Path) -> None:
        """Write ``model_algo-1``: a zip with the names SageMaker's artifact has, and NumPy arrays inside.

        SageMaker's own artifact holds an MXNet symbol and its parameters; MXNet is retired, so the parameters
        are ``params.npz`` here, with ``weights`` (features, outputs) and ``bias`` (outputs,) for raw rows.
        """
        arrays = BytesIO()
        np.savez(arrays, weights=self.weights, bias=self.bias)
        about = {
            "predictor_type": self.predictor_type,
            "loss": self.loss,
            "threshold": self.threshold,
        }
        manifest = {"format": "clary-linear-learner", "version": 1, "parameters": _PARAMETERS}
        with zipfile.ZipFile(folder / FILE, "w") as archive:
            archive.writestr(_entry("manifest.json"), json.dumps(manifest))
            archive.writestr(_entry("additional-params.json"), json.dumps(about))
            archive.writestr(_entry(_PARAMETERS), arrays.getvalue())

    @classmethod
    def load(cls, folder: Path) -> "LinearModel":
        """Read what ``save`` wrote; raises ClientError when ``folder`` holds no such model."""
        try:
            with zipfile.ZipFile(folder / FILE) as archive:
                about = json.loads(archive.read("additional-params.json"))
                with np.load(BytesIO(archive.read(_PARAMETERS))) as arrays:
                    return cls(weights=arrays["weights"], bias=arrays["bias"], **about)
        except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
            raise ClientError(
                f"{folder / FILE} is not a model of this linear learner ({error}): "
                "the model data must be what its training job saved."
            ) from error


def _entry(name: str) -> zipfile.ZipInfo:
    """Return an archive entry without the time, so that equal models are equal files."""
    return zipfile.ZipInfo(name)
