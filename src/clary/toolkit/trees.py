"""The trees of a boosted model in one array, which a kernel goes down while a library would begin to look.

A library's prediction begins with checks and ends with copies that take longer than the trees of a short
request. Here a request is one call of a function in C over nodes of 16 bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from clary.toolkit.native import Kernels
from clary.toolkit.sparse import Floats

Array = npt.NDArray[Any]

NODE = np.dtype([("split", "f4"), ("feature", "u4"), ("left", "i4"), ("value", "f4")])
"""A node as the kernel reads it; its right child follows its left one."""

_MISSING_GOES_RIGHT = 0x80000000


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree as libraries have it, an element of each array for each node; the root is the first.

    ``left`` and ``right`` number the children, -1 for those of a leaf; rows go left whose ``feature`` is
    below ``split``, or missing where ``default_left``. ``value`` is that of a leaf. It adds to ``output``.
    """

    left: Array
    right: Array
    feature: Array
    split: Array
    default_left: Array
    value: Array
    output: int = 0


class Trees:
    """All trees of a model; ``outputs`` are what it adds up for each row."""

    def __init__(self, trees: Sequence[Tree], outputs: int, compiled: Kernels) -> None:
        laid = [_laid(tree) for tree in trees]
        self._kernel = compiled.trees
        self._nodes = np.concatenate([nodes for nodes, _ in laid])
        lengths = [len(nodes) for nodes, _ in laid]
        self._starts = np.concatenate(([0], np.cumsum(lengths)[:-1])).astype(np.int64)
        self._depths = np.array([depth for _, depth in laid], np.int64)
        self._outputs = np.array([tree.output for tree in trees], np.int64)
        arrays = (self._nodes, self._starts, self._depths, self._outputs)
        self._pointers = tuple(array.ctypes.data for array in arrays)
        self.outputs = outputs

    def sums(self, rows: Floats, base: Floats) -> Floats:
        """Return ``base``, (outputs,), and what the trees add to it, (rows, outputs); NaN is missing."""
        rows = np.ascontiguousarray(rows, np.float32)
        sums = np.empty((len(rows), self.outputs), np.float32)
        sums[:] = base
        self._kernel(
            *self._pointers, len(self._starts), rows.ctypes.data, *rows.shape, sums.ctypes.data, self.outputs
        )
        return sums


def _laid(tree: Tree) -> tuple[Array, int]:
    """Return the nodes of a tree, level by level with children side by side, and how deep it is."""
    levels = [np.zeros(1, np.int64)]
    while True:
        inner = levels[-1][tree.left[levels[-1]] >= 0]
        if not len(inner):
            break
        levels.append(np.column_stack([tree.left[inner], tree.right[inner]]).ravel())
    order = np.concatenate(levels)
    leaf = tree.left[order] < 0
    nodes = np.empty(len(order), NODE)
    nodes["split"] = np.where(leaf, np.nan, tree.split[order])
    missing_right = (~leaf & ~tree.default_left[order].astype(bool)).astype(np.uint32)
    nodes["feature"] = np.where(leaf, 0, tree.feature[order]) | missing_right * np.uint32(_MISSING_GOES_RIGHT)
    # The first child of the k-th inner node is the one after all children before it, and the root.
    nodes["left"] = np.where(leaf, np.arange(len(order)), 2 * np.cumsum(~leaf) - 1)
    nodes["value"] = np.where(leaf, tree.value[order], 0)
    return nodes, len(levels) - 1
