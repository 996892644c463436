"""The area is scikit-learn's, nearly."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from clary.algorithms.ip_insights.auc import Auc
from clary.toolkit.cluster import Cluster


@pytest.mark.parametrize("scale", [1e-3, 1, 1e6])
def test_the_area_is_scikit_learns(scale: float) -> None:
    random = np.random.default_rng(0)
    positive, negative = random.normal(0.5, 1, 3000) * scale, random.normal(0, 1, 5000) * scale
    auc = Auc()
    for part in np.array_split(positive, 3):
        auc.add(part.astype(np.float32), positive=True)
    auc.add(negative.astype(np.float32), positive=False)
    labels = np.repeat([1, 0], [3000, 5000])
    expected = roc_auc_score(labels, np.concatenate([positive, negative]))
    assert auc.value(Cluster()) == pytest.approx(expected, abs=1e-4)


def test_equal_scores_count_half() -> None:
    auc = Auc()
    auc.add(np.zeros(3, np.float32), positive=True)
    auc.add(np.zeros(4, np.float32), positive=False)
    assert auc.value(Cluster()) == 0.5
