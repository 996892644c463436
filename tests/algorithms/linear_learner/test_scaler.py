"""Scaling changes the numbers a model learns from and not what it says."""

import numpy as np
import pytest

from clary.algorithms.linear_learner.params import LinearLearnerParams
from clary.algorithms.linear_learner.scaler import Scaler
from clary.toolkit.cluster import Cluster
from clary.toolkit.examples import DenseExamples


def table() -> DenseExamples:
    random = np.random.default_rng(0)
    features = random.normal([1e6, 5, 0], [10, 1e-3, 0], (500, 3)).astype(np.float32)
    labels = random.normal(100, 7, 500)
    return DenseExamples(np.column_stack([labels, features, np.ones(500)]).astype(np.float32))


def fitted(**given: str) -> tuple[DenseExamples, Scaler]:
    data = table()
    scaler = Scaler.fit(data, LinearLearnerParams.parse({"predictor_type": "regressor", **given}), Cluster())
    taken = scaler.take(data, np.arange(len(data)))
    assert isinstance(taken, DenseExamples)
    return taken, scaler


def test_features_and_label_get_mean_0_and_deviation_1() -> None:
    data, _ = fitted()
    np.testing.assert_allclose(data.rows.mean(axis=0), [0, 0, 0, 1], atol=0.01)
    np.testing.assert_allclose(data.rows.std(axis=0), [1, 1, 0, 0], atol=0.01)
    assert data.labels.mean() == pytest.approx(0, abs=1e-3)
    assert data.labels.std() == pytest.approx(1, abs=1e-3)


def test_unfolded_weights_say_the_same_of_raw_rows() -> None:
    data, scaler = fitted()
    raw = table()
    weights = np.array([[0.3], [-0.2], [0.1], [0.05]], np.float32)
    outer, bias = scaler.unfold(weights)
    expected = data.rows @ weights * scaler.label_scale + scaler.label_shift
    np.testing.assert_allclose(raw.features.astype(float) @ outer + bias, expected, atol=0.01)


def test_nothing_is_changed_when_everything_is_turned_off() -> None:
    off = dict.fromkeys(("normalize_data", "unbias_data", "normalize_label", "unbias_label"), "false")
    data, _ = fitted(**off)
    np.testing.assert_array_equal(data.features, table().features)
    np.testing.assert_array_equal(data.labels, table().labels)


def test_without_a_bias_auto_does_not_shift() -> None:
    _, scaler = fitted(use_bias="false")
    assert not scaler.shift.any()
    assert scaler.label_shift == 0


def test_the_label_of_a_classifier_is_left_alone() -> None:
    scaler = Scaler.fit(
        table(), LinearLearnerParams.parse({"predictor_type": "binary_classifier"}), Cluster()
    )
    assert (scaler.label_shift, scaler.label_scale) == (0, 1)
