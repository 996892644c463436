"""What scores are worth, where it is known which rows are anomalies."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from clary.algorithms.random_cut_forest.measure import Doubles
from clary.toolkit.batch import Floats

_DEVIATIONS = 3


def measured(scores: Doubles, labels: Floats, wanted: Sequence[str]) -> dict[str, float]:
    """Return the metrics by their names in the log; ``labels``, (rows,), are 1 for anomalies and else 0.

    A row is taken for an anomaly when its score is more than three standard deviations above the mean, as the
    guide's page "How RCF Works" has it.
    """
    claimed = scores > scores.mean() + _DEVIATIONS * scores.std()
    truth = labels == 1
    found: dict[str, float] = {}
    if "accuracy" in wanted:
        found["accuracy <score>"] = float(np.mean(claimed == truth))
    if "precision_recall_fscore" in wanted:
        found |= _fscores("", claimed, truth) | _fscores("negative_", ~claimed, ~truth)
    return found


def _fscores(prefix: str, claimed: npt.NDArray[np.bool_], truth: npt.NDArray[np.bool_]) -> dict[str, float]:
    hits = float(np.count_nonzero(claimed & truth))
    claims, positives = float(np.count_nonzero(claimed)), float(np.count_nonzero(truth))
    return {
        f"{prefix}precision <score>": hits / max(claims, 1),
        f"{prefix}recall <score>": hits / max(positives, 1),
        f"{prefix}f1 <score>": 2 * hits / max(claims + positives, 1),
    }
