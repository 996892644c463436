"""The linear learner as a whole: quality, settings, logs, and what it refuses."""

import io
import json
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import HuberRegressor, LogisticRegression, QuantileRegressor

from clary.algorithms.linear_learner import LinearLearner
from clary.algorithms.linear_learner.params import BINARY, LOSSES, MULTICLASS, REGRESSOR
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.report import Report

Train = Callable[..., tuple[LinearLearner, str]]
Data = tuple[Floats, Floats]


def logistic(rows: int = 4000, seed: int = 0) -> Data:
    """Return features of very different scale and labels drawn by a logistic model."""
    random = np.random.default_rng(seed)
    features = random.normal(0, 1, (rows, 8))
    chance = 1 / (1 + np.exp(-features @ np.linspace(-1, 1, 8)))
    labels = random.random(rows) < chance
    scaled = features * np.logspace(-2, 4, 8) + np.linspace(0, 1000, 8)
    return scaled.astype(np.float32), labels.astype(np.float32)


def linear(rows: int = 3000, outliers: int = 0) -> Data:
    random = np.random.default_rng(0)
    features = random.normal(0, 1, (rows, 5))
    labels = 1000 + 50 * features @ np.array([1, -2, 3, 0, 0.5]) + random.normal(0, 10, rows)
    labels[:outliers] += 5000
    return features.astype(np.float32), labels.astype(np.float32)


def column(model: LinearLearner, features: Floats, name: str) -> Floats:
    return np.asarray(model.predict(Batch(features)).fields[name])


def test_log_loss_is_that_of_a_converged_logistic_regression(train: Train) -> None:
    features, labels = logistic()
    fresh, truth = logistic(seed=1)
    model, _ = train({"predictor_type": BINARY}, train=(features, labels))
    reference = LogisticRegression(max_iter=1000).fit((features - features.mean(0)) / features.std(0), labels)
    expected = reference.predict_proba((fresh - features.mean(0)) / features.std(0))[:, 1]

    def loss(chance: Floats) -> float:
        return float(-np.mean(np.log(np.where(truth == 1, chance, 1 - chance))))

    assert loss(column(model, fresh, "score")) < loss(expected) + 0.002


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop"])
@pytest.mark.parametrize(("kind", "loss"), [(kind, loss) for kind in LOSSES for loss in LOSSES[kind]])
def test_every_loss_learns_with_every_optimizer(train: Train, kind: str, loss: str, optimizer: str) -> None:
    given: dict[str, object] = {"predictor_type": kind, "loss": loss, "optimizer": optimizer}
    if kind == REGRESSOR:
        features, labels = linear()
        model, _ = train(given, train=(features, labels))
        error = np.abs(column(model, features, "score") - labels).mean()
        assert error < 0.12 * np.abs(labels - labels.mean()).mean()
        return
    features, labels = logistic()
    if kind == MULTICLASS:
        given["num_classes"] = 3
        labels = labels + (features[:, 0] > 0)
    model, _ = train(given, train=(features, labels))
    assert np.mean(column(model, features, "predicted_label") == labels) > (0.7 if kind == BINARY else 0.64)


def test_quantile_loss_finds_the_quantile(train: Train) -> None:
    features, labels = linear()
    model, _ = train(
        {"predictor_type": REGRESSOR, "loss": "quantile_loss", "quantile": "0.9"}, train=(features, labels)
    )
    assert np.mean(labels <= column(model, features, "score")) == pytest.approx(0.9, abs=0.02)
    reference = QuantileRegressor(quantile=0.9, alpha=0).fit(features[:800], labels[:800])
    np.testing.assert_allclose(
        column(model, features, "score"), reference.predict(features), atol=0.1 * labels.std()
    )


def test_huber_loss_shrugs_off_outliers(train: Train) -> None:
    features, labels = linear(outliers=60)
    model, _ = train(
        {"predictor_type": REGRESSOR, "loss": "huber_loss", "huber_delta": "15"}, train=(features, labels)
    )
    reference = HuberRegressor(alpha=0, epsilon=1.5, max_iter=500).fit(features, labels)
    np.testing.assert_allclose(
        column(model, features, "score"), reference.predict(features), atol=0.05 * labels.std()
    )


def test_l1_drops_what_does_not_matter(train: Train) -> None:
    model, _ = train({"predictor_type": REGRESSOR, "l1": "0.2"}, train=linear())
    assert model.model is not None
    assert model.model.weights[3, 0] == 0
    assert model.model.weights[2, 0] > 50


def test_without_a_bias_the_origin_scores_zero(train: Train) -> None:
    features, labels = linear()
    model, _ = train({"predictor_type": REGRESSOR, "use_bias": "false"}, train=(features, labels))
    assert column(model, np.zeros((1, 5), np.float32), "score")[0] == 0


def test_balanced_weights_find_the_rare_class(train: Train) -> None:
    random = np.random.default_rng(0)
    labels = (random.random(6000) < 0.03).astype(np.float32)
    features = (random.normal(0, 1, (6000, 2)) + 1.2 * labels[:, None]).astype(np.float32)
    recalls = {}
    for weight in ("1", "balanced"):
        given = {
            "predictor_type": BINARY,
            "positive_example_weight_mult": weight,
            "binary_classifier_model_selection_criteria": "loss_function",
        }
        model, _ = train(given, train=(features, labels))
        recalls[weight] = float(column(model, features, "predicted_label")[labels == 1].mean())
    assert recalls["balanced"] > 0.7 > 0.3 > recalls["1"]


