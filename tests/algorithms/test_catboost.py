"""CatBoost is as good as the library itself."""

import re
from pathlib import Path
from typing import Any

import catboost
import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.metrics import accuracy_score, roc_auc_score

from clary.algorithms.catboost import CatBoost
from clary.testing.tabular_contract import Data, TabularContract
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.host import Host
from clary.toolkit.predictions import Predictions
from clary.toolkit.request import Request
from tests.algorithms.conftest import TrainLabelled, trained

QUICK = {"iterations": "40", "learning_rate": "0.1", "thread_count": "1"}


def halves(features: Floats, labels: Floats) -> tuple[Data, Data]:
    order = np.random.default_rng(0).permutation(len(labels))
    features, labels = features[order].astype(np.float32), labels[order].astype(np.float32)
    half = len(labels) // 2
    return (features[:half], labels[:half]), (features[half:], labels[half:])


def accuracy_of(model: Any, features: Floats, labels: Floats) -> float:
    probabilities = model.predict(Batch(features)).fields["probabilities"]
    return float(accuracy_score(labels, probabilities.argmax(axis=1)))


class TestCatBoost(TabularContract):
    """The contract on a small binary problem."""

    algorithm = CatBoost
    hyperparameters = QUICK
    illegal = ("learning_rate", "0")

    def training_data(self) -> Data:
        return halves(*load_breast_cancer(return_X_y=True))[0]

    def fresh_data(self) -> Data:
        return halves(*load_breast_cancer(return_X_y=True))[1]

    def score(self, predictions: Predictions, labels: Floats) -> float:
        return float(roc_auc_score(labels, predictions.fields["probabilities"][:, 1]))

    def reference_quality(self) -> float:
        (features, labels), (fresh, truth) = self.training_data(), self.fresh_data()
        reference = catboost.CatBoostClassifier(
            iterations=40,
            learning_rate=0.1,
            random_seed=1,
            thread_count=1,
            verbose=0,
            allow_writing_files=False,
        ).fit(features, labels)
        # The library learns from all rows; of ours a fifth watches over the training.
        return float(roc_auc_score(truth, reference.predict_proba(fresh)[:, 1])) - 0.005


def test_as_many_classes_as_there_are_labels(train_labelled: TrainLabelled) -> None:
    train, (features, labels) = halves(*load_digits(return_X_y=True))
    model, log = train_labelled(CatBoost, QUICK, train=train)
    probabilities = model.predict(Batch(features)).fields["probabilities"]
    assert probabilities.shape == (len(features), 10)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert accuracy_of(model, features, labels) > 0.9
    assert len(re.findall(r"^bestTest = ([0-9.]+)$", log, re.MULTILINE)) == 1


def test_a_regressor_estimates_amounts(train_labelled: TrainLabelled) -> None:
    train, (features, labels) = halves(*load_diabetes(return_X_y=True))
    model, log = train_labelled(CatBoost, {**QUICK, "problem_type": "regression"}, train=train)
    errors = model.predict(Batch(features)).fields["prediction"] - labels
    assert np.sqrt(np.square(errors).mean()) < 0.9 * labels.std()
    best = float(re.findall(r"bestTest = ([0-9.]+)", log)[0])
    assert np.sqrt(np.square(errors).mean()) == pytest.approx(best, rel=0.2)


def test_categories_are_told_apart(train_labelled: TrainLabelled) -> None:
    features = np.random.default_rng(2).integers(0, 8, (2000, 2)).astype(np.float32)
    labels = features[:, 0] % 2
    given = {**QUICK, "iterations": 1, "depth": 1, "learning_rate": 1}
    named, _ = train_labelled(CatBoost, given, categorical=[1], train=(features, labels))
    plain, _ = train_labelled(CatBoost, given, train=(features, labels))
    assert named.schema.categorical == (0,)
    assert accuracy_of(named, features, labels) == 1
    assert accuracy_of(plain, features, labels) < 0.7


def test_values_may_be_missing(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    rows = "".join(f"{number % 2},{'' if number % 2 else number},{number}\n" for number in range(200))
    (tmp_path / "train/data.csv").write_text(rows)
    channels = {"train": Channel("train", tmp_path / "train", "text/csv")}
    model, _ = trained(CatBoost, dict(QUICK), channels, Host())
    answer = model.answer(Request("POST", "/invocations", "text/csv", "text/csv;verbose", b",11\n8,8\n"))
    assert isinstance(answer.body, bytes)
    assert [line.rpartition(b",")[2] for line in answer.body.splitlines()] == [b"1", b"0"]


def test_training_ends_when_validation_gets_no_better(train_labelled: TrainLabelled) -> None:
    random = np.random.default_rng(3)
    noise = random.normal(size=(300, 3)).astype(np.float32), random.integers(0, 2, 300).astype(np.float32)
    model, log = train_labelled(CatBoost, {**QUICK, "early_stopping_rounds": 2}, train=noise)
    best = int(re.findall(r"bestIteration = (\d+)", log)[0])
    assert model._model.tree_count_ == best + 1 < 38
    endless, _ = train_labelled(CatBoost, {**QUICK, "early_stopping_rounds": 0}, train=noise)
    assert endless._model.tree_count_ >= best + 1


def test_a_job_that_is_stopped_keeps_what_it_has(train_labelled: TrainLabelled) -> None:
    data = halves(*load_breast_cancer(return_X_y=True))[0]
    model, _ = train_labelled(CatBoost, QUICK, stop_at="0:\tlearn", train=data)
    assert model._model.tree_count_ == 1


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (
            {"boosting_type": "Ordered", "grow_policy": "Depthwise"},
            "Ordered needs 'grow_policy' SymmetricTree",
        ),
        ({"eval_metric": "RMSE"}, "'RMSE' is no 'eval_metric' of this problem, whose loss is Logloss"),
        ({"eval_metric": "MultiClass"}, "give one of Logloss"),
    ],
)
def test_what_does_not_go_together_is_named(
    train_labelled: TrainLabelled, given: dict[str, Any], complaint: str
) -> None:
    data = np.eye(20, dtype=np.float32), np.arange(20, dtype=np.float32) % 2
    with pytest.raises(ClientError, match=complaint):
        train_labelled(CatBoost, given, train=data)


@pytest.mark.parametrize(
    "given", [{"grow_policy": "Depthwise"}, {"grow_policy": "Lossguide", "max_leaves": 4}]
)
def test_trees_grow_in_every_way(train_labelled: TrainLabelled, given: dict[str, Any]) -> None:
    train, (features, labels) = halves(*load_breast_cancer(return_X_y=True))
    given = {**QUICK, **given, "eval_metric": "AUC", "max_bin": "64", "boosting_type": "Plain"}
    model, _ = train_labelled(CatBoost, given, train=train)
    assert accuracy_of(model, features, labels) > 0.92


def test_nothing_is_left_where_the_job_runs(
    train_labelled: TrainLabelled, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    train_labelled(CatBoost, QUICK, train=halves(*load_breast_cancer(return_X_y=True))[0])
    assert not list((tmp_path / "here").iterdir())


def test_another_file_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text('{"width": 1, "categorical": [], "classes": null}')
    with pytest.raises(ClientError, match=r"model\.cbm is not a model of CatBoost"):
        CatBoost.load(tmp_path)
    (tmp_path / "model.cbm").write_bytes(b"CBM1")
    with pytest.raises(ClientError, match=r"model\.cbm is not a model of CatBoost"):
        CatBoost.load(tmp_path)
