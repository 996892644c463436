"""With all defaults the model is at the optimum of its objective, as a second-order solver finds it."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.preprocessing import StandardScaler

from clary.toolkit.batch import Batch
from tests.algorithms.linear_learner.conftest import Train


def data(rows: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return rows with skewed features and labels drawn by a logistic model of them."""
    random = np.random.default_rng(seed)
    features = random.normal(0, 1, (rows, 12))
    features[:, 6:] = np.exp(features[:, 6:] / 2)
    chance = 1 / (1 + np.exp(-(features @ np.linspace(-1, 1, 12) - 1)))
    return features.astype(np.float32), (random.random(rows) < chance).astype(np.float32)


@pytest.mark.parametrize("held_out", [True, False])
def test_the_loss_is_that_of_lbfgs(train: Train, held_out: bool) -> None:
    fresh, truth = data(20_000, seed=1)
    given = {"predictor_type": "binary_classifier"}
    channels = {"train": data(20_000)} | ({"validation": data(5000, seed=2)} if held_out else {})
    model, _ = train(given, **channels)
    scaler = StandardScaler().fit(channels["train"][0])
    reference = LogisticRegression().fit(scaler.transform(channels["train"][0]), channels["train"][1])
    expected = log_loss(truth, reference.predict_proba(scaler.transform(fresh)))
    assert abs(log_loss(truth, model.predict(Batch(fresh)).fields["score"]) - expected) < 1e-4


def test_what_the_user_set_is_left_alone(train: Train) -> None:
    _, log = train(
        {"predictor_type": "binary_classifier", "learning_rate": "1e-6", "epochs": "1"}, train=data(3000)
    )
    assert "train binary_classification_cross_entropy_objective <loss>=0.6" in log


@pytest.mark.parametrize("loss", ["squared_loss", "huber_loss", "eps_insensitive_squared_loss"])
def test_smooth_regression_losses_reach_least_squares(train: Train, loss: str) -> None:
    random = np.random.default_rng(0)
    features = random.normal(5, 3, (5000, 4)).astype(np.float32)
    labels = (features @ [3, -2, 1, 0] + 7 + random.normal(0, 0.1, 5000)).astype(np.float32)
    model, _ = train({"predictor_type": "regressor", "loss": loss}, train=(features, labels))
    assert model.model is not None
    np.testing.assert_allclose(model.model.weights[:, 0], [3, -2, 1, 0], atol=5e-3)
