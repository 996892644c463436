"""Scores and gradients are those of the sum over all pairs of features, with and without the kernels."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from clary.algorithms.factorization_machines import interactions
from clary.toolkit import sparse
from clary.toolkit.batch import Floats
from clary.toolkit.examples import DenseExamples, Examples, SparseExamples
from clary.toolkit.sparse import Sparse

RANDOM = np.random.default_rng(0)
TABLE = (RANDOM.normal(size=(9, 6)) * (RANDOM.random((9, 6)) < 0.6)).astype(np.float32)
TABLE[4] = 0


@pytest.fixture(params=["kernels", "numpy"])
def compiled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "numpy":
        monkeypatch.setattr(interactions, "kernels", None)
        monkeypatch.setattr(sparse, "kernels", None)


def weights(factors: int) -> Floats:
    return np.random.default_rng(factors).normal(size=(6, 1 + factors)).astype(np.float32)


def by_pairs(row: Floats, own: npt.NDArray[Any]) -> float:
    places = [(i, j) for i in range(len(row)) for j in range(i)]
    pairs = sum(float(own[i, 1:] @ own[j, 1:]) * float(row[i] * row[j]) for i, j in places)
    return float(row.astype(float).dot(own[:, 0])) + pairs


def kept() -> Sparse:
    numbers, indices = np.nonzero(TABLE)
    starts = np.searchsorted(numbers, np.arange(len(TABLE) + 1))
    return Sparse(starts, indices.astype(np.int32), TABLE[numbers, indices], TABLE.shape[1])


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize("factors", [1, 5, 70])
@pytest.mark.parametrize("rows", [TABLE, kept()], ids=["dense", "sparse"])
def test_scores_and_gradients_are_those_of_all_pairs(rows: Floats | Sparse, factors: int) -> None:
    own = weights(factors)
    scores, sums = interactions.scores(rows, own)
    expected = [by_pairs(row, own) for row in TABLE]
    np.testing.assert_allclose(scores, expected, rtol=1e-4, atol=1e-4)
    slopes = np.random.default_rng(1).normal(size=len(TABLE)).astype(np.float32)
    gradient = interactions.gradient(rows, own, sums, slopes)
    step = 1e-2  # the score is quadratic in each weight at most, so central differences are exact
    for place in ((0, 0), (2, 1), (5, factors)):
        moved = [own.astype(np.float64), own.astype(np.float64)]
        moved[0][place] += step
        moved[1][place] -= step
        high, low = (np.array([by_pairs(row, each) for row in TABLE]) for each in moved)
        np.testing.assert_allclose(gradient[place], (high - low) @ slopes / (2 * step), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("dense", [True, False])
def test_the_column_of_ones_is_no_feature(*, dense: bool) -> None:
    labels = np.zeros(len(TABLE), np.float32)
    ones = np.ones(len(TABLE), np.float32)
    examples: Examples = SparseExamples(kept().with_ones(), labels)
    if dense:
        examples = DenseExamples(np.column_stack([labels, TABLE, ones]))
    found = interactions.features_of(examples)
    np.testing.assert_array_equal(found.dense() if isinstance(found, Sparse) else found, TABLE)
