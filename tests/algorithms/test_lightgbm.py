"""LightGBM is as good as the library itself, on one host or several."""

import re
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.metrics import accuracy_score, roc_auc_score

from clary.algorithms.lightgbm import LightGBM
from clary.testing.tabular_contract import Data, TabularContract
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import recordio
from clary.toolkit.host import Host
from clary.toolkit.predictions import Predictions
from clary.toolkit.request import Request
from tests.algorithms.conftest import TrainHosts, TrainLabelled, trained

QUICK = {"num_boost_round": "20", "verbosity": "-1", "num_threads": "1"}


def halves(features: Floats, labels: Floats) -> tuple[Data, Data]:
    order = np.random.default_rng(0).permutation(len(labels))
    features, labels = features[order].astype(np.float32), labels[order].astype(np.float32)
    half = len(labels) // 2
    return (features[:half], labels[:half]), (features[half:], labels[half:])


def accuracy_of(model: Any, features: Floats, labels: Floats) -> float:
    probabilities = model.predict(Batch(features)).fields["probabilities"]
    return float(accuracy_score(labels, probabilities.argmax(axis=1)))


class TestLightGBM(TabularContract):
    """The contract on a small binary problem."""

    algorithm = LightGBM
    hyperparameters = QUICK
    illegal = ("learning_rate", "0")

    def training_data(self) -> Data:
        return halves(*load_breast_cancer(return_X_y=True))[0]

    def fresh_data(self) -> Data:
        return halves(*load_breast_cancer(return_X_y=True))[1]

    def score(self, predictions: Predictions, labels: Floats) -> float:
        return float(roc_auc_score(labels, predictions.fields["probabilities"][:, 1]))

    def reference_quality(self) -> float:
        features, labels = self.training_data()
        settings = {
            "objective": "binary", "verbosity": -1, "num_threads": 1, "seed": 1, "num_leaves": 64,
            "max_depth": 6, "feature_fraction": 0.9, "bagging_fraction": 0.9, "bagging_freq": 1,
            "min_data_in_leaf": 3,
        }  # fmt: skip
        booster = lightgbm.train(settings, lightgbm.Dataset(features, labels), 20)
        fresh, truth = self.fresh_data()
        # The library learns from all rows; of ours a fifth watches over the training.
        return float(roc_auc_score(truth, booster.predict(fresh, num_threads=1))) - 0.005


def test_as_many_classes_as_there_are_labels(train_labelled: TrainLabelled) -> None:
    train, (features, labels) = halves(*load_digits(return_X_y=True))
    model, log = train_labelled(LightGBM, QUICK, train=train)
    probabilities = model.predict(Batch(features)).fields["probabilities"]
    assert probabilities.shape == (len(features), 10)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert accuracy_of(model, features, labels) > 0.9
    assert len(re.findall(r"\[\d+\]\tvalid_0's multi_logloss: ([0-9.]+)\n", log)) >= 20


def test_a_regressor_estimates_amounts(train_labelled: TrainLabelled) -> None:
    train, (features, labels) = halves(*load_diabetes(return_X_y=True))
    model, log = train_labelled(LightGBM, {**QUICK, "problem_type": "regression"}, train=train)
    errors = model.predict(Batch(features)).fields["prediction"] - labels
    assert np.sqrt(np.square(errors).mean()) < 0.85 * labels.std()
    assert "valid_0's rmse: " in log


def test_categories_are_told_apart(train_labelled: TrainLabelled) -> None:
    features = np.random.default_rng(2).integers(0, 8, (2000, 2)).astype(np.float32)
    labels = features[:, 0] % 2
    given = {**QUICK, "num_boost_round": 1, "max_depth": 1}
    named, _ = train_labelled(LightGBM, given, categorical=[1], train=(features, labels))
    plain, _ = train_labelled(LightGBM, given, train=(features, labels))
    assert named.schema.categorical == (0,)
    assert accuracy_of(named, features, labels) == 1
    assert accuracy_of(plain, features, labels) < 0.7


