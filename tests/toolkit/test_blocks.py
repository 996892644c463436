"""Blocks give back what batches brought, in memory and from the file, as often as asked."""

import mmap

import numpy as np
import pytest

from clary.toolkit.batch import Batch, Floats
from clary.toolkit.blocks import Blocks
from clary.toolkit.sparse import Sparse

ROWS = np.arange(3000, dtype=np.float32).reshape(1000, 3)
LABELS = np.arange(2000, dtype=np.float32).reshape(1000, 2)


def filled(**limits: int) -> Blocks:
    blocks = Blocks(**limits)
    for start in range(0, 1000, 70):
        blocks.append(Batch(ROWS[start : start + 70], LABELS[start : start + 70]))
    return blocks


def features(blocks: Blocks) -> Floats:
    return np.concatenate([block.features.copy() for block in blocks])


@pytest.mark.parametrize("in_memory", [0, 5000, 10**9])
def test_dense_rows_come_back_in_order_and_again(in_memory: int) -> None:
    blocks = filled(in_memory=in_memory, size=1000)
    assert (len(blocks), blocks.width) == (1000, 3)
    for _ in range(2):
        np.testing.assert_array_equal(features(blocks), ROWS)
    np.testing.assert_array_equal(blocks.labels(), LABELS)
    in_file = [isinstance(block.features.base, mmap.mmap) for block in blocks]
    assert (sum(in_file) == 0, all(in_file)) == (in_memory == 10**9, in_memory == 0)


def test_batches_join_into_blocks() -> None:
    assert len(list(filled())) == 1
    assert [len(block) for block in filled(size=4800)] == [400, 400, 200]


@pytest.mark.parametrize("in_memory", [0, 10**9])
def test_sparse_rows_of_different_widths_come_back(in_memory: int) -> None:
    blocks = Blocks(in_memory=in_memory, size=10**6)
    for width in (2, 5):
        starts = np.array([0, 1, 1])
        rows = Sparse(starts, np.array([width - 1], np.int32), np.array([1.5], np.float32), width)
        blocks.append(Batch(rows, np.array([[1], [2]], np.float32)))
    assert blocks.width == 5
    (block,) = blocks
    np.testing.assert_array_equal(block.features, [[0, 1.5, 0, 0, 0], [0] * 5, [0, 0, 0, 0, 1.5], [0] * 5])
    np.testing.assert_array_equal(blocks.labels()[:, 0], [1, 2, 1, 2])


def test_weights_and_groups_of_some_rows_are_told_of_all() -> None:
    blocks = Blocks(size=1)
    rows = Sparse(np.array([0, 1]), np.array([0], np.int32), np.array([2], np.float32), 1)
    blocks.append(Batch(rows, weights=np.array([0.5], np.float32)))
    blocks.append(Batch(rows, groups=np.array([7])))
    assert [block.weights for block in blocks] == [[0.5], [1]]
    assert [block.groups for block in blocks] == [[0], [7]]


def test_dense_and_sparse_rows_keep_their_order() -> None:
    blocks = Blocks()
    table = Sparse(np.array([0, 1]), np.array([1], np.int32), np.array([9], np.float32), 2)
    for rows in (np.array([[1, 2]], np.float32), table, np.array([[3, 4]], np.float32)):
        blocks.append(Batch(rows))
    np.testing.assert_array_equal(features(blocks), [[1, 2], [0, 9], [3, 4]])


def test_no_rows_are_no_blocks() -> None:
    blocks = Blocks()
    assert list(blocks) == []
    assert blocks.labels().shape == (0, 1)
