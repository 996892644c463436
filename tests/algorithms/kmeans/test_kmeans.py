"""K-means finds clusters in one pass, in whatever order rows come, and tells how far rows are from them."""

import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.cluster import MiniBatchKMeans

from clary.algorithms.kmeans import KMeans
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import recordio
from clary.toolkit.host import Host
from clary.toolkit.sparse import Sparse
from tests.algorithms.conftest import TrainHosts, TrainRows, trained

GIVEN: dict[str, object] = {"k": 12, "feature_dim": 6, "mini_batch_size": 500}


def clusters(rows: int = 6000, seed: int = 0, *, ordered: bool = False) -> Floats:
    """Return rows of twelve clusters far from 0 that lie apart."""
    random = np.random.default_rng(seed)
    middles = np.random.default_rng(5).normal(0, 5, (12, 6)) + 1000
    labels = random.integers(0, 12, rows)
    if ordered:
        labels = np.sort(labels)
    return (middles[labels] + random.normal(0, 1, (rows, 6))).astype(np.float32)


def msd(centres: Floats, rows: Floats) -> float:
    distances = np.square(rows[:, None].astype(float) - centres.astype(float)).sum(axis=2)
    return float(distances.min(axis=1).mean())


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("start", ["random", "kmeans++"])
def test_clusters_are_as_good_as_scikit_learns(train_rows: TrainRows, ordered: bool, start: str) -> None:
    rows = clusters(ordered=ordered)
    model, _ = train_rows(KMeans, {**GIVEN, "init_method": start}, train=rows)
    reference = MiniBatchKMeans(12, batch_size=500, n_init=3, random_state=0).fit(clusters())
    assert model.centres.shape == (12, 6)
    assert msd(model.centres, rows) < 1.01 * msd(reference.cluster_centers_, rows)


def test_the_log_tells_what_the_clusters_are_worth(train_rows: TrainRows) -> None:
    rows, fresh = clusters(), clusters(seed=1)
    model, log = train_rows(KMeans, {**GIVEN, "eval_metrics": '["msd", "ssd"]'}, train=rows, test=fresh)
    found = {metric.name: re.findall(metric.regex, log) for metric in KMeans.metrics}
    assert [len(values) for values in found.values()] == [1] * 5
    assert float(found["train:msd"][0]) == pytest.approx(msd(model.centres, rows), rel=1e-3)
    assert float(found["test:msd"][0]) == pytest.approx(msd(model.centres, fresh), rel=1e-3)
    assert float(found["test:ssd"][0]) == pytest.approx(len(fresh) * msd(model.centres, fresh), rel=1e-3)
    assert "local kmeans attempt #0" in log


def test_only_the_metrics_asked_for_are_told(train_rows: TrainRows) -> None:
    _, log = train_rows(KMeans, GIVEN, train=clusters(), test=clusters(seed=1))
    assert "test msd" in log
    assert "test ssd" not in log


def test_answers_are_the_nearest_centre_and_its_distance(train_rows: TrainRows) -> None:
    model, _ = train_rows(KMeans, GIVEN, train=clusters())
    rows = clusters(20, seed=2)
    answer = model.predict(Batch(rows))
    distances = np.sqrt(np.square(rows[:, None].astype(float) - model.centres).sum(axis=2))
    np.testing.assert_array_equal(answer.fields["closest_cluster"], distances.argmin(axis=1))
    np.testing.assert_allclose(answer.fields["distance_to_cluster"], distances.min(axis=1), rtol=1e-3)


