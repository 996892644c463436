"""What is trained: the models, their loss, and how rows count."""

from dataclasses import dataclass, replace

from clary.algorithms.linear_learner.losses import Loss
from clary.algorithms.linear_learner.params import LinearLearnerParams
from clary.algorithms.linear_learner.row_weights import RowWeights
from clary.algorithms.linear_learner.variants import Variant


@dataclass(frozen=True, slots=True)
class Problem:
    """The models to train and what makes one better than another.

    ``unit`` is what a loss on normalised labels is multiplied by to be one on the labels themselves.
    """

    params: LinearLearnerParams
    variants: list[Variant]
    loss: Loss
    weights: RowWeights
    unit: float = 1.0

    def only(self, model: int) -> "Problem":
        """Return the problem of one of the models."""
        return replace(self, variants=[self.variants[model]], weights=self.weights.only(model))
