"""DeepAR trains on several hosts, goes on after an interruption, and answers what it can and no more."""

import json
import random
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clary.algorithms.deepar import DeepAR
from clary.toolkit.checkpoints import Checkpoints
from clary.toolkit.cluster import Cluster
from clary.toolkit.errors import ClientError
from clary.toolkit.host import Host
from clary.toolkit.neural import weights
from clary.toolkit.request import Request
from tests.algorithms.conftest import trained
from tests.algorithms.deepar.conftest import GIVEN, Train, document, written

DOCUMENTS = [document(each) for each in range(6)]


def ask(model: DeepAR, *instances: dict[str, Any], **configuration: Any) -> list[dict[str, Any]]:
    body = json.dumps({"instances": instances, "configuration": configuration}).encode()
    answer = model.answer(Request("POST", "/invocations", "application/json", "", body))
    assert isinstance(answer.body, bytes)
    found: list[dict[str, Any]] = json.loads(answer.body)["predictions"]
    return found


def test_the_log_is_as_sagemakers(train: Train) -> None:
    _, log = train(DOCUMENTS, DOCUMENTS, test_quantiles="[0.5, 0.9]")
    for line in (
        r"Epoch\[0\] Batch\[5\] avg_epoch_loss=\d",
        r"#quality_metric: host=algo-1, epoch=0, batch=0 train loss <loss>=\d",
        r"#quality_metric: host=algo-1, epoch=1, train loss <loss>=\d",
        r"Final loss: \d\S* \(occurred at epoch 1\)",
        r"#test_score \(algo-1, RMSE\): \d",
        r"#test_score \(algo-1, wQuantileLoss\[0\.9\]\): 0\.\d",
        r"#quality_metric: host=algo-1, test mean_wQuantileLoss <loss>=0\.\d",
    ):
        assert re.search(line, log), line


@pytest.mark.parametrize("likelihood", ["gaussian", "beta", "negative-binomial", "deterministic-L1"])
def test_each_likelihood_forecasts_what_may_be(train: Train, likelihood: str) -> None:
    documents = [document(each) for each in range(6)]
    if likelihood == "beta":
        documents = [each | {"target": [value / 30 for value in each["target"]]} for each in documents]
    if likelihood == "negative-binomial":
        documents = [each | {"target": [round(value) for value in each["target"]]} for each in documents]
    model, log = train(documents, likelihood=likelihood)
    losses = [float(value) for value in re.findall(r"epoch=\d+, train loss <loss>=(\S+)", log)]
    assert losses[1] < losses[0]
    samples = np.array(ask(model, documents[0], output_types=["samples"], num_samples=20)[0]["samples"])
    assert samples.shape == (20, 6)
    if likelihood == "beta":
        assert ((samples > 0) & (samples < 1)).all()
    if likelihood == "negative-binomial":
        assert (samples == samples.round()).all()
        assert (samples >= 0).all()
    if likelihood == "deterministic-L1":
        assert (samples == samples[0]).all()


def test_hosts_begin_anew_where_one_lacks_the_checkpoint(tmp_path: Path, train: Train) -> None:
    train(DOCUMENTS, host=Host(checkpoints=Checkpoints(tmp_path / "kept", "algo-1")), epochs=1)
    network = f"127.{random.randint(1, 250)}.{random.randint(1, 250)}"
    names = [f"{network}.{number + 2}" for number in range(2)]

    def one(name: str) -> str:
        folder = tmp_path / ("kept" if name == names[0] else "empty")
        channel = written(tmp_path / name / "train", DOCUMENTS)
        cluster = Cluster.join(names, name, timeout=20)
        try:
            host = Host(cluster, Checkpoints(folder, "algo-1"), frozenset({"train"}))
            return trained(DeepAR, GIVEN, {"train": channel}, host)[1]
        finally:
            cluster.close()

    with ThreadPoolExecutor(2) as pool:
        for log in pool.map(one, names):
            assert "epoch=0, train loss" in log


