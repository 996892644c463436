"""Shifts and scales of features and label, so that one learning rate suits all of them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clary.algorithms.linear_learner.params import REGRESSOR, LinearLearnerParams
from clary.toolkit.batch import Floats
from clary.toolkit.spool import Table

Doubles = npt.NDArray[np.float64]

_ROWS = 16384  # rows normalised at a time, few enough to stay in the cache


@dataclass(frozen=True, slots=True)
class Scaler:
    """``normalised = (raw - shift) / scale``, for each feature and for the label."""

    shift: Doubles
    scale: Doubles
    label_shift: float = 0.0
    label_scale: float = 1.0

    @classmethod
    def fit(cls, table: Table, params: LinearLearnerParams) -> "Scaler":
        """Learn from the first ``num_point_for_scaler`` rows of a shuffled table."""
        sample = table.features[: params.num_point_for_scaler, :-1].astype(np.float64)
        label = table.labels[: params.num_point_for_scaler].astype(np.float64)
        regressor = params.predictor_type == REGRESSOR
        unbias = _resolved(params.unbias_data, params.use_bias)
        unbias_label = regressor and _resolved(params.unbias_label, params.use_bias)
        shift = sample.mean(axis=0) if unbias else np.zeros(sample.shape[1])
        scale = _deviation(sample) if _resolved(params.normalize_data, True) else np.ones(sample.shape[1])
        scale_label = regressor and _resolved(params.normalize_label, True)
        return cls(
            shift,
            scale,
            float(label.mean()) if unbias_label else 0.0,
            float(_deviation(label[:, None])[0]) if scale_label else 1.0,
        )

    def apply(self, table: Table) -> None:
        """Normalise ``table`` in place."""
        shift, inverse = self.shift.astype(np.float32), (1 / self.scale).astype(np.float32)
        for at in range(0, len(table), _ROWS):
            block = table.features[at : at + _ROWS, :-1]
            block -= shift
            block *= inverse
        if (self.label_shift, self.label_scale) != (0.0, 1.0):
            labels = table.labels
            labels -= np.float32(self.label_shift)
            labels *= np.float32(1 / self.label_scale)

    def unfold(self, weights: Floats) -> tuple[Doubles, Doubles]:
        """Return weights (features, outputs) and biases (outputs,) that apply to raw rows.

        ``weights`` has the shape (features + 1, outputs) and applies to normalised rows.
        """
        raw = weights[:-1].astype(np.float64) / self.scale[:, None]
        bias = weights[-1].astype(np.float64) - self.shift @ raw
        return raw * self.label_scale, bias * self.label_scale + self.label_shift


def _resolved(choice: bool | None, auto: bool) -> bool:
    return auto if choice is None else choice


def _deviation(sample: Doubles) -> Doubles:
    """Return the standard deviation of each column, 1 where a column is constant."""
    deviation = sample.std(axis=0)
    tiny = deviation <= 1e-7 * np.abs(sample).max(axis=0, initial=0)
    return np.where(tiny, 1.0, deviation)
