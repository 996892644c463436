"""k-NN answers as scikit-learn's exact neighbours do, by any metric, on any number of hosts."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from clary.algorithms.knn import KNN
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import DECODERS
from clary.toolkit.request import Request
from tests.algorithms.conftest import TrainHosts, TrainRows

GIVEN: dict[str, object] = {
    "feature_dim": 8,
    "k": 5,
    "predictor_type": "classifier",
    "sample_size": 2000,
    "mini_batch_size": 300,
}


def rows_of(count: int = 1500, seed: int = 0) -> tuple[Floats, Floats]:
    """Return rows around four middles far from 0, and which middle each has."""
    middles = np.random.default_rng(7).normal(0, 1.5, (4, 8)) + 30
    random = np.random.default_rng(seed)
    labels = random.integers(0, 4, count)
    return (middles[labels] + random.normal(0, 1, (count, 8))).astype(np.float32), labels.astype(np.float32)


METRICS = {"L2": "sqeuclidean", "COSINE": "cosine", "INNER_PRODUCT": lambda one, other: -one @ other}


@pytest.mark.parametrize("metric", METRICS)
def test_neighbours_are_those_of_scikit_learn(train_rows: TrainRows, metric: str) -> None:
    rows, fresh = rows_of(), rows_of(40, 1)[0]
    model, _ = train_rows(KNN, {**GIVEN, "index_metric": metric}, train=rows)
    reference = KNeighborsClassifier(5, algorithm="brute", metric=METRICS[metric]).fit(*rows)
    answer = model.predict_verbose(Batch(fresh)).fields
    distances, points = reference.kneighbors(fresh.astype(float))
    np.testing.assert_allclose(answer["distances"], distances, rtol=1e-3, atol=1e-5)
    assert np.mean(answer["labels"] == rows[1][points]) > 0.99
    assert np.mean(answer["predicted_label"] == reference.predict(fresh)) > 0.95


def test_numbers_are_the_mean_of_the_neighbours(train_rows: TrainRows) -> None:
    rows, fresh = rows_of(), rows_of(100, 1)
    model, log = train_rows(KNN, {**GIVEN, "predictor_type": "regressor"}, train=rows, test=fresh)
    expected = KNeighborsRegressor(5).fit(*rows).predict(fresh[0])
    np.testing.assert_allclose(model.predict(Batch(fresh[0])).fields["predicted_label"], expected, rtol=1e-6)
    (mse,) = re.findall(KNN.metrics[1].regex, log)
    assert float(mse) == pytest.approx(np.square(expected - fresh[1]).mean(), rel=1e-5)
    assert re.search(r"#test_score \(algo-1\) : \('mse', ", log)


def test_the_log_tells_how_well_labels_are_predicted(train_rows: TrainRows) -> None:
    fresh = rows_of(200, 1)
    fresh[1][:3] = 9  # a class that the sample does not have
    model, log = train_rows(KNN, GIVEN, train=rows_of(), test=fresh)
    predicted = model.predict(Batch(fresh[0])).fields["predicted_label"]
    (accuracy,) = re.findall(KNN.metrics[0].regex, log)
    assert float(accuracy) == pytest.approx(np.mean(predicted == fresh[1]))
    (macro,) = re.findall(r"\('macro_f_1.000', (\S+)\)", log)
    assert float(macro) == pytest.approx(f1_score(fresh[1], predicted, average="macro"))


def test_of_equally_frequent_labels_the_nearest_wins(train_rows: TrainRows) -> None:
    rows = np.array([[0], [1], [10]], np.float32), np.array([7, 3, 3], np.float32)
    model, _ = train_rows(KNN, {**GIVEN, "feature_dim": 1, "k": 2}, train=rows)
    answer = model.predict_verbose(Batch(np.array([[0.4], [0.6], [9]], np.float32))).fields
    assert answer["predicted_label"].tolist() == [7, 3, 3]
    assert answer["labels"].tolist() == [[7, 3], [3, 7], [3, 3]]


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [("application/json; verbose=true", "text/csv"), ("application/jsonlines; verbose=true", "text/csv")],
)
def test_verbose_answers_have_distances_and_labels(
    train_rows: TrainRows, accept: str, content_type: str
) -> None:
    model, _ = train_rows(KNN, GIVEN, train=rows_of())
    row = ",".join(map(str, rows_of(1, 1)[0][0])).encode()
    body = model.answer(Request("POST", "/invocations", content_type, accept, row)).body
    answer = json.loads(body)
    answer = answer["predictions"][0] if "predictions" in answer else answer
    assert list(answer) == ["predicted_label", "distances", "labels"]
    assert answer["distances"] == sorted(answer["distances"])
    assert len(answer["labels"]) == 5


def test_verbose_records_hold_three_labels(train_rows: TrainRows) -> None:
    model, _ = train_rows(KNN, GIVEN, train=rows_of())
    accept = "application/x-recordio-protobuf; verbose=true"
    row = ",".join(map(str, rows_of(1, 1)[0][0])).encode()
    body = model.answer(Request("POST", "/invocations", "text/csv", accept, row)).body
    assert all(name in body for name in (b"predicted_label", b"distances", b"labels"))


@pytest.mark.parametrize("kind", ["sign", "fjlt"])
@pytest.mark.parametrize("metric", ["L2", "COSINE"])
def test_fewer_dimensions_are_nearly_as_good(
    train_rows: TrainRows, tmp_path: Path, kind: str, metric: str
) -> None:
    reduction = {"dimension_reduction_type": kind, "dimension_reduction_target": 6, "index_metric": metric}
    model, _ = train_rows(KNN, {**GIVEN, **reduction}, train=rows_of())
    fresh, labels = rows_of(300, 1)
    answer = model.predict(Batch(fresh)).fields["predicted_label"]
    assert np.mean(answer == labels) > 0.75
    model.save(tmp_path)
    about = json.loads((tmp_path / "model_algo-1.json").read_text())
    assert about["dimension_reduction"] == {"type": kind, "seed": 17, "target_dim": 6, "input_dim": 8}
    loaded = KNN.load(tmp_path).predict(Batch(fresh)).fields["predicted_label"]
    np.testing.assert_array_equal(loaded, answer)


def test_coded_rows_are_widened_by_zeros(train_rows: TrainRows, tmp_path: Path) -> None:
    pytest.importorskip("faiss")
    given = {**GIVEN, "index_type": "faiss.IVFPQ", "faiss_index_pq_m": 3, "faiss_index_ivf_nlists": 4}
    model, _ = train_rows(KNN, given, train=rows_of())
    model.save(tmp_path)
    fresh, labels = rows_of(300, 1)
    answer = KNN.load(tmp_path).predict(Batch(fresh)).fields["predicted_label"]
    assert np.mean(answer == labels) > 0.75


@pytest.mark.parametrize("hosts", [2, 4])
@pytest.mark.parametrize("sharded", [True, False])
def test_hosts_have_the_model_of_one(
    train_rows: TrainRows, train_hosts: TrainHosts, sharded: bool, hosts: int
) -> None:
    rows, fresh = rows_of(800), rows_of(50, 1)[0]
    alone, _ = train_rows(KNN, GIVEN, train=rows)
    expected = alone.predict_verbose(Batch(fresh)).fields["distances"]
    for model in train_hosts(KNN, GIVEN, rows, sharded=sharded, hosts=hosts):
        np.testing.assert_array_equal(model.predict_verbose(Batch(fresh)).fields["distances"], expected)


@pytest.mark.parametrize("hosts", [1, 2, 4])
def test_the_sample_is_of_all_hosts(train_hosts: TrainHosts, hosts: int) -> None:
    given = {**GIVEN, "sample_size": 300}
    models = train_hosts(KNN, given, rows_of(1200), sharded=True, hosts=hosts)
    assert all(len(model.labels) == 300 for model in models)
    assert all((model.labels == models[0].labels).all() for model in models)
    counts = np.bincount(models[0].labels.astype(int))
    assert (counts > 45).all()
    fresh, labels = rows_of(500, 1)
    assert np.mean(models[0].predict(Batch(fresh)).fields["predicted_label"] == labels) > 0.85


def test_the_files_may_be_edited(train_rows: TrainRows, tmp_path: Path) -> None:
    model, _ = train_rows(KNN, GIVEN, train=rows_of())
    model.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        "model_algo-1",
        "model_algo-1.json",
        "model_algo-1.labels",
    ]
    np.testing.assert_array_equal(np.fromfile(tmp_path / "model_algo-1.labels", "<f4"), model.labels)
    file = tmp_path / "model_algo-1.json"
    about = json.loads(file.read_text())
    file.write_text(json.dumps({**about, "k": 3, "predictor_type": "regressor"}))
    fresh = rows_of(20, 1)[0]
    answer = KNN.load(tmp_path).predict_verbose(Batch(fresh)).fields
    np.testing.assert_allclose(answer["predicted_label"], answer["labels"].mean(axis=1), rtol=1e-6)
    assert answer["labels"].shape == (20, 3)
    for name, wrong in (("k", 0), ("k", "3"), ("predictor_type", "both"), ("normalize", 1)):
        file.write_text(json.dumps({**about, name: wrong}))
        with pytest.raises(ClientError, match=f"no legal '{name}': {wrong!r}"):
            KNN.load(tmp_path)
    file.write_text(json.dumps({**about, "k": 5000}))
    with pytest.raises(ClientError, match="There are 1500 rows to find 5000 nearest among"):
        KNN.load(tmp_path)


def test_sparse_requests_are_answered(train_rows: TrainRows) -> None:
    model, _ = train_rows(KNN, GIVEN, train=rows_of())
    body = b'{"instances": [{"data": {"features": {"keys": [0, 3], "shape": [8], "values": [30, 30]}}}]}'
    answer = model.predict(DECODERS["application/json"](body)).fields["predicted_label"]
    dense = np.array([[30, 0, 0, 30, 0, 0, 0, 0]], np.float32)
    assert answer == model.predict(Batch(dense)).fields["predicted_label"]


def test_what_cannot_be_learnt_from_is_refused(train_rows: TrainRows) -> None:
    with pytest.raises(ClientError, match="Channel 'train' has no labels"):
        train_rows(KNN, GIVEN, train=rows_of()[0])
    with pytest.raises(ClientError, match="There are 4 rows to find 5 nearest among: lower 'k'"):
        train_rows(KNN, GIVEN, train=rows_of(4))
    with pytest.raises(ClientError, match="has no room in memory: lower 'sample_size'"):
        train_rows(KNN, {**GIVEN, "sample_size": 2**31, "feature_dim": 2**31}, train=rows_of(4))