@pytest.mark.parametrize("count", [2, 3])
def test_hosts_learn_what_one_learns(tmp_path: Path, train: Train, count: int) -> None:
    _, log = train(DOCUMENTS)
    network = f"127.{random.randint(1, 250)}.{random.randint(1, 250)}"
    names = [f"{network}.{number + 2}" for number in range(count)]

    def one(name: str) -> Any:
        channel = written(tmp_path / name / "train", DOCUMENTS)
        cluster = Cluster.join(names, name, timeout=20)
        try:
            return trained(DeepAR, GIVEN, {"train": channel}, Host(cluster, None, frozenset({"train"})))
        finally:
            cluster.close()

    with ThreadPoolExecutor(count) as pool:
        found = list(pool.map(one, names))

    def final(text: str) -> float:
        return float(re.findall(r"final_loss <loss>=(\S+)", text)[0])

    first = weights.arrays(found[0][0]._network)
    for model, _ in found[1:]:
        for name, value in weights.arrays(model._network).items():
            np.testing.assert_array_equal(value, first[name])
    assert final(found[0][1]) == pytest.approx(final(log), rel=0.1)


def test_an_interruption_leaves_no_trace(tmp_path: Path, train: Train) -> None:
    whole, _ = train(DOCUMENTS, epochs=4)
    host = Host(checkpoints=Checkpoints(tmp_path / "checkpoints", "algo-1"))
    train(DOCUMENTS, host=host, epochs=2)
    resumed, log = train(DOCUMENTS, host=host, epochs=4)
    assert "Resuming from the checkpoint of epoch 2" in log
    again, _ = train(DOCUMENTS, host=host, epochs=4)
    for name, value in weights.arrays(whole._network).items():
        np.testing.assert_array_equal(value, weights.arrays(resumed._network)[name])
        np.testing.assert_array_equal(value, weights.arrays(again._network)[name])


def test_patience_ends_training(train: Train) -> None:
    _, log = train(DOCUMENTS, epochs=50, learning_rate=1, early_stopping_patience=1)
    epochs = re.findall(r"epoch=(\d+), train loss", log)
    assert len(epochs) < 50
    assert f"occurred at epoch {int(epochs[-1]) - 1}" in log


def test_categories_and_features_must_be_as_in_training(train: Train) -> None:
    besides: dict[str, Any] = {"cat": [1], "dynamic_feat": [[float(hour % 24 < 6) for hour in range(60)]]}
    model, _ = train([document(each, **besides) for each in range(6)])
    ahead: dict[str, Any] = {"dynamic_feat": [[0.0] * 66]}
    assert len(ask(model, document(**(besides | ahead)))) == 1
    assert len(ask(model, document(**(besides | ahead | {"cat": [77]})))) == 1
    with pytest.raises(ClientError, match="Instance 0: 'dynamic_feat' must hold 1 lists of 66 numbers"):
        ask(model, document(**besides))
    with pytest.raises(ClientError, match="Instance 1: 'cat' must hold 1 categories, as in training; got 0"):
        ask(model, document(**(besides | ahead)), document(**ahead))


def test_series_of_any_length_are_forecast(train: Train) -> None:
    model, _ = train(DOCUMENTS)
    lengths = (0, 1, 5, 60, 500)
    found = ask(model, *(document(length=length) for length in lengths), num_samples=10)
    assert [len(each["mean"]) for each in found] == [6] * len(lengths)
    assert np.isfinite([each["mean"] for each in found]).all()
    gone = document() | {"target": [1.0] * 50 + ["NaN"] * 10}
    assert np.isfinite(ask(model, gone)[0]["mean"]).all()


def test_batches_are_configured_by_the_environment(train: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    model, _ = train(DOCUMENTS)
    body = "".join(json.dumps(each) + "\n" for each in DOCUMENTS[:2]).encode()
    request = Request("POST", "/invocations", "application/jsonlines", "", body)
    monkeypatch.setenv("DEEPAR_INFERENCE_CONFIG", '{"num_samples": 5, "output_types": ["samples"]}')
    answer = model.answer(request)
    assert answer.content_type == "application/jsonlines"
    assert isinstance(answer.body, bytes)
    lines = [json.loads(line) for line in answer.body.splitlines()]
    assert [len(line["samples"]) for line in lines] == [5, 5]


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="does not hold a DeepAR model"):
        DeepAR.load(tmp_path)
