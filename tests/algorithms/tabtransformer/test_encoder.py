"""Rows become codes and amounts, and what was not there in training has a place."""

import numpy as np
import pytest

from clary.algorithms.tabtransformer.encoder import Encoder
from clary.toolkit.table_schema import TableSchema

SCHEMA = TableSchema(4, categorical=(1,))
ROWS = np.array([[1, 7, 5, 10], [3, 2, 5, np.nan], [5, 7, 5, 20]], np.float32)


def test_amounts_are_scaled_and_categories_counted_from_1() -> None:
    encoder = Encoder.of(ROWS, SCHEMA)
    assert encoder.sizes == [3]
    codes, amounts = encoder.encode(ROWS)
    np.testing.assert_array_equal(codes, [[2], [1], [2]])
    np.testing.assert_allclose(amounts[:, 0], [-1.2247449, 0, 1.2247449], rtol=1e-6)
    np.testing.assert_array_equal(amounts[:, 1], [0, 0, 0])
    np.testing.assert_allclose(amounts[:, 2], [-1, 0, 1])


@pytest.mark.parametrize("strange", [0.0, 3.0, 99.0, np.nan])
def test_a_category_that_was_not_there_has_the_code_0(strange: float) -> None:
    rows = np.array([[1, strange, 5, 10]], np.float32)
    assert Encoder.of(ROWS, SCHEMA).encode(rows)[0].tolist() == [[0]]


def test_an_encoder_is_put_together_from_its_arrays() -> None:
    encoder = Encoder.of(ROWS, SCHEMA)
    again = Encoder.from_arrays(SCHEMA, encoder.arrays())
    for given, expected in zip(again.encode(ROWS), encoder.encode(ROWS), strict=True):
        np.testing.assert_array_equal(given, expected)
    with pytest.raises(KeyError):
        Encoder.from_arrays(SCHEMA, {})


def test_a_column_of_nothing_is_answered() -> None:
    rows = np.full((2, 4), np.nan, np.float32)
    codes, amounts = Encoder.of(rows, SCHEMA).encode(rows)
    assert not codes.any()
    assert not amounts.any()
