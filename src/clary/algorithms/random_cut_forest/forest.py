"""A random cut forest: trees of nested boxes around points, and the scores of rows by them."""

from dataclasses import dataclass

import numpy as np

from clary.algorithms.random_cut_forest import measure
from clary.algorithms.random_cut_forest.measure import Doubles, Longs
from clary.toolkit.batch import Floats
from clary.toolkit.native import Kernels, kernels

_LANES = 8  # columns that the kernel takes at a time
_BLOCK = 4_000_000  # values that rows and boxes take at a time without it
_ROWS = 1024
_NODE = np.dtype([("columns", np.int32), ("cuts", np.float32), ("children", np.int32, (2,))])


@dataclass(frozen=True, slots=True)
class Structure:
    """What the trees of a forest are, without what follows from it.

    Node ``i`` cuts column ``columns[i]`` at ``cuts[i]``; rows up to there go to the first of its two
    ``children``, (nodes, 2), which is a node, or the leaf ``~child`` where that is negative. ``roots``,
    (trees,), are such numbers too. A leaf is a point, (leaves, features), with the ``masses`` of rows that
    are equal to it. ``depths`` tell how many cuts there are above each node.
    """

    roots: Longs
    children: Longs
    columns: Longs
    cuts: Floats
    points: Floats
    masses: Longs
    depths: Longs

    @property
    def mass(self) -> int:
        """How many rows each tree was made of."""
        return int(self.masses.sum()) // len(self.roots)

    @property
    def depth(self) -> int:
        """How many cuts there are at most from a root to a leaf."""
        return int(self.depths.max(initial=-1)) + 1

    @property
    def nbytes(self) -> int:
        """What the forest takes in memory, but for the boxes of its nodes."""
        return sum(getattr(self, name).nbytes for name in self.__slots__)

    def sizes(self) -> Longs:
        """Return how many nodes and leaves each tree has, (trees,)."""
        return 2 * np.bincount(self._owners(), minlength=len(self.roots)) + 1

    def heights(self) -> Longs:
        """Return how many cuts there are at most from the root of each tree to a leaf, (trees,)."""
        found = np.zeros(len(self.roots), np.int64)
        np.maximum.at(found, self._owners(), self.depths + 1)
        return found

    def _owners(self) -> Longs:
        """Return the number of the tree of each node; the nodes of a tree follow its root."""
        owners: Longs = np.flatnonzero(self.roots >= 0)[np.cumsum(self.depths == 0) - 1]
        return owners


class Forest:
    """A forest ready to score rows; ``width`` is the number of features."""

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        self.width = structure.points.shape[1]
        self._points = _padded(structure.points, 0)
        lows, highs = _boxes(structure)
        self._spans = (highs.astype(np.float64) - lows).sum(axis=1).astype(np.float32)
        self._boxes = np.stack([_padded(lows, -np.inf), _padded(highs, np.inf)], axis=1)
        self._nodes = np.empty(len(structure.children), _NODE)
        for name in _NODE.names or ():
            self._nodes[name] = getattr(structure, name)
        depths = np.arange(structure.depth + 1)
        self._unseen = measure.unseen(depths)
        masses = np.arange(structure.mass + 1)
        self._seen = measure.seen(depths[:, None], masses) * measure.damp(masses, structure.mass)

    def scores(self, rows: Floats) -> Doubles:
        """Return the anomaly score of each of ``rows``, (rows, features): the odder, the more."""
        found = np.zeros(len(rows))
        for at in range(0, len(rows), _ROWS):
            block = _padded(rows[at : at + _ROWS], 0)
            if kernels:
                self._add_compiled(kernels, block, found[at : at + _ROWS])
            else:
                self._add(block, found[at : at + _ROWS])
        return measure.normalised(found / len(self.structure.roots), self.structure.mass)

    def _add_compiled(self, compiled: Kernels, rows: Floats, scores: Doubles) -> None:
        tree, path = self.structure, np.empty(self.structure.depth, np.int64)
        arrays = (self._nodes, self._boxes, self._spans, self._points, tree.masses, self._seen)
        tables = [each.ctypes.data for each in arrays]
        ends = (self._seen.shape[1], *(each.ctypes.data for each in (self._unseen, path, scores)))
        for root in tree.roots.tolist():
            compiled.forest_scores(rows.ctypes.data, *rows.shape, root, *tables, *ends)

    def _add(self, rows: Floats, scores: Doubles) -> None:
        """Add up the scores from the roots down; ``left`` is the chance that no cut so far parted the row."""
        step = max(1, _BLOCK // rows.size)
        for at in range(0, len(self.structure.roots), step):
            roots = self.structure.roots[at : at + step]
            numbers = np.tile(np.arange(len(rows)), len(roots))
            nodes, left = np.repeat(roots, len(rows)), np.ones(len(numbers))
            for depth in range(self.structure.depth + 1):
                leaves = nodes < 0
                self._add_leaves(rows, (numbers[leaves], ~nodes[leaves], left[leaves]), depth, scores)
                numbers, nodes, left = numbers[~leaves], nodes[~leaves], left[~leaves]
                found = rows[numbers]
                lows, highs = self._boxes[nodes, 0], self._boxes[nodes, 1]
                excess = (np.maximum(lows - found, 0) + np.maximum(found - highs, 0)).sum(axis=1, dtype=float)
                spans = self._spans[nodes]
                chance = excess / (spans + excess)
                scores += np.bincount(numbers, left * chance * self._unseen[depth], len(rows))
                left *= 1 - chance
                tree = self.structure
                side = found[np.arange(len(nodes)), tree.columns[nodes]] > tree.cuts[nodes]
                nodes = tree.children[nodes, side.astype(np.int64)]

    def _add_leaves(
        self, rows: Floats, arrived: tuple[Longs, Longs, Doubles], depth: int, scores: Doubles
    ) -> None:
        """Add what the leaves add to the rows that have come to them."""
        numbers, leaves, left = arrived
        same = (rows[numbers] == self._points[leaves]).all(axis=1)
        masses = self.structure.masses[leaves]
        parts = np.where(same, self._seen[depth, masses], left * self._unseen[depth])
        scores += np.bincount(numbers, parts, len(rows))


def _boxes(structure: Structure) -> tuple[Floats, Floats]:
    """Return the least and the greatest values below each node, (nodes, features), from the leaves up."""
    shape = (len(structure.children), structure.points.shape[1])
    lows, highs = np.empty(shape, np.float32), np.empty(shape, np.float32)
    for depth in reversed(range(structure.depth)):
        nodes = np.flatnonzero(structure.depths == depth)
        first, second = structure.children[nodes].T
        lows[nodes] = np.minimum(_below(structure, first, lows), _below(structure, second, lows))
        highs[nodes] = np.maximum(_below(structure, first, highs), _below(structure, second, highs))
    return lows, highs


def _below(structure: Structure, children: Longs, bounds: Floats) -> Floats:
    """Return the bounds of ``children``, which are nodes or leaves."""
    found = np.empty((len(children), bounds.shape[1]), np.float32)
    leaf = children < 0
    found[leaf], found[~leaf] = structure.points[~children[leaf]], bounds[children[~leaf]]
    return found


def _padded(table: Floats, value: float) -> Floats:
    """Return a table with columns of ``value`` added, so that their number is a multiple of the kernel's."""
    rows, width = table.shape
    padded = np.full((rows, -(-width // _LANES) * _LANES), value, np.float32)
    padded[:, :width] = table
    return padded
