"""A trained factorization machine: predicts, and is saved and loaded."""

import json
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from clary.algorithms.factorization_machines import interactions
from clary.algorithms.factorization_machines.interactions import Rows
from clary.algorithms.factorization_machines.params import REGRESSOR
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.predictions import Predictions
from clary.toolkit.sparse import Sparse, nonzero

FILE = "model_algo-1"
_PARAMETERS, _ABOUT = "params.npz", "additional-params.json"
_THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Machine:
    """``bias`` is (1, 1); ``weights``, (features, 1 + factors), have the linear weights in column 0."""

    predictor_type: str
    bias: Floats
    weights: Floats

    def scores(self, rows: Rows) -> Floats:
        """Return the score of each row, before a classifier makes a probability of it."""
        scores, _ = interactions.scores(rows, self.weights)
        scores += self.bias[0, 0]
        return scores

    def predict(self, batch: Batch) -> Predictions:
        """Answer as the linear learner does; a classifier says 1 from a score of 0.5 on."""
        rows, width = batch.rows, len(self.weights)
        if rows.shape[1] != width:
            raise ClientError(f"Each row must have {width} features, as in training; got {rows.shape[1]}.")
        # Dense rows of requests are mostly zeros too: only the weights that they touch are looked at.
        scores = self.scores(rows if isinstance(rows, Sparse) else nonzero(rows)).astype(np.float64)
        if self.predictor_type == REGRESSOR:
            return Predictions({"score": scores}, echoes=batch.echoes)
        chances = np.exp(-np.logaddexp(0, -scores))  # 1 / (1 + exp(-x)) without overflow
        fields: dict[str, npt.NDArray[Any]] = {
            "score": chances,
            "predicted_label": (chances >= _THRESHOLD).astype(np.int64),
        }
        return Predictions(fields, echoes=batch.echoes)

    def save(self, folder: Path) -> None:
        """Write ``model_algo-1``, a zip as SageMaker's is; the parameters are NumPy arrays, not MXNet's.

        ``params.npz`` has ``w0`` (1, 1), ``w1_weight`` (features, 1) and ``v`` (features, factors).
        """
        arrays = BytesIO()
        np.savez(arrays, w0=self.bias, w1_weight=self.weights[:, :1], v=self.weights[:, 1:])
        manifest = {"format": "clary-factorization-machines", "version": 1, "parameters": _PARAMETERS}
        with zipfile.ZipFile(folder / FILE, "w") as archive:
            archive.writestr(_entry("manifest.json"), json.dumps(manifest))
            archive.writestr(_entry(_ABOUT), json.dumps({"predictor_type": self.predictor_type}))
            archive.writestr(_entry(_PARAMETERS), arrays.getvalue())

    @classmethod
    def load(cls, folder: Path) -> "Machine":
        """Read what ``save`` wrote; raises ClientError when ``folder`` holds no such model."""
        try:
            with zipfile.ZipFile(folder / FILE) as archive:
                about = json.loads(archive.read(_ABOUT))
                with np.load(BytesIO(archive.read(_PARAMETERS))) as arrays:
                    weights = np.hstack([arrays["w1_weight"], arrays["v"]])
                    return cls(about["predictor_type"], arrays["w0"], weights)
        except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
            raise ClientError(
                f"{folder / FILE} is not a factorization machine ({error}): "
                "the model data must be what its training job saved."
            ) from error


def _entry(name: str) -> zipfile.ZipInfo:
    """Return an archive entry without the time, so that equal models are equal files."""
    return zipfile.ZipInfo(name)
