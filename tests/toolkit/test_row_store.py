"""Rows in parts become one array."""

import numpy as np

from clary.toolkit.row_store import RowStore


def test_rows_come_out_as_one_array_in_their_order() -> None:
    table = np.arange(24, dtype=np.float32).reshape(6, 4)
    with RowStore() as store:
        store.append(table[:2, 1:], table[:2, 0])
        store.append(table[2:, 1:], table[2:, 0])
        rows = store.rows()
    np.testing.assert_array_equal(rows.features, table[:, 1:])
    np.testing.assert_array_equal(rows.labels, table[:, 0])
    assert rows.features.flags.c_contiguous
    assert rows.features.flags.writeable


def test_no_rows_are_an_empty_array() -> None:
    with RowStore() as store:
        assert len(store.rows()) == 0
        store.append(np.empty((0, 3), np.float32), np.empty(0, np.float32))
        assert store.rows().features.shape == (0, 3)
