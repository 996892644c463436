"""Every documented hyperparameter of the linear learner changes the outcome, or is refused by name."""

import io
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from clary.algorithms.linear_learner import LinearLearner
from clary.algorithms.linear_learner.params import LinearLearnerParams
from clary.toolkit.batch import Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import recordio
from clary.toolkit.host import Host
from clary.toolkit.report import Report

pytestmark = pytest.mark.contract

BINARY = {"predictor_type": "binary_classifier", "learning_rate": "0.05", "num_models": "2", "epochs": "3"}
AUTO = {"predictor_type": "binary_classifier", "epochs": "2"}
CLASSES = {"predictor_type": "multiclass_classifier", "num_classes": "4", "num_models": "1", "epochs": "2"}
NUMBER = {"predictor_type": "regressor", "learning_rate": "0.05", "num_models": "1", "epochs": "3"}
ADAM, SGD = {**BINARY, "optimizer": "adam"}, {**BINARY, "optimizer": "sgd"}
DECAY = {**BINARY, "lr_scheduler_factor": "0.5", "lr_scheduler_step": "2"}
LONG = {**BINARY, "epochs": "40"}


class Row(NamedTuple):
    """A hyperparameter, a legal value that makes a difference, one that is refused, and where this is so."""

    name: str
    value: str
    illegal: str
    given: dict[str, str]


def criterion(name: str) -> dict[str, str]:
    return {**BINARY, "binary_classifier_model_selection_criteria": name}


TABLE = (
    Row("num_classes", "5", "2", CLASSES),
    Row("predictor_type", "regressor", "classifier", BINARY),
    Row("accuracy_top_k", "2", "0", CLASSES),
    Row("balance_multiclass_weights", "true", "auto", CLASSES),
    Row("beta_1", "0.5", "1", ADAM),
    Row("beta_2", "0.9", "-0.1", ADAM),
    Row("bias_lr_mult", "1", "0", BINARY),
    Row("bias_wd_mult", "5", "-1", {**BINARY, "wd": "0.5"}),
    Row("binary_classifier_model_selection_criteria", "precision_at_target_recall", "auc", BINARY),
    Row("early_stopping_patience", "1", "0", {**LONG, "early_stopping_tolerance": "0.5"}),
    Row("early_stopping_tolerance", "0.9", "0", LONG),
    Row("epochs", "1", "0", BINARY),
    Row("f_beta", "3", "0", criterion("f_beta")),
    Row("feature_dim", "5", "0", BINARY),
    Row("huber_delta", "0.01", "0", {**NUMBER, "loss": "huber_loss"}),
    Row("init_bias", "3", "x", {**BINARY, "epochs": "1", "learning_rate": "0.0001"}),
    Row("init_method", "normal", "xavier", {**BINARY, "epochs": "1"}),
    Row("init_scale", "2", "0", {**BINARY, "epochs": "1"}),
    Row("init_sigma", "2", "0", {**BINARY, "epochs": "1", "init_method": "normal"}),
    Row("l1", "0.1", "-1", BINARY),
    Row("learning_rate", "0.5", "0", BINARY),
    Row("loss", "hinge_loss", "squared_loss", BINARY),
    Row("loss_insensitivity", "3", "0", {**NUMBER, "loss": "eps_insensitive_absolute_loss"}),
    Row("lr_scheduler_factor", "0.5", "1", BINARY),
    Row(
        "lr_scheduler_minimum_lr",
        "0.04",
        "0",
        DECAY,
    ),
    Row("lr_scheduler_step", "1000", "0", BINARY),
    Row("margin", "0.1", "0", {**BINARY, "loss": "hinge_loss"}),
    Row("mini_batch_size", "50", "0", BINARY),
    Row("momentum", "0.1", "1", SGD),
    Row("normalize_data", "false", "1", BINARY),
    Row("normalize_label", "false", "yes", NUMBER),
    Row("num_calibration_samples", "30", "0", criterion("precision_at_target_recall")),
    Row("num_models", "7", "0", BINARY),
    Row("num_point_for_scaler", "20", "0", BINARY),
    Row("optimizer", "rmsprop", "adagrad", BINARY),
    Row("positive_example_weight_mult", "balanced", "0", BINARY),
    Row("quantile", "0.9", "1", {**NUMBER, "loss": "quantile_loss"}),
    Row("target_precision", "0.99", "1.1", criterion("recall_at_target_precision")),
    Row("target_recall", "0.99", "1.1", criterion("precision_at_target_recall")),
    Row("unbias_data", "false", "1", BINARY),
    Row("unbias_label", "false", "1", NUMBER),
    Row("use_bias", "false", "maybe", BINARY),
    Row("use_lr_scheduler", "false", "auto", BINARY),
    Row("wd", "0.5", "-1", BINARY),
)


def data() -> tuple[Floats, Floats]:
    """Return rows with labels 0 to 3, most of them 0, that may be classes or numbers."""
    random = np.random.default_rng(0)
    features = random.normal([0, 5, -3, 0], [1, 10, 0.1, 1], (1500, 4)).astype(np.float32)
    score = features[:, 0] + features[:, 1] / 20 + random.normal(0, 0.5, 1500)
    return features, np.clip(np.floor(score + 1), 0, 3).astype(np.float32)


def outcome(folder: Path, given: dict[str, str]) -> tuple[object, ...]:
    """Return everything a job tells and makes, but the time."""
    features, labels = data()
    if given["predictor_type"] == "binary_classifier":
        labels = np.minimum(labels, 1)
    (folder / "train").mkdir(exist_ok=True)
    (folder / "train" / "data").write_bytes(recordio.write(features, labels))
    log = io.StringIO()
    learner = LinearLearner()
    params = LinearLearnerParams.parse(given)
    learner.train(params, {"train": Channel("train", folder / "train")}, Report(stream=log), Host())
    said = re.findall(r"#quality_metric: .*", log.getvalue())
    model = learner.model
    assert model is not None
    assert np.isfinite(model.weights).all()
    return model.weights.tolist(), model.bias.tolist(), model.threshold, said


def test_the_table_is_complete() -> None:
    assert [row.name for row in TABLE if row.name in LinearLearnerParams.declared] == [
        row.name for row in TABLE
    ]
    assert sorted(row.name for row in TABLE) == sorted(LinearLearnerParams.declared)


@pytest.mark.parametrize("row", TABLE, ids=[row.name for row in TABLE])
def test_it_makes_a_difference(row: Row, tmp_path: Path) -> None:
    changed = {**row.given, row.name: row.value}
    if row.name == "feature_dim":
        with pytest.raises(ClientError, match="has 4 features but hyperparameter 'feature_dim' is 5"):
            outcome(tmp_path, changed)
        return
    assert outcome(tmp_path, changed) != outcome(tmp_path, row.given)


@pytest.mark.parametrize("row", TABLE, ids=[row.name for row in TABLE])
def test_what_is_illegal_is_refused_by_name(row: Row) -> None:
    with pytest.raises(ClientError, match=rf"{row.name}|{row.illegal}.*does not go with") as caught:
        LinearLearnerParams.parse({**row.given, row.name: row.illegal})
    assert row.illegal in str(caught.value)


@pytest.mark.parametrize(
    "name", [row.name for row in TABLE if LinearLearnerParams.declared[row.name].default == "auto"]
)
def test_auto_is_the_default(name: str) -> None:
    assert getattr(LinearLearnerParams.parse({**AUTO, name: "auto"}), name) == getattr(
        LinearLearnerParams.parse(AUTO), name
    )