def test_balanced_classes_are_recalled_alike(train: Train) -> None:
    random = np.random.default_rng(0)
    labels = random.choice(3, 6000, p=[0.9, 0.07, 0.03]).astype(np.float32)
    features = (random.normal(0, 1, (6000, 3)) + 1.5 * np.eye(3)[labels.astype(int)]).astype(np.float32)
    given = {"predictor_type": MULTICLASS, "num_classes": 3, "balance_multiclass_weights": "true"}
    model, _ = train(given, train=(features, labels))
    predicted = column(model, features, "predicted_label")
    assert min(np.mean(predicted[labels == each] == each) for each in range(3)) > 0.7


def test_the_log_is_what_regexes_and_tuners_read(train: Train) -> None:
    data = {name: logistic(600, seed) for seed, name in enumerate(("train", "validation", "test"))}
    _, log = train({"predictor_type": BINARY, "epochs": 2}, **data)
    found = {metric.name: re.findall(metric.regex, log) for metric in LinearLearner.metrics}
    for split in data:
        for name in (
            "binary_classification_accuracy",
            "binary_f_beta",
            "precision",
            "recall",
            "roc_auc_score",
        ):
            assert len(found[f"{split}:{name}"]) == 1, f"{split}:{name}"
    assert len(found["train:objective_loss"]) == len(found["validation:objective_loss"]) == 2
    assert len(found["validation:objective_loss:final"]) == len(found["test:objective_loss"]) == 1
    assert found["train:progress"] == ["50", "100"]
    assert log.count('"model": 31') == 2
    winner = re.search(r"Best model found for hyperparameters: (\{.*\})", log)
    assert winner is not None
    assert json.loads(winner[1])["optimizer"] == "adam"
    assert "#test_score (algo-1) : ('binary_classification_accuracy'" in log


def test_training_ends_early_when_nothing_improves(train: Train) -> None:
    _, log = train({"predictor_type": BINARY, "epochs": 500, "early_stopping_patience": 2}, train=logistic())
    assert 2 < log.count("#progress_metric") < 60


class _StopsAfterAnEpoch(Report):
    """Asks to stop once an epoch is reported."""

    def progress(self, percent: int) -> None:
        super().progress(percent)
        self.stopping = True


def test_a_stopped_job_keeps_its_best_model(train: Train) -> None:
    stream = io.StringIO()
    features, labels = logistic()
    model, _ = train({"predictor_type": BINARY}, _StopsAfterAnEpoch(stream=stream), train=(features, labels))
    assert stream.getvalue().count("#progress_metric") == 1
    assert np.mean(column(model, features, "predicted_label") == labels) > 0.7


def test_a_stop_within_an_epoch_is_heard(train: Train) -> None:
    report = Report(stream=io.StringIO())
    given = {
        "predictor_type": REGRESSOR,
        "epochs": 10**6,
        "mini_batch_size": 1,
        "early_stopping_patience": 10**6,
    }
    timer = threading.Timer(0.3, setattr, (report, "stopping", True))
    timer.start()
    began = time.monotonic()
    model, _ = train(given, report, train=linear())
    assert time.monotonic() - began < 20
    assert model.model is not None


@pytest.mark.parametrize(
    ("given", "channels", "message"),
    [
        ({"predictor_type": BINARY}, {"train": (0, 2)}, "has the label 2, but .* are the integers 0 to 1"),
        (
            {"predictor_type": MULTICLASS, "num_classes": 3},
            {"train": (0.5,)},
            "label 0.5.*0 to 2.*num_classes",
        ),
        ({"predictor_type": BINARY, "feature_dim": 7}, {"train": (0, 1)}, "has 2 features but .* is 7"),
        ({"predictor_type": REGRESSOR}, {"train": (np.nan,)}, "'train' holds a NaN or an infinity"),
    ],
)
def test_data_that_cannot_be_learnt_from(
    train: Train, given: dict[str, object], channels: dict[str, tuple[float, ...]], message: str
) -> None:
    data = {
        name: (np.ones((len(labels), 2), np.float32), np.array(labels, np.float32))
        for name, labels in channels.items()
    }
    with pytest.raises(ClientError, match=message):
        train(given, **data)


def test_channels_must_agree_on_features(train: Train) -> None:
    narrow = (np.ones((2, 3), np.float32), np.array([0, 1], np.float32))
    with pytest.raises(ClientError, match="'validation' has 3 features where channel 'train' has 8"):
        train({"predictor_type": BINARY}, train=logistic(50), validation=narrow)


def test_an_untrained_model_says_so() -> None:
    with pytest.raises(ClientError, match="neither trained nor loaded"):
        LinearLearner().predict(Batch(np.ones((1, 1), np.float32)))


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model_algo-1").write_bytes(b"not a zip")
    with pytest.raises(ClientError, match="model_algo-1 is not a model of this linear learner"):
        LinearLearner.load(tmp_path)
