"""How much each row counts, by its label."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clary.algorithms.linear_learner.params import MULTICLASS, LinearLearnerParams
from clary.algorithms.linear_learner.variants import Variant
from clary.toolkit.batch import Floats

Doubles = npt.NDArray[np.float64]


def balance(counts: Doubles) -> float:
    """Return the weight of positive rows with which both classes count the same; 1 where one is absent."""
    return float(counts[0] / counts[1]) if len(counts) > 1 and counts[:2].all() else 1.0


@dataclass(frozen=True, slots=True)
class RowWeights:
    """Weights by class, (classes, models) or (classes, 1); None where every row counts 1."""

    by_class: Floats | None

    @classmethod
    def of(cls, params: LinearLearnerParams, variants: list[Variant], counts: Doubles) -> "RowWeights":
        """Return the weights the hyperparameters ask for, with ``counts`` training rows of each class."""
        if params.predictor_type == MULTICLASS and params.balance_multiclass_weights:
            weights = counts.sum() / (params.outputs * np.maximum(counts, 1))
            return cls(weights.astype(np.float32)[:, None])
        if any(variant.positive_weight is not None for variant in variants):
            positive = np.array([variant.positive_weight or 1.0 for variant in variants], np.float32)
            return cls(np.stack([np.ones_like(positive), positive]))
        return cls(None)

    def only(self, model: int) -> "RowWeights":
        """Return the weights of one model."""
        if self.by_class is None or self.by_class.shape[1] == 1:
            return self
        return RowWeights(self.by_class[:, model : model + 1])

    def apply(self, values: Floats, labels: Floats) -> Floats:
        """Multiply ``values``, (rows, models) or (rows, models, classes), by their rows' weights in place."""
        if self.by_class is not None:
            weights = self.by_class[labels[:, 0].astype(np.intp)]
            values *= weights if values.ndim == 2 else weights[:, :, None]
        return values
