"""XGBoost keeps the contract, learns as the library does, and answers as SageMaker's container."""

import json
import re
import tempfile
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import xgboost
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import roc_auc_score

from clary.algorithms.xgboost import XGBoost, ensemble, payload
from clary.algorithms.xgboost.ensemble import Ensemble
from clary.testing.tabular_contract import Data, TabularContract
from clary.toolkit.answer import Answer
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.inference import Inference
from clary.toolkit.predictions import Predictions
from clary.toolkit.request import Request


class TestContract(TabularContract):
    """The contract of algorithms, kept by a classifier of tumours."""

    algorithm = XGBoost
    hyperparameters = MappingProxyType(
        {
            "num_round": "20", "objective": "binary:logistic", "max_depth": "3", "subsample": "0.8",
            "nthread": "1", "eval_metric": "auc,error,accuracy",
        }
    )  # fmt: skip
    illegal = ("eta", "1.5")

    def training_data(self) -> Data:
        features, labels = load_breast_cancer(return_X_y=True)
        return features[::2].astype("float32"), labels[::2].astype("float32")

    def fresh_data(self) -> Data:
        features, labels = load_breast_cancer(return_X_y=True)
        return features[1::2].astype("float32"), labels[1::2].astype("float32")

    def score(self, predictions: Predictions, labels: Floats) -> float:
        return float(roc_auc_score(labels, predictions.fields["score"]))

    def reference_quality(self) -> float:
        settings = {"objective": "binary:logistic", "max_depth": 3, "subsample": 0.8, "nthread": 1}
        booster = xgboost.train(settings, xgboost.DMatrix(*self.training_data()), 20)
        features, labels = self.fresh_data()
        return float(roc_auc_score(labels, booster.predict(xgboost.DMatrix(features)))) - 0.002


ROWS = np.random.default_rng(0).normal(size=(200, 3)).astype(np.float32)
BINARY = (ROWS[:, 0] > 0).astype(np.float32)
LINES = b"\n".join(b",".join(repr(value).encode() for value in row) for row in ROWS[:3].tolist())


def model_of(objective: str, labels: Floats = BINARY, **settings: object) -> XGBoost:
    """Return a small model of an objective."""
    return loaded(
        [xgboost.train({"objective": objective, "nthread": 1, **settings}, xgboost.DMatrix(ROWS, labels), 3)]
    )


def loaded(boosters: list[Any]) -> XGBoost:
    """Return the model of an archive with these boosters."""
    with tempfile.TemporaryDirectory() as folder:
        Ensemble(boosters).save(Path(folder))
        return XGBoost.load(Path(folder))


def asked(model: XGBoost, body: bytes, accept: str = "", kind: str = "text/csv") -> Answer:
    """Return what a model answers."""
    return model.answer(Request("POST", "/invocations", kind, accept, body))


