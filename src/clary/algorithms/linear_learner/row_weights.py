"""How much each row counts, by its label."""

from dataclasses import dataclass

import numpy as np

from clary.algorithms.linear_learner.params import MULTICLASS, LinearLearnerParams
from clary.algorithms.linear_learner.variants import Variant
from clary.toolkit.batch import Floats


def balance(labels: Floats) -> float:
    """Return the weight of positive rows with which both classes count the same; 1 where one is absent."""
    positive = float(np.count_nonzero(labels == 1))
    return (len(labels) - positive) / positive if 0 < positive < len(labels) else 1.0


@dataclass(frozen=True, slots=True)
class RowWeights:
    """Weights by class, (classes, models) or (classes, 1); None where every row counts 1."""

    by_class: Floats | None

    @classmethod
    def of(cls, params: LinearLearnerParams, variants: list[Variant], labels: Floats) -> "RowWeights":
        """Return the weights the hyperparameters ask for, on training data with ``labels``."""
        if params.predictor_type == MULTICLASS and params.balance_multiclass_weights:
            counts = np.bincount(labels.astype(np.intp), minlength=params.outputs)
            weights = len(labels) / (params.outputs * np.maximum(counts, 1))
            return cls(weights.astype(np.float32)[:, None])
        if any(variant.positive_weight is not None for variant in variants):
            positive = np.array([variant.positive_weight or 1.0 for variant in variants], np.float32)
            return cls(np.stack([np.ones_like(positive), positive]))
        return cls(None)

    def apply(self, values: Floats, labels: Floats) -> Floats:
        """Multiply ``values``, (rows, models) or (rows, models, classes), by their rows' weights in place."""
        if self.by_class is not None:
            weights = self.by_class[labels[:, 0].astype(np.intp)]
            values *= weights if values.ndim == 2 else weights[:, :, None]
        return values
