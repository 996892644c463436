"""Indices find the nearest rows, and their files are those of faiss, which reads and writes the same."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clary.algorithms.knn.index import Flat, built, read
from clary.algorithms.knn.params import KNNParams
from clary.toolkit.batch import Floats
from clary.toolkit.errors import ClientError

faiss = pytest.importorskip("faiss")


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give faiss one thread: many small searches gain nothing by more."""
    faiss.omp_set_num_threads(1)
    monkeypatch.setattr(faiss, "omp_set_num_threads", lambda threads: None)


def points(count: int = 600, seed: int = 0) -> Floats:
    return np.random.default_rng(seed).normal(0, 1, (count, 6)).astype(np.float32)


def params(**given: Any) -> KNNParams:
    least = {"feature_dim": 6, "k": 3, "predictor_type": "classifier", "sample_size": 600}
    return KNNParams.parse({name: str(value) for name, value in {**least, **given}.items()})


@pytest.mark.parametrize("inner", [False, True])
def test_a_flat_index_is_faisss_byte_for_byte(tmp_path: Path, inner: bool) -> None:
    theirs = (faiss.IndexFlatIP if inner else faiss.IndexFlatL2)(6)
    theirs.add(points())
    faiss.write_index(theirs, str(tmp_path / "theirs"))
    Flat(points(), inner=inner).write(tmp_path / "ours")
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()
    distances, numbers = faiss.read_index(str(tmp_path / "ours")).search(points(5, 1), 4)
    found, places = read(tmp_path / "theirs").search(points(5, 1), 4)
    np.testing.assert_array_equal(places, numbers)
    np.testing.assert_allclose(found, -distances if inner else distances, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "metric"),
    [("faiss.IVFFlat", "L2"), ("faiss.IVFFlat", "INNER_PRODUCT"), ("faiss.IVFPQ", "L2")],
)
def test_inverted_lists_find_most_of_the_nearest(tmp_path: Path, kind: str, metric: str) -> None:
    given = params(index_type=kind, faiss_index_pq_m=3, index_metric=metric, faiss_index_ivf_nlists=10)
    index = built(points(), given)
    _, exact = Flat(points(), inner=metric != "L2").search(points(50, 1), 3)
    distances, found = index.search(points(50, 1), 3)
    recall = np.mean([len(set(one) & set(other)) / 3 for one, other in zip(exact, found, strict=True)])
    assert recall > (0.85 if kind == "faiss.IVFFlat" else 0.5)
    assert (np.diff(distances) >= 0).all()
    index.write(tmp_path / "index")
    again = read(tmp_path / "index")
    assert (len(again), again.width) == (600, 6)
    np.testing.assert_array_equal(again.search(points(50, 1), 3)[1], found)


def test_lists_that_hold_too_few_are_not_all_that_is_searched() -> None:
    given = params(index_type="faiss.IVFFlat", faiss_index_ivf_nlists=500, _faiss_index_nprobe=1, k=100)
    _, found = built(points(), given).search(points(4, 1), 100)
    assert (found >= 0).all()
    assert all(len(set(row)) == 100 for row in found)


def test_a_sample_too_small_to_be_coded_is_refused() -> None:
    with pytest.raises(ClientError, match=r"has 100 rows; 'index_type' faiss\.IVFPQ needs 256"):
        built(points(100), params(index_type="faiss.IVFPQ", faiss_index_pq_m=2))


def test_without_faiss_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(ClientError, match=r"pip install 'clary\[faiss\]'"):
        built(points(), params(index_type="faiss.IVFFlat"))


@pytest.mark.parametrize("content", [b"", b"IxF2", b"IxF2" + bytes(41), b"IwFlxxxx", b"something else"])
def test_another_file_is_no_index(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "index").write_bytes(content)
    with pytest.raises(ClientError, match="is not an index of rows"):
        read(tmp_path / "index")