@pytest.mark.parametrize(("hosts", "sharded"), [(2, True), (2, False), (4, True), (4, False)])
def test_hosts_find_the_clusters_that_one_finds(
    train_rows: TrainRows, train_hosts: TrainHosts, hosts: int, sharded: bool
) -> None:
    rows = clusters()
    alone, _ = train_rows(KMeans, GIVEN, train=rows)
    models = train_hosts(KMeans, GIVEN, rows, sharded=sharded, hosts=hosts)
    for model in models:
        np.testing.assert_array_equal(model.centres, models[0].centres)
    gaps = np.sqrt(np.square(alone.centres[:, None].astype(float) - models[0].centres).sum(axis=2))
    assert sorted(gaps.argmin(axis=1)) == list(range(12)), "every cluster has one that is the same"
    assert gaps.min(axis=1).max() < 0.1, "of clusters whose rows are 2.4 from their middle"
    assert msd(models[0].centres, rows) == pytest.approx(msd(alone.centres, rows), rel=1e-3)


def test_sparse_rows_are_made_dense_a_minibatch_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = np.where(np.random.default_rng(0).random((900, 6)) < 0.3, clusters(900), 0).astype(np.float32)
    records = [{int(place): float(row[place]) for place in np.flatnonzero(row)} for row in rows]
    sizes: list[int] = []
    dense = Sparse.dense

    def counted(rows: Sparse) -> Floats:
        sizes.append(len(rows))
        return dense(rows)

    monkeypatch.setattr(Sparse, "dense", counted)
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "part").write_bytes(recordio.write_sparse(records, 6))
    given: dict[str, object] = {"k": 12, "feature_dim": 6, "mini_batch_size": 100}
    model, _ = trained(KMeans, given, {"train": Channel("train", tmp_path / "train")}, Host())
    assert isinstance(model, KMeans)
    assert max(sizes) <= 100
    reference = MiniBatchKMeans(12, batch_size=100, n_init=3, random_state=0).fit(rows)
    assert msd(model.centres, rows) < 1.05 * msd(reference.cluster_centers_, rows)


def test_passes_go_on_from_each_other(train_rows: TrainRows) -> None:
    model, log = train_rows(KMeans, {**GIVEN, "epochs": 3}, train=clusters())
    assert re.findall(r"completed (\d+) %", log) == ["33", "66", "100"]
    assert msd(model.centres, clusters()) < 6.1


def test_old_rows_are_forgotten(train_rows: TrainRows) -> None:
    drift = np.concatenate([np.full((3000, 1), 0.0), np.full((3000, 1), 1.0)]).astype(np.float32)
    given = {"k": 1, "feature_dim": 1, "mini_batch_size": 100, "extra_center_factor": 1}
    still, _ = train_rows(KMeans, given, train=drift)
    moved, _ = train_rows(KMeans, {**given, "half_life_time_size": 300}, train=drift)
    assert still.centres[0, 0] == pytest.approx(0.5, abs=0.01)
    assert moved.centres[0, 0] > 0.99


@pytest.mark.parametrize("rows", [np.ones((50, 3)), np.zeros((50, 3)), np.arange(12).reshape(4, 3)])
def test_data_with_few_different_rows_have_a_model(train_rows: TrainRows, rows: Floats) -> None:
    model, _ = train_rows(KMeans, {"k": 4, "feature_dim": 3}, train=rows.astype(np.float32))
    assert model.centres.shape == (4, 3)
    np.testing.assert_allclose(model.predict(Batch(rows.astype(np.float32))).fields["distance_to_cluster"], 0)


def test_what_cannot_be_learnt_from_is_refused(train_rows: TrainRows) -> None:
    with pytest.raises(ClientError, match="has 3 rows, fewer than the 4 clusters"):
        train_rows(KMeans, {"k": 4, "feature_dim": 2}, train=np.ones((3, 2), np.float32))
    with pytest.raises(ClientError, match="'train' has 2 features but hyperparameter 'feature_dim' is 3"):
        train_rows(KMeans, {"k": 1, "feature_dim": 3}, train=np.ones((3, 2), np.float32))
    with pytest.raises(ClientError, match="holds a NaN or an infinity"):
        train_rows(KMeans, {"k": 1, "feature_dim": 2}, train=np.full((3, 2), np.inf, np.float32))


def test_another_file_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="is not a file of arrays"):
        KMeans.load(tmp_path)
