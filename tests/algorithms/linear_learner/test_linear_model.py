"""A linear model answers as documented and survives its own file."""

import json
import zipfile
from pathlib import Path

import numpy as np

from clary.algorithms.linear_learner.linear_model import LinearModel
from clary.toolkit.batch import Batch

ROWS = Batch(np.array([[1, 0], [0, 1], [1000, 1000]], np.float32))


def test_scores_of_a_binary_classifier_are_probabilities() -> None:
    model = LinearModel("binary_classifier", "logistic", np.array([[1.0], [-1000.0]]), np.zeros(1), 0.8)
    fields = model.predict(ROWS).fields
    np.testing.assert_allclose(fields["score"], [1 / (1 + np.exp(-1)), 0, 0], atol=1e-12)
    np.testing.assert_array_equal(fields["predicted_label"], [0, 0, 0])


def test_scores_of_hinge_loss_are_margins() -> None:
    model = LinearModel("binary_classifier", "hinge_loss", np.array([[1.0], [-2.0]]), np.zeros(1), 0.0)
    fields = model.predict(ROWS).fields
    np.testing.assert_allclose(fields["score"], [1, -2, -1000])
    np.testing.assert_array_equal(fields["predicted_label"], [1, 0, 0])


def test_scores_of_a_multiclass_classifier_sum_to_one() -> None:
    model = LinearModel(
        "multiclass_classifier", "softmax_loss", np.array([[1.0, 2, 3], [3, 2, 1]]), np.zeros(3)
    )
    fields = model.predict(ROWS).fields
    np.testing.assert_allclose(fields["score"].sum(axis=1), 1)
    np.testing.assert_array_equal(fields["predicted_label"], [2, 0, 0])


def test_a_regressor_answers_its_score_only() -> None:
    model = LinearModel("regressor", "squared_loss", np.array([[1.0], [2.0]]), np.array([0.5]))
    assert model.predict(ROWS).fields.keys() == {"score"}


def test_the_file_is_a_zip_that_gives_the_same_model(tmp_path: Path) -> None:
    model = LinearModel("binary_classifier", "logistic", np.array([[1.0], [2.0]]), np.array([0.5]), 0.3)
    model.save(tmp_path)
    with zipfile.ZipFile(tmp_path / "model_algo-1") as archive:
        assert {"manifest.json", "additional-params.json"} <= set(archive.namelist())
        assert json.loads(archive.read("additional-params.json"))["threshold"] == 0.3
    loaded = LinearModel.load(tmp_path)
    for name in ("score", "predicted_label"):
        np.testing.assert_array_equal(loaded.predict(ROWS).fields[name], model.predict(ROWS).fields[name])
