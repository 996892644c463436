"""The threshold is the best one, and stays at one half where data cannot tell better."""

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from clary.algorithms.linear_learner.criterion import Criterion, make_criterion
from clary.algorithms.linear_learner.params import LinearLearnerParams
from clary.algorithms.linear_learner.selection import calibrate
from clary.toolkit.batch import Floats


def criterion(name: str, **more: str) -> Criterion:
    params = LinearLearnerParams.parse(
        {
            "predictor_type": "binary_classifier",
            "binary_classifier_model_selection_criteria": name,
            **more,
        }
    )
    made = make_criterion(params)
    assert made is not None
    return made


def skewed(rows: int = 20_000) -> tuple[Floats, Floats]:
    """Return probabilities and the labels drawn by them, one in twenty positive."""
    random = np.random.default_rng(0)
    scores = random.beta(0.5, 9.5, rows).astype(np.float32)
    return scores, (random.random(rows) < scores).astype(np.float32)


def test_f1_is_within_a_standard_error_of_the_best_threshold() -> None:
    scores, labels = skewed()
    threshold = calibrate(scores, labels, criterion("f1"), 0.5)
    best = max(f1_score(labels, scores >= cut) for cut in np.linspace(0.01, 0.9, 90))
    assert f1_score(labels, scores >= threshold) > best - 0.02
    assert f1_score(labels, scores >= 0.5) < best - 0.1


def test_precision_holds_the_target_recall() -> None:
    scores, labels = skewed()
    measure = criterion("precision_at_target_recall", target_recall="0.9")
    assert recall_score(labels, scores >= calibrate(scores, labels, measure, 0.5)) >= 0.9


def test_recall_holds_the_target_precision() -> None:
    scores, labels = skewed()
    measure = criterion("recall_at_target_precision", target_precision="0.4")
    assert precision_score(labels, scores >= calibrate(scores, labels, measure, 0.5)) >= 0.4


def test_one_half_stays_where_it_is_as_good_as_any() -> None:
    scores = np.array([0.1, 0.2, 0.7, 0.9], np.float32)
    assert calibrate(scores, np.array([0, 0, 1, 1], np.float32), criterion("accuracy"), 0.5) == 0.5


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_a_single_class_is_predicted_throughout(label: float) -> None:
    scores = np.array([0.3, 0.6], np.float32)
    threshold = calibrate(scores, np.full(2, label, np.float32), criterion("accuracy"), 0.5)
    assert ((scores >= threshold) == label).all()


def test_margins_may_have_any_threshold() -> None:
    scores = np.array([-9, -5, -4, -3], np.float32)
    threshold = calibrate(scores, np.array([0, 0, 1, 1], np.float32), criterion("accuracy"), 0.0)
    assert -5 < threshold <= -4


def test_loss_as_criterion_needs_no_threshold() -> None:
    given = {"binary_classifier_model_selection_criteria": "loss_function"}
    assert make_criterion(LinearLearnerParams.parse({"predictor_type": "binary_classifier", **given})) is None
