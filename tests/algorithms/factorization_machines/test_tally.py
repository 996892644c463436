"""Sums of predictions make the metrics that scikit-learn makes."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, log_loss, mean_absolute_error, mean_squared_error

from clary.algorithms.factorization_machines.params import BINARY, REGRESSOR
from clary.algorithms.factorization_machines.tally import Tally
from clary.toolkit.cluster import Cluster


def test_a_classifier_is_measured_as_scikit_learn_does() -> None:
    random = np.random.default_rng(0)
    scores, labels = random.normal(size=90).astype(np.float32), random.integers(0, 2, 90).astype(np.float32)
    tally = Tally(BINARY)
    for part in (slice(0, 50), slice(50, 90)):
        tally.add(scores[part], labels[part])
    found = tally.metrics(Cluster())
    assert found == {
        "binary_classification_accuracy <score>": pytest.approx(accuracy_score(labels, scores >= 0)),
        "binary_classification_cross_entropy <loss>": pytest.approx(
            log_loss(labels, 1 / (1 + np.exp(-scores.astype(float))))
        ),
        "binary_f_1.000 <score>": pytest.approx(f1_score(labels, scores >= 0)),
    }


def test_a_regressor_is_measured_as_scikit_learn_does() -> None:
    random = np.random.default_rng(0)
    scores, labels = random.normal(size=90).astype(np.float32), random.normal(size=90).astype(np.float32)
    tally = Tally(REGRESSOR)
    tally.add(scores, labels)
    found = tally.metrics(Cluster())
    assert found["mse <loss>"] == pytest.approx(mean_squared_error(labels, scores))
    assert found["rmse <loss>"] == pytest.approx(mean_squared_error(labels, scores) ** 0.5)
    assert found["absolute_loss <loss>"] == pytest.approx(mean_absolute_error(labels, scores))


def test_nothing_is_measured_on_no_rows() -> None:
    assert Tally(REGRESSOR).metrics(Cluster()) == {}
