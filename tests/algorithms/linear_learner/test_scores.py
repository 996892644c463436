"""Metrics agree with scikit-learn's."""

import numpy as np
import pytest
from sklearn import metrics

from clary.algorithms.linear_learner.params import LinearLearnerParams
from clary.algorithms.linear_learner.scores import scores_of

RANDOM = np.random.default_rng(0)


def test_binary_metrics() -> None:
    params = LinearLearnerParams.parse({"predictor_type": "binary_classifier", "f_beta": "2"})
    labels = RANDOM.integers(0, 2, 200).astype(float)
    score = np.round(RANDOM.random(200) * 0.7 + labels * 0.3, 1)
    predicted = (score >= 0.6).astype(float)
    found = scores_of(params, score, predicted, labels)
    expected = {
        "binary_classification_accuracy <score>": metrics.accuracy_score(labels, predicted),
        "binary_f_2.000 <score>": metrics.fbeta_score(labels, predicted, beta=2),
        "precision <score>": metrics.precision_score(labels, predicted),
        "recall <score>": metrics.recall_score(labels, predicted),
        "roc_auc_score <score>": metrics.roc_auc_score(labels, score),
    }
    assert found == pytest.approx(expected)


def test_area_under_roc_is_left_out_where_it_is_undefined() -> None:
    params = LinearLearnerParams.parse({"predictor_type": "binary_classifier"})
    ones = np.ones(3)
    assert "roc_auc_score <score>" not in scores_of(params, ones, ones, ones)


def test_multiclass_metrics() -> None:
    params = LinearLearnerParams.parse({"predictor_type": "multiclass_classifier", "num_classes": "4"})
    labels = RANDOM.integers(0, 4, 300).astype(float)
    score = RANDOM.dirichlet(np.ones(4), 300)
    predicted = score.argmax(axis=1).astype(float)
    found = scores_of(params, score, predicted, labels)
    expected = {
        "multiclass_accuracy <score>": metrics.accuracy_score(labels, predicted),
        "multiclass_top_k_accuracy_3 <score>": metrics.top_k_accuracy_score(labels, score, k=3),
        "macro_recall <score>": metrics.recall_score(labels, predicted, average="macro"),
        "macro_precision <score>": metrics.precision_score(labels, predicted, average="macro"),
        "macro_f_1.000 <score>": metrics.f1_score(labels, predicted, average="macro"),
        "multiclass_balanced_accuracy <score>": metrics.balanced_accuracy_score(labels, predicted),
        "multiclass_log_loss <loss>": metrics.log_loss(labels, score),
        "dcg <score>": metrics.dcg_score(np.eye(4)[labels.astype(int)], score),
    }
    assert found == pytest.approx(expected)


def test_regression_metrics() -> None:
    params = LinearLearnerParams.parse({"predictor_type": "regressor"})
    found = scores_of(params, np.array([1.0, 2.0]), np.array([1.0, 2.0]), np.array([1.0, 5.0]))
    assert found == pytest.approx({"mse <loss>": 4.5, "absolute_loss <loss>": 1.5, "rmse <loss>": 4.5**0.5})
