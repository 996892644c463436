"""The area under the ROC curve of scores that pass by, in memory that does not depend on their number."""

import numpy as np
import numpy.typing as npt

from clary.toolkit.batch import Floats
from clary.toolkit.cluster import Cluster

_BITS = 20  # of a score that count: sign, exponent and 11 of the fraction


class Auc:
    """Counts positive and negative scores by their leading bits; hosts add their counts."""

    def __init__(self) -> None:
        self._counts = np.zeros((2, 1 << _BITS), np.int64)

    def add(self, scores: Floats, *, positive: bool) -> None:
        """Count scores, (rows,)."""
        self._counts[int(positive)] += np.bincount(_places(scores), minlength=1 << _BITS)

    def value(self, cluster: Cluster) -> float:
        """Return the chance that a positive score is above a negative one; equal ones count half."""
        negative, positive = cluster.merge(self._counts).astype(np.float64)
        below = np.cumsum(negative) - negative
        return float(positive @ (below + negative / 2) / (positive.sum() * negative.sum()))


def _places(scores: Floats) -> npt.NDArray[np.int64]:
    """Return integers in the order of the scores: the bits of a float are, but for its sign."""
    bits = np.ascontiguousarray(scores, np.float32).view(np.uint32)
    ordered = np.where(bits >> 31, ~bits, bits | np.uint32(1 << 31))
    return (ordered >> np.uint32(32 - _BITS)).astype(np.int64)
