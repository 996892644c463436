"""How first centres are chosen among weighted points."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]

_SWAPS = 25  # of the local search after k-means++


def squared_distances(points: Doubles, centres: Doubles, own: Doubles | None = None) -> Doubles:
    """Return the squared distance of each point to each centre, (points, centres).

    ``own`` are the points' own squares, (points,), where they are known.
    """
    own = np.square(points).sum(axis=1) if own is None else own
    squares = own[:, None] + np.square(centres).sum(axis=1)
    return np.asarray(np.maximum(squares - 2 * points @ centres.T, 0))


def drawn_by(mass: Doubles, count: int, random: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return ``count`` numbers drawn with the chances of which ``mass``, (points,), are the running sums."""
    drawn = np.searchsorted(mass, random.random(count) * mass[-1], side="right")
    return np.asarray(np.minimum(drawn, len(mass) - 1))


def _uniform(points: Doubles, weights: Doubles, count: int, random: np.random.Generator) -> list[int]:
    """Return the numbers of ``count`` points, those of some weight first."""
    order = random.permutation(len(points))
    return [int(number) for number in order[np.argsort(weights[order] == 0, kind="stable")][:count]]


def _spread(points: Doubles, weights: Doubles, count: int, random: np.random.Generator) -> list[int]:
    """Return the numbers of ``count`` points that are far from each other: greedy k-means++.

    Each is the best of a few drawn with a chance proportional to their weight and their squared distance to
    the nearest before them (Arthur and Vassilvitskii, "k-means++: the advantages of careful seeding", 2007).
    """
    candidates = 2 + int(np.log(count))
    chosen = [int(random.choice(len(points), p=weights / weights.sum()))]
    own = np.square(points).sum(axis=1)
    squares = squared_distances(points, points[chosen], own)[:, 0]
    while len(chosen) < count:
        mass = np.cumsum(squares * weights)
        if mass[-1] <= 0:  # fewer different points than are wanted
            chosen.append(int(random.integers(len(points))))
            continue
        drawn = drawn_by(mass, candidates, random)
        reach = np.minimum(squares[:, None], squared_distances(points, points[drawn], own))
        best = int((weights @ reach).argmin())
        chosen.append(int(drawn[best]))
        squares = reach[:, best]
    return _swapped(points, weights, chosen, random)


def _swapped(points: Doubles, weights: Doubles, chosen: list[int], random: np.random.Generator) -> list[int]:
    """Return better centres: some points take the place of that centre where they gain most, if any.

    After Lattanzi and Sohler, "A better k-means++ algorithm via local search" (2019).
    """
    count = len(chosen)
    distances = squared_distances(points, points[chosen])
    for _ in range(_SWAPS if count > 1 else 0):
        nearest = distances.argmin(axis=1)
        first, second = np.partition(distances, 1, axis=1)[:, :2].T
        mass = np.cumsum(first * weights)
        if mass[-1] <= 0:
            break
        drawn = int(drawn_by(mass, 1, random)[0])
        reach = squared_distances(points, points[[drawn]])[:, 0]
        kept = weights * np.minimum(reach, first)
        lost = np.bincount(nearest, weights * np.minimum(reach, second) - kept, minlength=count)
        place = int(lost.argmin())
        if kept.sum() + lost[place] < mass[-1]:
            chosen[place] = drawn
            distances[:, place] = reach
    return chosen


START: Mapping[str, Callable[[Doubles, Doubles, int, np.random.Generator], list[int]]] = MappingProxyType(
    {"random": _uniform, "kmeans++": _spread}
)
"""How k of some weighted points are chosen, by the name of the method."""
