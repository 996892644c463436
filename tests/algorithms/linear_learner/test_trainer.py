"""Minibatches are as large as asked for, unless that leaves too few steps to learn anything."""

import pytest

from clary.algorithms.linear_learner.trainer import batch_size


@pytest.mark.parametrize(
    ("asked", "rows", "expected"),
    [(1000, 1_000_000, 1000), (1000, 455, 29), (1000, 20, 16), (8, 455, 8), (100, 4000, 100)],
)
def test_batch_size(asked: int, rows: int, expected: int) -> None:
    assert batch_size(asked, rows) == expected
