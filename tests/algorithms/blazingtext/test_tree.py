"""Frequent labels are near the root, and no label lies on the way to another."""

import numpy as np

from clary.algorithms.blazingtext import tree


def test_ways_are_those_of_huffman() -> None:
    paths = tree.paths(np.array([40, 30, 15, 10, 5]))
    lengths = np.diff(paths.starts)
    assert lengths.tolist() == [1, 2, 3, 4, 4]
    spans = [slice(low, high) for low, high in zip(paths.starts, paths.starts[1:], strict=False)]
    ways = [tuple(zip(paths.nodes[span], paths.sides[span], strict=True)) for span in spans]
    assert len(set(ways)) == 5
    assert {way[-1][0] for way in ways} == {3}, "the last of four nodes is the root"


def test_one_label_has_no_way() -> None:
    assert tree.paths(np.array([7])).starts.tolist() == [0, 0]
