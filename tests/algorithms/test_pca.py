"""PCA finds the directions that an exact decomposition finds, in ascending order of their variance."""

import re
from pathlib import Path

import numpy as np
import pytest
from sklearn import decomposition

from clary.algorithms.pca import PCA
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import ENCODERS, recordio
from clary.toolkit.host import Host
from clary.toolkit.sparse import Sparse
from tests.algorithms.conftest import TrainHosts, TrainRows, trained

GIVEN: dict[str, object] = {"feature_dim": 12, "num_components": 3, "mini_batch_size": 300}


def rows_of(count: int = 2000, seed: int = 0) -> Floats:
    """Return rows that vary along few directions, far from 0."""
    mixing = np.random.default_rng(7).normal(0, 1, (12, 12)) * np.geomspace(10, 0.1, 12)[:, None]
    return (np.random.default_rng(seed).normal(0, 1, (count, 12)) @ mixing + 500).astype(np.float32)


def test_components_are_those_of_scikit_learn_least_first(train_rows: TrainRows) -> None:
    rows = rows_of()
    model, _ = train_rows(PCA, GIVEN, train=rows)
    reference = decomposition.PCA(3, svd_solver="full").fit(rows.astype(float))
    np.testing.assert_allclose(model.singular_values, reference.singular_values_[::-1], rtol=1e-4)
    overlap = np.abs(np.sum(model.components.T * reference.components_[::-1], axis=1))
    np.testing.assert_allclose(overlap, 1, atol=1e-4)
    np.testing.assert_allclose(model.mean, reference.mean_, rtol=1e-5)


def test_without_subtraction_directions_go_through_zero(train_rows: TrainRows) -> None:
    rows = rows_of()
    model, _ = train_rows(PCA, {**GIVEN, "subtract_mean": "false"}, train=rows)
    _, values, directions = np.linalg.svd(rows.astype(float), full_matrices=False)
    np.testing.assert_allclose(model.singular_values, values[:3][::-1], rtol=1e-4)
    np.testing.assert_allclose(
        np.abs(np.sum(model.components.T * directions[:3][::-1], axis=1)), 1, atol=1e-3
    )
    assert not model.mean.any()


def test_projections_are_answered_under_their_own_name(train_rows: TrainRows) -> None:
    model, _ = train_rows(PCA, GIVEN, train=rows_of())
    rows = rows_of(2, seed=1)
    answer = model.predict(Batch(rows))
    np.testing.assert_allclose(answer.fields["projection"], (rows - model.mean) @ model.components, rtol=1e-5)
    assert re.fullmatch(
        rb'\{"projections": \[(\{"projection": \[.+\]\}(, )?){2}\]\}', ENCODERS["application/json"](answer)
    )


@pytest.mark.parametrize("extra", [-1, 0, 4])
def test_the_sketch_holds_most_of_the_variance(train_rows: TrainRows, extra: int) -> None:
    given = {**GIVEN, "algorithm_mode": "randomized", "extra_components": extra}
    rows, fresh = rows_of(), rows_of(seed=1)
    model, log = train_rows(PCA, given, train=rows, test=fresh)
    np.testing.assert_allclose(model.components.T @ model.components, np.eye(3), atol=1e-5)
    (said,) = re.findall(r"explained_variance_ratio', (\S+)\)", log)
    shifted = fresh - rows.mean(axis=0)
    held = np.square(shifted @ model.components).sum() / np.square(shifted).sum()
    assert float(said) == pytest.approx(held, rel=1e-3)
    best = decomposition.PCA(3).fit(rows).explained_variance_ratio_.sum()
    assert held > (0.95 if extra < 0 else 0.6) * best


@pytest.mark.parametrize(("hosts", "sharded"), [(2, True), (2, False), (4, True)])
def test_hosts_add_up_to_the_same_model(
    train_rows: TrainRows, train_hosts: TrainHosts, hosts: int, sharded: bool
) -> None:
    alone, _ = train_rows(PCA, GIVEN, train=rows_of())
    for model in train_hosts(PCA, GIVEN, rows_of(), sharded=sharded, hosts=hosts):
        np.testing.assert_allclose(model.components, alone.components, atol=1e-3)
        np.testing.assert_allclose(model.singular_values, alone.singular_values, rtol=1e-4)


def test_more_components_than_features_are_refused() -> None:
    given = {"feature_dim": "2", "num_components": "3", "mini_batch_size": "10"}
    with pytest.raises(ClientError, match="'num_components' is above 'feature_dim', 2: lower it"):
        PCA.Params.parse(given)


def sparse_rows(width: int, count: int = 600) -> tuple[Floats, bytes]:
    """Return rows of which few values are not 0, and the same as sparse records."""
    random = np.random.default_rng(3)
    topics = random.integers(0, width, (4, 6))
    rows = np.zeros((count, width), np.float32)
    for row, topic in zip(rows, random.integers(0, 4, count), strict=True):
        row[topics[topic]] = random.random(6) + 1
        row[random.integers(0, width, 3)] += 0.3
    records = [{int(place): float(row[place]) for place in np.flatnonzero(row)} for row in rows]
    return rows, recordio.write_sparse(records, width)


@pytest.mark.parametrize("mode", ["regular", "randomized"])
def test_sparse_rows_stay_sparse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    rows, records = sparse_rows(400)
    made_dense: list[int] = []
    dense = Sparse.dense

    def counted(rows: Sparse) -> Floats:
        made_dense.append(rows.width)
        return dense(rows)

    monkeypatch.setattr(Sparse, "dense", counted)
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "part").write_bytes(records)
    given = {"feature_dim": 400, "num_components": 3, "mini_batch_size": 50, "algorithm_mode": mode}
    channels = {name: Channel(name, tmp_path / "train") for name in ("train", "test")}
    model, log = trained(PCA, dict(given), channels, Host())
    assert isinstance(model, PCA)
    assert all(width < 300 for width in made_dense), "of some columns at most"
    (said,) = re.findall(r"explained_variance_ratio', (\S+)\)", log)
    reference = decomposition.PCA(3, svd_solver="full").fit(rows.astype(float))
    best = reference.explained_variance_ratio_.sum()
    np.testing.assert_allclose(model.mean, reference.mean_, atol=1e-5)
    if mode == "regular":
        assert float(said) == pytest.approx(best, rel=1e-4)
        np.testing.assert_allclose(model.singular_values, reference.singular_values_[::-1], rtol=1e-4)
    else:
        assert float(said) > 0.8 * best
    batch = recordio.decode(records)
    assert isinstance(batch.rows, Sparse)
    np.testing.assert_allclose(
        model.predict(batch).fields["projection"],
        model.predict(Batch(rows)).fields["projection"],
        atol=1e-4,
    )


def test_sparse_rows_after_dense_ones_are_added_to_them(tmp_path: Path) -> None:
    rows, records = sparse_rows(30)
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "0").write_bytes(recordio.write(rows))
    (tmp_path / "train" / "1").write_bytes(records)
    given: dict[str, object] = {"feature_dim": 30, "num_components": 2, "mini_batch_size": 100}
    model, _ = trained(PCA, given, {"train": Channel("train", tmp_path / "train")}, Host())
    assert isinstance(model, PCA)
    reference = decomposition.PCA(2, svd_solver="full").fit(np.concatenate([rows, rows]).astype(float))
    np.testing.assert_allclose(model.singular_values, reference.singular_values_[::-1], rtol=1e-4)
