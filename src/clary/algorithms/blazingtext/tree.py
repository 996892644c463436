"""The binary tree of a hierarchical softmax: Huffman's, over the labels, as fastText builds it."""

import numpy as np

from clary.algorithms.blazingtext.corpus import Longs
from clary.algorithms.blazingtext.steps import Paths

_NEVER = 10**15


def paths(counts: Longs) -> Paths:
    """Return the way to each label; ``counts``, in descending order, tell how often they occur."""
    size = len(counts)
    weights = [int(count) for count in counts] + [_NEVER] * (size - 1)
    parents, right = [-1] * len(weights), [False] * len(weights)
    leaf, inner = size - 1, size
    for node in range(size, 2 * size - 1):
        least = []
        for _ in range(2):
            if leaf >= 0 and weights[leaf] < weights[inner]:
                least.append(leaf)
                leaf -= 1
            else:
                least.append(inner)
                inner += 1
        weights[node] = sum(weights[each] for each in least)
        for each in least:
            parents[each] = node
        right[least[1]] = True
    nodes: list[int] = []
    sides: list[bool] = []
    starts = [0]
    for label in range(size):
        at = label
        while parents[at] >= 0:
            nodes.append(parents[at] - size)
            sides.append(right[at])
            at = parents[at]
        starts.append(len(nodes))
    return Paths(np.array(starts, np.int64), np.array(nodes, np.int32), np.array(sides, np.float32))
