"""What predictions are worth, added up batch by batch and over hosts."""

import numpy as np
import numpy.typing as npt

from clary.algorithms.factorization_machines.params import REGRESSOR
from clary.toolkit.batch import Floats
from clary.toolkit.cluster import Cluster

Doubles = npt.NDArray[np.float64]

METRICS = {
    "rmse": "rmse <loss>",
    "binary_classification_accuracy": "binary_classification_accuracy <score>",
    "binary_classification_cross_entropy": "binary_classification_cross_entropy <loss>",
    "binary_f_beta": r"binary_f_1.000 <score>",
}
"""The metrics that a tuner may aim at, and what the log calls them."""


class Tally:
    """Sums of errors of a regressor, or of hits and losses of a classifier, given linear scores."""

    def __init__(self, predictor_type: str) -> None:
        self._regressor = predictor_type == REGRESSOR
        self.sums = np.zeros(6)

    def add(self, scores: Floats, labels: Floats) -> None:
        """Add rows: the sums are their number, and then two of errors or five of a classifier's."""
        if self._regressor:
            errors = scores.astype(np.float64) - labels
            self.sums[:3] += len(labels), np.square(errors).sum(), np.abs(errors).sum()
            return
        predicted, positive = scores >= 0, labels == 1
        wide = scores.astype(np.float64)
        loss = np.logaddexp(0, wide) - labels * wide
        counted = (predicted == positive, predicted & positive, predicted, positive)
        self.sums[:2] += len(labels), loss.sum()
        self.sums[2:] += np.count_nonzero(counted, axis=1)

    def metrics(self, cluster: Cluster) -> dict[str, float]:
        """Return the metrics over the rows of all hosts by their names in the log."""
        rows, *sums = (float(value) for value in cluster.merge(self.sums))
        if not rows:
            return {}
        if self._regressor:
            mse = sums[0] / rows
            return {"rmse <loss>": mse**0.5, "mse <loss>": mse, "absolute_loss <loss>": sums[1] / rows}
        loss, correct, hits, claimed, positives = sums
        return {
            "binary_classification_accuracy <score>": correct / rows,
            "binary_classification_cross_entropy <loss>": loss / rows,
            "binary_f_1.000 <score>": 2 * hits / max(claimed + positives, 1),
        }
