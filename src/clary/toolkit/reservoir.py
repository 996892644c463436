"""A random sample of a stream of unknown length, of one size whatever the length; those of hosts merge."""

import numpy as np
import numpy.typing as npt

from clary.toolkit.cluster import Cluster

Longs = npt.NDArray[np.int64]


class Reservoir:
    """Chooses which rows of a stream belong to a sample of ``size``, every subset with the same chance.

    It knows places only; who uses it keeps what is in them. After Vitter, "Random sampling with a reservoir"
    (1985), algorithm R.
    """

    def __init__(self, size: int, random: np.random.Generator) -> None:
        self._size, self._random = size, random
        self.seen = 0
        """Rows that have passed."""

    def __len__(self) -> int:
        return min(self.seen, self._size)

    def choose(self, count: int) -> tuple[Longs, Longs]:
        """Let ``count`` rows pass; return the numbers of those to keep among them, and a place for each.

        A row takes the place of the one before it there, be that one of these rows.
        """
        passed = self.seen + np.arange(count)
        places = np.where(passed < self._size, passed, self._random.integers(0, passed + 1))
        self.seen += count
        kept = np.flatnonzero(places < self._size)
        return kept, places[kept]

    def merged(self, cluster: Cluster) -> Longs:
        """Return the places whose rows belong to the sample, of the same size, of what all hosts have seen.

        Each row has a random number, and those with the smallest are the sample. The smallest numbers among
        the rows seen are drawn in ascending order from gaps that are exponential (Rényi, "On the theory of
        order statistics", 1953), so the rows that are gone need none.
        """
        places = np.arange(len(self))
        if cluster.size == 1:
            return places
        gaps = self._random.exponential(size=len(places)) / (self.seen - places)
        numbers = -np.expm1(-np.cumsum(gaps))
        everywhere = cluster.gather(numbers)
        if len(everywhere) <= self._size:
            return places
        limit = np.partition(everywhere, self._size - 1)[self._size - 1]
        return self._random.permutation(places)[: np.searchsorted(numbers, limit, side="right")]
