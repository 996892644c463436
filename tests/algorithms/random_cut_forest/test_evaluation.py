"""Scores beyond three standard deviations are anomalies, measured as scikit-learn measures them."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from clary.algorithms.random_cut_forest.evaluation import measured


def test_three_deviations_decide() -> None:
    random = np.random.default_rng(0)
    scores = np.append(random.normal(1, 0.1, 500), [3.0, 3.5, 1.0])
    labels = np.append(np.zeros(500), [1, 0, 1]).astype(np.float32)
    claimed = scores > scores.mean() + 3 * scores.std()
    assert 2 <= claimed.sum() < 10
    found = measured(scores, labels, ["accuracy", "precision_recall_fscore"])
    assert found["accuracy <score>"] == pytest.approx(accuracy_score(labels, claimed))
    precision, recall, score, _ = precision_recall_fscore_support(labels, claimed)
    for prefix, number in (("negative_", 0), ("", 1)):
        assert found[f"{prefix}precision <score>"] == pytest.approx(precision[number])
        assert found[f"{prefix}recall <score>"] == pytest.approx(recall[number])
        assert found[f"{prefix}f1 <score>"] == pytest.approx(score[number])
    assert list(measured(scores, labels, ["accuracy"])) == ["accuracy <score>"]


def test_nothing_claimed_and_nothing_to_claim_scores_zero() -> None:
    found = measured(np.ones(4), np.zeros(4, np.float32), ["precision_recall_fscore"])
    assert found["f1 <score>"] == 0
    assert found["negative_f1 <score>"] == 1