def test_scores_stand_on_one_line_unless_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_of("binary:logistic")
    scores = model.ensemble.predict(Batch(ROWS[:3])).tolist()
    assert asked(model, LINES).body == ",".join(map(repr, scores)).encode()
    assert (
        asked(model, LINES, "application/json").body
        == json.dumps({"predictions": [{"score": score} for score in scores]}).encode()
    )
    monkeypatch.setenv("SAGEMAKER_BATCH", "true")
    assert asked(model, LINES).body == "".join(f"{score!r}\n" for score in scores).encode()
    monkeypatch.setenv("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "application/jsonlines")
    assert asked(model, LINES, "*/*").content_type == "application/jsonlines"


def test_probabilities_of_classes_are_a_line_a_row() -> None:
    labels = np.digitize(ROWS[:, 0], [-0.4, 0.4]).astype(np.float32)
    model = model_of("multi:softprob", labels, num_class=3)
    body = asked(model, LINES).body
    assert isinstance(body, bytes)
    table = np.array([line.split(b",") for line in body.splitlines()], float)
    assert table.shape == (3, 3)
    np.testing.assert_allclose(table.sum(axis=1), 1, rtol=1e-5)


def test_a_model_answers_with_the_containers_statuses() -> None:
    model = model_of("binary:logistic")
    empty = asked(model, b" \n")
    assert (empty.status, empty.body) == (204, b"")
    for kind, body, accept, status, message in (
        ("text/csv", b"1,2,x", "", 415, "Loading text/csv data failed: .*'x' is not a finite number"),
        ("image/png", b"1,2,3", "", 415, "image/png"),
        ("text/csv", b"1,2,3", "image/png", 406, "image/png"),
        ("text/csv", b"1,2", "", 400, "Feature size of inference data, 2, is not consistent .* model, 3"),
        ("text/libsvm", b"0 7:1", "", 400, "Feature size of inference data, 8, is larger"),
    ):
        with pytest.raises(ClientError, match=message) as caught:
            asked(model, body, accept, kind)
        assert caught.value.status == status


def test_values_may_be_missing_in_requests() -> None:
    model = model_of("binary:logistic")
    gaps = asked(model, b"1,,2\n").body
    assert gaps == asked(model, b"0:1 2:2", kind="text/x-libsvm").body
    assert gaps == asked(model, b"1 0:1 2:2", kind="libsvm").body
    assert gaps == asked(model, b"1:1 3:2", kind="text/libsvm").body, "counted from 1"


def test_sparse_rows_are_answered_as_dense_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_of("binary:logistic")
    rows = np.where(ROWS > 0, ROWS, np.nan)
    lines = [
        " ".join(f"{at}:{value}" for at, value in enumerate(row) if value == value) for row in rows.tolist()
    ]
    body = "\n".join(f"0 {line}" for line in lines).encode()
    expected = model.ensemble.predict(Batch(rows))
    np.testing.assert_array_equal(model.ensemble.predict(payload.decoded(body, "text/libsvm")), expected)
    monkeypatch.setattr(ensemble, "_FEW", 0)
    others = model.ensemble.predict(payload.decoded(body, "text/libsvm"))
    np.testing.assert_allclose(others, expected, rtol=1e-5)


def test_several_models_answer_together(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = xgboost.DMatrix(ROWS, BINARY)
    boosters = [
        xgboost.train({"objective": "binary:logistic", "nthread": 1}, matrix, rounds) for rounds in (1, 3, 5)
    ]
    means = np.mean([booster.inplace_predict(ROWS) for booster in boosters], axis=0)
    np.testing.assert_allclose(loaded(boosters).ensemble.predict(Batch(ROWS)), means, rtol=1e-6)
    monkeypatch.setenv("SAGEMAKER_INFERENCE_ENSEMBLE", "false")
    first = boosters[0].inplace_predict(ROWS)
    np.testing.assert_allclose(loaded(boosters).ensemble.predict(Batch(ROWS)), first)


def test_several_classifiers_vote() -> None:
    votes = [
        xgboost.train(
            {"objective": "multi:softmax", "num_class": 3, "nthread": 1},
            xgboost.DMatrix(ROWS, np.full(200, label)),
            1,
        )
        for label in (2, 1, 2)
    ]
    assert set(loaded(votes).ensemble.predict(Batch(ROWS)).tolist()) == {2.0}


@pytest.mark.parametrize(
    ("objective", "keys", "expected"),
    [
        ("binary:logistic", "predicted_label,probability,probabilities", r'1,0\.\d+,"\[0\.\d+, 0\.\d+\]"'),
        ("binary:logistic", "labels, predicted_score", r'"\[0, 1\]",nan'),
        ("binary:hinge", "predicted_label,raw_scores", r'1\.0,"\[0\.0, 1\.0\]"'),
        ("binary:logitraw", "predicted_label", "1"),
        ("reg:squarederror", "predicted_score,probability", r"\d\.\d+,nan"),
        ("multi:softmax", "predicted_label,labels,raw_score", r'1\.0,"\[0, 1\]",1\.0'),
        ("multi:softprob", "predicted_label,probability", r"1,0\.\d+"),
    ],
)
def test_what_an_answer_holds_may_be_selected(
    monkeypatch: pytest.MonkeyPatch, objective: str, keys: str, expected: str
) -> None:
    settings = {"num_class": 2} if objective.startswith("multi") else {}
    model = model_of(objective, BINARY, **settings)
    monkeypatch.setenv("SAGEMAKER_INFERENCE_OUTPUT", keys)
    body = asked(model, b"2,0,0\n").body
    assert isinstance(body, bytes)
    assert re.fullmatch(expected, body.decode()), body
    document = json.loads(bytes(asked(model, b"2,0,0\n", "application/json").body))  # type: ignore[arg-type]
    assert list(document["predictions"][0]) == keys.replace(" ", "").split(",")


def test_not_every_objective_tells_more(monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_of("count:poisson")
    monkeypatch.setenv("SAGEMAKER_INFERENCE_OUTPUT", "predicted_label")
    with pytest.raises(ClientError, match="`count:poisson` unsupported for selectable inference"):
        asked(model, b"2,0,0")


def test_a_script_may_leave_out_all_but_its_model() -> None:
    booster = xgboost.train({"nthread": 1}, xgboost.DMatrix(ROWS, ROWS[:, 1]), 3)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        booster.save_model(folder / "xgboost-model.json")
        inference = Inference.load({}, folder, XGBoost.script_functions())
    expected = booster.inplace_predict(ROWS[:3])
    body, kind = inference.answer(LINES, "text/csv", "text/csv")
    np.testing.assert_allclose(np.array(body.split(), float), expected, rtol=1e-6)
    assert kind == "text/csv"
    sparse = inference.answer(b"0:1 1:2 2:3", "text/libsvm", "application/json")[0]
    assert len(json.loads(sparse)) == 1
    with pytest.raises(ClientError, match="image/png"):
        inference.answer(b"", "image/png", "")
