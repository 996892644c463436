"""TabTransformer is as good as boosted trees where categories act together."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from clary.algorithms.tabtransformer import TabTransformer
from clary.testing.tabular_contract import Data, TabularContract
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.predictions import Predictions
from tests.algorithms.conftest import TrainLabelled

QUICK = {"n_epochs": "10", "batch_size": "32", "input_dim": "16", "n_blocks": "1", "learning_rate": "0.005"}
CATEGORICAL = [1, 2]


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Let torch and the reference take one core."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    with threadpool_limits(1):
        yield
    torch.set_num_threads(before)


def pairs(count: int, seed: int) -> Data:
    """Return rows whose class depends on how two categories go together, and on an amount."""
    random = np.random.default_rng(seed)
    first, second = random.integers(0, 6, count), random.integers(0, 5, count)
    amount, noise = random.normal(50, 20, count), random.normal(size=count)
    urge = 2.0 * ((first + second) % 2) - 1 + 0.03 * (amount - 50) + 0.5 * noise
    return np.column_stack([first, second, amount]).astype(np.float32), (urge > 0).astype(np.float32)


class TestTabTransformer(TabularContract):
    """The contract on two categories and an amount."""

    algorithm = TabTransformer
    hyperparameters = QUICK
    illegal = ("input_dim", "17")

    def channels_of(self, folder: Path, content_type: str) -> dict[str, Channel]:
        channels = super().channels_of(folder, content_type)
        index = json.dumps({"cat_index_list": CATEGORICAL})
        (channels["train"].folder / "categorical_index.json").write_text(index)
        return channels

    def training_data(self) -> Data:
        return pairs(400, 0)

    def fresh_data(self) -> Data:
        return pairs(600, 1)

    def score(self, predictions: Predictions, labels: Floats) -> float:
        return float(roc_auc_score(labels, predictions.fields["probabilities"][:, 1]))

    def reference_quality(self) -> float:
        reference = HistGradientBoostingClassifier(categorical_features=[0, 1], random_state=0, max_iter=50)
        fresh, truth = self.fresh_data()
        return float(roc_auc_score(truth, reference.fit(*self.training_data()).predict_proba(fresh)[:, 1]))


def test_tables_without_categories_are_learnt(train_labelled: TrainLabelled) -> None:
    features, labels = load_breast_cancer(return_X_y=True)
    data = features.astype(np.float32), labels.astype(np.float32)
    model, log = train_labelled(TabTransformer, QUICK, train=data)
    assert roc_auc_score(labels, model.predict(Batch(data[0])).fields["probabilities"][:, 1]) > 0.98
    for metric in TabTransformer.metrics[1:]:
        assert float(re.findall(metric.regex, log)[-1]) > 0.9, metric.name


def test_amounts_are_estimated_in_their_own_unit(train_labelled: TrainLabelled) -> None:
    features, labels = load_diabetes(return_X_y=True)
    data = features.astype(np.float32), labels.astype(np.float32)
    given = {**QUICK, "problem_type": "regression", "learning_rate": "0.003"}
    model, log = train_labelled(TabTransformer, given, train=data)
    errors = model.predict(Batch(data[0])).fields["prediction"] - labels
    assert np.square(errors).mean() < 0.6 * labels.var()
    assert float(re.findall(TabTransformer.metrics[0].regex, log)[-1]) > 0.2


def test_what_is_missing_or_new_is_answered(train_labelled: TrainLabelled) -> None:
    model, _ = train_labelled(TabTransformer, QUICK, categorical=CATEGORICAL, train=pairs(200, 0))
    rows = np.array([[99, np.nan, np.nan]], np.float32)
    assert np.isfinite(model.predict(Batch(rows)).fields["probabilities"]).all()


def test_training_ends_when_validation_gets_no_better(train_labelled: TrainLabelled) -> None:
    random = np.random.default_rng(3)
    noise = random.normal(size=(200, 3)).astype(np.float32), random.integers(0, 2, 200).astype(np.float32)
    given = {**QUICK, "n_epochs": "40", "patience": "2", "learning_rate": "0.05"}
    _, log = train_labelled(TabTransformer, given, train=noise)
    losses = [float(loss) for loss in re.findall(r"valid loss=(\S+), metrics={'accuracy'", log)]
    assert losses.index(min(losses)) + 3 == len(losses) < 40


def test_a_job_that_is_stopped_keeps_its_best(train_labelled: TrainLabelled) -> None:
    model, log = train_labelled(
        TabTransformer, QUICK, categorical=CATEGORICAL, stop_at="epoch 2", train=pairs(200, 0)
    )
    assert "epoch 3" not in log
    assert model.predict(Batch(pairs(5, 1)[0])).fields["probabilities"].shape == (5, 2)


def test_another_file_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text('{"width": 1, "categorical": [], "classes": null}')
    with pytest.raises(ClientError, match=r"network\.npz does not hold the weights"):
        TabTransformer.load(tmp_path)
    np.savez(tmp_path / "network.npz", a=np.zeros(1))
    with pytest.raises(ClientError, match="does not hold a model of TabTransformer"):
        TabTransformer.load(tmp_path)
