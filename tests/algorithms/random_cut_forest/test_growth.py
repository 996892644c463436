"""Trees hold all their points, and cut the wider columns more often."""

import numpy as np
import pytest

from clary.algorithms.random_cut_forest.forest import Structure
from clary.algorithms.random_cut_forest.growth import grow
from clary.toolkit.batch import Floats


def leaf_of(structure: Structure, tree: int, row: Floats) -> tuple[int, int]:
    """Return the leaf that a row comes to, and the number of cuts before."""
    node, depth = int(structure.roots[tree]), 0
    while node >= 0:
        side = int(row[structure.columns[node]] > structure.cuts[node])
        assert structure.depths[node] == depth
        node, depth = int(structure.children[node, side]), depth + 1
    return ~node, depth


@pytest.mark.parametrize("shape", [(4, 60, 3), (1, 1, 2), (3, 2, 1), (2, 30, 20)])
def test_every_point_has_a_leaf_of_its_own(shape: tuple[int, int, int]) -> None:
    samples = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    structure = grow(samples, np.random.default_rng(1))
    assert structure.mass == shape[1]
    for tree, rows in enumerate(samples):
        found = [leaf_of(structure, tree, row) for row in rows]
        for row, (leaf, _) in zip(rows, found, strict=True):
            np.testing.assert_array_equal(structure.points[leaf], row)
            assert structure.masses[leaf] == 1
        assert len(set(found)) == shape[1]
        assert structure.heights()[tree] == max(depth for _, depth in found)
        assert structure.sizes()[tree] == 2 * shape[1] - 1
    assert structure.depth == max(structure.heights())


def test_equal_points_share_a_leaf() -> None:
    rows = np.array([[1, 2], [1, 2], [5, 0], [1, 2], [5, 0]], np.float32)
    structure = grow(rows[None], np.random.default_rng(0))
    assert sorted(structure.masses.tolist()) == [2, 3]
    alike = grow(np.ones((2, 7, 3), np.float32), np.random.default_rng(0))
    assert alike.masses.tolist() == [7, 7]
    assert alike.depth == 0
    assert alike.sizes().tolist() == [1, 1]
    assert alike.heights().tolist() == [0, 0]


def test_columns_are_cut_as_often_as_they_are_wide() -> None:
    corners = np.array([[0, 0, 0], [1, 3, 0]], np.float32)
    structure = grow(np.tile(corners, (4000, 1, 1)), np.random.default_rng(0))
    assert np.bincount(structure.columns, minlength=3) / 4000 == pytest.approx([0.25, 0.75, 0], abs=0.03)
    cuts = structure.cuts[structure.columns == 1]
    assert (cuts.min(), cuts.mean(), cuts.max()) == pytest.approx((0, 1.5, 3), abs=0.06)


def test_neighbouring_floats_are_parted() -> None:
    close = np.array([[1.0], [np.nextafter(np.float32(1), np.float32(2))]], np.float32)
    structure = grow(np.tile(close, (200, 1, 1)), np.random.default_rng(0))
    assert (structure.masses == 1).all()
    assert leaf_of(structure, 7, close[0])[0] != leaf_of(structure, 7, close[1])[0]
