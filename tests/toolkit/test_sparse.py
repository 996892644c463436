"""Sparse rows are the dense ones, compressed, with and without the compiled kernels."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clary.toolkit import sparse
from clary.toolkit.errors import ClientError
from clary.toolkit.sparse import Floats, Sparse, Touch


@pytest.fixture(params=[True, False])
def compiled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if not request.param:
        monkeypatch.setattr(sparse, "kernels", None)
    return iter([None])


def made(seed: int, rows: int = 9, width: int = 12) -> tuple[Sparse, Floats]:
    """Return sparse rows, some of them empty, and the same dense."""
    random = np.random.default_rng(seed)
    table = random.normal(size=(rows, width)).astype(np.float32) * (random.random((rows, width)) < 0.2)
    starts = np.concatenate(([0], np.cumsum((table != 0).sum(axis=1))))
    _, columns = np.nonzero(table)
    return Sparse(starts, columns.astype(np.int32), table[table != 0].astype(np.float32), width), table


@pytest.mark.usefixtures("compiled")
@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(0, 20))
def test_products_are_those_of_dense_rows(seed: int, rows: int) -> None:
    compressed, dense = made(seed, rows)
    random = np.random.default_rng(seed)
    weights, slopes = (random.normal(size=(length, 5)).astype(np.float32) for length in (12, rows))
    np.testing.assert_allclose(compressed.dot(weights), dense @ weights, atol=1e-5)
    apart = np.empty((rows, 10), np.float32)[:, ::2]
    np.testing.assert_allclose(compressed.dot(weights[:, 1:3]), dense @ weights[:, 1:3], atol=1e-5)
    np.testing.assert_allclose(compressed.dot(weights, apart), dense @ weights, atol=1e-5)
    gradient = np.full((12, 5), 7, np.float32)
    np.testing.assert_allclose(compressed.gradient(slopes, gradient), dense.T @ slopes, atol=1e-5)


@given(st.integers(0, 10**6), st.integers(1, 20))
def test_rows_are_sliced_taken_joined_and_completed(seed: int, rows: int) -> None:
    compressed, dense = made(seed, rows)
    order = np.random.default_rng(seed).permutation(rows)
    np.testing.assert_array_equal(compressed.dense(), dense)
    np.testing.assert_array_equal(compressed.slice(rows // 3, rows).dense(), dense[rows // 3 :])
    np.testing.assert_array_equal(compressed.take(order).dense(), dense[order])
    both = sparse.joined([compressed, compressed.slice(0, rows // 2), compressed])
    np.testing.assert_array_equal(both.dense(), np.concatenate([dense, dense[: rows // 2], dense]))
    np.testing.assert_array_equal(compressed.with_ones().dense(), np.column_stack([dense, np.ones(rows)]))
    np.testing.assert_array_equal(sparse.compressed(dense).dense(), dense)
    kept = sparse.nonzero(dense)
    np.testing.assert_array_equal(kept.dense(), dense)
    assert len(kept.values) == np.count_nonzero(dense)


@pytest.mark.usefixtures("compiled")
def test_touched_columns_stand_for_all(seed: int = 3) -> None:
    compressed, dense = made(seed)
    touch = Touch(12)
    weights = np.random.default_rng(1).normal(size=(12, 2)).astype(np.float32)
    for _ in range(2):  # the second time as the first: nothing is left over
        columns, local = touch.of(compressed)
        assert sorted(columns) == sorted(set(np.nonzero(dense)[1]))
        np.testing.assert_allclose(local.dot(weights[columns]), dense @ weights, atol=1e-5)


def test_too_many_values_are_not_made_dense() -> None:
    rows = Sparse(np.zeros(1001, np.int64), np.empty(0, np.int32), np.empty(0, np.float32), 2_000_000)
    with pytest.raises(ClientError, match="1000 sparse rows of 2000000 features are too many"):
        rows.dense()
