"""Grows all trees of a forest at once, level by level."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clary.algorithms.random_cut_forest.forest import Structure
from clary.algorithms.random_cut_forest.measure import Doubles, Longs
from clary.toolkit.batch import Floats


@dataclass(frozen=True, slots=True)
class _Level:
    """Groups of points of one depth: those numbered ``order[starts[i]]`` up to ``order[starts[i + 1]]``.

    ``trees``, (groups,), tells to which tree each belongs.
    """

    order: Longs
    starts: Longs
    trees: Longs

    def counts(self) -> Longs:
        """Return how many points each group has."""
        return np.diff(np.append(self.starts, len(self.order)))


@dataclass(frozen=True, slots=True)
class _Grown:
    """What the groups of one level have become: nodes with their cuts, and leaves.

    ``numbers``, (groups,), are the nodes' numbers, and the leaves' inverted, in the order they are found.
    """

    numbers: Longs
    trees: Longs
    columns: Longs
    cuts: Floats
    points: Floats
    masses: Longs


def grow(samples: Floats, random: np.random.Generator) -> Structure:
    """Return a tree for each of ``samples``, (trees, rows, features).

    A node's points are cut in a column that is drawn with a chance proportional to its range, at a value
    drawn uniformly from that range; a node whose points are all equal is a leaf.
    """
    rows, width = samples.shape[1:]
    points = samples.reshape(-1, width)
    level = _Level(np.arange(len(points)), np.arange(0, len(points), rows), np.arange(len(samples)))
    grown: list[_Grown] = []
    nodes = leaves = 0
    while len(level.starts):
        lows, highs = _ranges(points, level)
        ranges = highs.astype(np.float64) - lows
        split = np.asarray(ranges.any(axis=1))
        numbers = np.where(split, nodes + np.cumsum(split) - 1, ~(leaves + np.cumsum(~split) - 1))
        cuts = _drawn(lows[split], highs[split], ranges[split], random)
        grown.append(_Grown(numbers, level.trees, *cuts, lows[~split], level.counts()[~split]))
        nodes, leaves = nodes + len(cuts[0]), leaves + len(grown[-1].masses)
        level = _parted(points, level, split, cuts)
    return _by_tree(grown)


def _by_tree(levels: list[_Grown]) -> Structure:
    """Return what has grown with the nodes of each tree side by side, and its leaves."""
    numbers = np.concatenate([level.numbers for level in levels])
    trees = np.concatenate([level.trees for level in levels])
    depths = np.repeat(np.arange(len(levels)), [len(level.numbers) for level in levels])
    split = numbers >= 0
    orders = [np.argsort(trees[each], kind="stable") for each in (split, ~split)]
    renamed = numbers.copy()
    renamed[split], renamed[~split] = np.argsort(orders[0]), ~np.argsort(orders[1])
    roots = len(levels[0].numbers)
    return Structure(
        renamed[:roots],
        renamed[roots:].reshape(-1, 2)[orders[0]],
        np.concatenate([level.columns for level in levels])[orders[0]],
        np.concatenate([level.cuts for level in levels])[orders[0]],
        np.concatenate([level.points for level in levels])[orders[1]],
        np.concatenate([level.masses for level in levels])[orders[1]],
        depths[split][orders[0]],
    )


def _ranges(points: Floats, level: _Level) -> tuple[Floats, Floats]:
    """Return the least and the greatest values of each group, (groups, features)."""
    grouped = points[level.order]
    return np.minimum.reduceat(grouped, level.starts), np.maximum.reduceat(grouped, level.starts)


def _drawn(lows: Floats, highs: Floats, ranges: Doubles, random: np.random.Generator) -> tuple[Longs, Floats]:
    """Return the column and the value of the cut of each group, which has points on both sides of it."""
    ends = np.cumsum(ranges, axis=1)
    drawn = random.random(len(ranges)) * ends[:, -1]
    column = np.minimum((ends <= drawn[:, None]).sum(axis=1), ranges.shape[1] - 1)
    groups = np.arange(len(ranges))
    column = np.where(ranges[groups, column] > 0, column, ranges.argmax(axis=1))  # rounding at the end
    low, high = lows[groups, column], highs[groups, column]
    cut = (low + (drawn - (ends - ranges)[groups, column])).astype(np.float32)
    return column, np.clip(cut, low, np.nextafter(high, low))


def _parted(
    points: Floats, level: _Level, split: npt.NDArray[np.bool_], cuts: tuple[Longs, Floats]
) -> _Level:
    """Return the two groups that each group that is ``split`` becomes."""
    column, cut = cuts
    counts = level.counts()
    order = level.order[np.repeat(split, counts)]
    group = np.repeat(np.arange(len(column)), counts[split])
    side = points[order, column[group]] > cut[group]
    place = 2 * group + side
    sizes = np.bincount(place, minlength=2 * len(column))
    starts = np.cumsum(sizes) - sizes
    return _Level(order[np.argsort(place, kind="stable")], starts, np.repeat(level.trees[split], 2))
