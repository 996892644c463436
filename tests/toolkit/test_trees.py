"""The kernel goes down trees as one would by hand, whatever their form."""

import numpy as np
import pytest

from clary.toolkit.batch import Floats
from clary.toolkit.native import kernels
from clary.toolkit.trees import Tree, Trees

pytestmark = pytest.mark.skipif(kernels is None, reason="there is no compiler")
RANDOM = np.random.default_rng(0)


def grown(leaves: int, output: int) -> Tree:
    """Return a tree of so many leaves, split anywhere, its nodes in an order of their own."""
    left, right = [-1], [-1]
    for _ in range(leaves - 1):
        chosen = int(RANDOM.choice([node for node, child in enumerate(left) if child < 0]))
        left[chosen], right[chosen] = len(left) + 1, len(left)
        left += [-1, -1]
        right += [-1, -1]
    count = len(left)
    return Tree(
        np.array(left),
        np.array(right),
        RANDOM.integers(0, 3, count),
        RANDOM.integers(-2, 3, count).astype(np.float32),
        RANDOM.integers(0, 2, count),
        RANDOM.normal(size=count).astype(np.float32),
        output,
    )


def by_hand(tree: Tree, row: Floats) -> float:
    at = 0
    while tree.left[at] >= 0:
        value = row[tree.feature[at]]
        goes_left = tree.default_left[at] if np.isnan(value) else value < tree.split[at]
        at = int(tree.left[at] if goes_left else tree.right[at])
    return float(tree.value[at])


@pytest.mark.parametrize("count", [1, 15, 16, 40])
def test_rows_reach_the_leaves_that_are_theirs(count: int) -> None:
    trees = [grown(leaves, output) for leaves, output in ((1, 0), (2, 1), (9, 0), (30, 1), (5, 0))]
    rows = RANDOM.integers(-3, 4, (count, 3)).astype(np.float32)
    rows[RANDOM.random(rows.shape) < 0.2] = np.nan
    assert kernels is not None
    base = np.array([10, -10], np.float32)
    expected = np.tile(base, (count, 1))
    for tree in trees:
        expected[:, tree.output] += [by_hand(tree, row) for row in rows]
    made = Trees(trees, 2, kernels)
    np.testing.assert_allclose(made.sums(rows, base), expected, rtol=1e-6)
    np.testing.assert_allclose(made.sums(np.asfortranarray(rows), base), expected, rtol=1e-6)


def test_no_rows_have_no_sums() -> None:
    assert kernels is not None
    made = Trees([grown(3, 0)], 1, kernels)
    assert made.sums(np.empty((0, 3), np.float32), np.zeros(1, np.float32)).shape == (0, 1)