def test_values_may_be_missing(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    rows = "".join(f"{number % 2},{'' if number % 2 else number},{number}\n" for number in range(200))
    (tmp_path / "train/data.csv").write_text(rows)
    channels = {"train": Channel("train", tmp_path / "train", "text/csv")}
    model, _ = trained(LightGBM, dict(QUICK), channels, Host())
    answer = model.answer(Request("POST", "/invocations", "text/csv", "text/csv;verbose", b",11\n8,8\n"))
    assert isinstance(answer.body, bytes)
    assert [line.rpartition(b",")[2] for line in answer.body.splitlines()] == [b"1", b"0"]


def test_training_ends_when_validation_gets_no_better(train_labelled: TrainLabelled, tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    noise = random.normal(size=(300, 3)).astype(np.float32), random.integers(0, 2, 300).astype(np.float32)
    model, log = train_labelled(LightGBM, {**QUICK, "early_stopping_rounds": 2}, train=noise)
    best = int(re.findall(r"best iteration is: (\d+)", log)[0])
    model.save(tmp_path)
    assert best + 2 == len(re.findall(r"\[\d+\]\tvalid_0's", log)) - 1 < 20
    assert LightGBM.load(tmp_path)._booster.num_trees() == best


def test_a_job_that_is_stopped_keeps_what_it_has(train_labelled: TrainLabelled) -> None:
    data = halves(*load_breast_cancer(return_X_y=True))[0]
    model, _ = train_labelled(LightGBM, QUICK, stop_at="\t", train=data)
    assert model._booster.num_trees() == 1


@pytest.mark.parametrize(("hosts", "sharded"), [(1, True), (2, True), (2, False), (4, True)])
def test_hosts_train_one_model_together(train_hosts: TrainHosts, hosts: int, sharded: bool) -> None:
    random = np.random.default_rng(5)
    features = random.normal(size=(2000, 4)).astype(np.float32)
    labels = (features[:, 0] * features[:, 1] + features[:, 2] > 0).astype(np.float32)
    (train, known), (fresh, truth) = halves(features, labels)
    models = train_hosts(LightGBM, QUICK, (train, known), sharded=sharded, hosts=hosts)
    first = models[0].predict(Batch(fresh)).fields["probabilities"][:, 1]
    for model in models[1:]:
        np.testing.assert_array_equal(model.predict(Batch(fresh)).fields["probabilities"][:, 1], first)
        assert model._booster.model_to_string() == models[0]._booster.model_to_string()
    assert roc_auc_score(truth, first) == pytest.approx(0.982, abs=0.01)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"is_unbalance": "True", "scale_pos_weight": "2"}, "exclude each other"),
        ({"boosting": "rf", "bagging_freq": "0"}, "'boosting' rf draws rows"),
        ({"metric": "rmse"}, "'rmse' is no 'metric' of this problem, whose objective is binary"),
        ({"metric": "multi_error"}, "give one of binary_logloss"),
    ],
)
def test_what_does_not_go_together_is_named(
    train_labelled: TrainLabelled, given: dict[str, Any], complaint: str
) -> None:
    data = np.eye(20, dtype=np.float32), np.arange(20, dtype=np.float32) % 2
    with pytest.raises(ClientError, match=complaint):
        train_labelled(LightGBM, given, train=data)


@pytest.mark.parametrize("boosting", ["rf", "dart", "goss"])
def test_every_kind_of_boosting_learns(train_labelled: TrainLabelled, boosting: str) -> None:
    train, (features, labels) = halves(*load_breast_cancer(return_X_y=True))
    given = {**QUICK, "boosting": boosting, "metric": "auc"}
    given |= {"bagging_freq": "0"} if boosting == "goss" else {}
    model, _ = train_labelled(LightGBM, given, train=train)
    assert roc_auc_score(labels, model.predict(Batch(features)).fields["probabilities"][:, 1]) > 0.97


def test_another_file_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text('{"width": 1, "categorical": [], "classes": null}')
    with pytest.raises(ClientError, match=r"model\.txt is not a model of LightGBM"):
        LightGBM.load(tmp_path)
    (tmp_path / "model.txt").write_bytes(
        recordio.write(np.zeros((1, 1), np.float32))[:4].replace(b"\xce", b"x")
    )
    with pytest.raises(ClientError, match=r"model\.txt is not a model of LightGBM"):
        LightGBM.load(tmp_path)
