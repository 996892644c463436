"""Examples are copied in any order, normalised on the way."""

import numpy as np
import pytest

from clary.toolkit import examples
from clary.toolkit.examples import DenseExamples


@pytest.mark.parametrize("features", [1, 13, 28, 100])
@pytest.mark.parametrize("compiled", [True, False])
def test_rows_are_taken_in_order_and_normalised(
    features: int, compiled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not compiled:
        monkeypatch.setattr(examples, "kernels", None)
    random = np.random.default_rng(0)
    table = random.normal(0, 1, (5000, features + 2)).astype(np.float32)
    shift, factor = random.normal(0, 1, (2, features + 2)).astype(np.float32)
    order = random.permutation(5000)[:4500]
    taken = DenseExamples(table).normalised(order, shift, factor)
    np.testing.assert_array_equal(taken.table, (table[order] - shift) * factor)


def test_rows_that_are_not_contiguous_are_normalised_as_well() -> None:
    table = np.arange(24, dtype=np.float32).reshape(4, 6)[:, ::2]
    shift, factor = np.ones(3, np.float32), np.full(3, 2, np.float32)
    taken = DenseExamples(table).normalised(np.array([2, 0]), shift, factor)
    np.testing.assert_array_equal(taken.table, (table[[2, 0]] - 1) * 2)
