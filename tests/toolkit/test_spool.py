"""A spool keeps every row with its label, in memory and in a file."""

import numpy as np
import pytest

from clary.toolkit.spool import Spool


@pytest.mark.parametrize("in_memory", [10**9, 1000, 0])
def test_rows_come_out_shuffled_with_their_labels(in_memory: int) -> None:
    spool = Spool(1, in_memory)
    rows = np.arange(3000, dtype=np.float32).reshape(-1, 3)
    for at in range(0, 1000, 100):
        spool.append(rows[at : at + 100], rows[at : at + 100, 0] * 2)
    table = spool.table()
    assert len(table) == 1000
    assert not np.array_equal(table.features[:, :-1], rows)
    np.testing.assert_array_equal(table.features[:, 0] * 2, table.labels)
    np.testing.assert_array_equal(table.features[:, -1], 1)
    order = np.argsort(table.features[:, 0])
    np.testing.assert_array_equal(table.features[order, :-1], rows)


def test_the_same_seed_gives_the_same_order() -> None:
    tables = []
    for _ in range(2):
        spool = Spool(7)
        spool.append(np.arange(50, dtype=np.float32)[:, None], np.zeros(50, np.float32))
        tables.append(spool.table().features)
    np.testing.assert_array_equal(tables[0], tables[1])


def test_a_filed_table_can_be_changed_in_place() -> None:
    spool = Spool(1, 0)
    spool.append(np.ones((4, 2), np.float32), np.zeros(4, np.float32))
    features = spool.table().features
    features *= 3
    np.testing.assert_array_equal(features, 3)
