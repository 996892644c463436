"""The prefixes of addresses: which of them the data know, and which of these an address has."""

import numpy as np
import numpy.typing as npt

from clary.toolkit.cluster import Cluster
from clary.toolkit.sparse import Sparse

Addresses = npt.NDArray[np.uint32]
Longs = npt.NDArray[np.int64]

LENGTHS = (8, 12, 16, 20, 24, 28, 32)
"""Bits of the prefixes that are looked at."""

_PLACES = 22  # bits of a hash
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # Fibonacci hashing: Knuth, volume 3, 6.4
_LEAST = 2  # addresses that share a prefix worth knowing
_MOST = 1 << 19  # prefixes that are known


class Prefixes:
    """The known prefixes; those of an address are numbers up to ``len``, the last of which every address has.

    ``hashes`` are their hashes, ascending: what the data do not know has no number, but for a few of which
    the hash is that of another.
    """

    def __init__(self, hashes: npt.NDArray[np.uint32]) -> None:
        self.hashes = hashes
        self._numbers = np.full(1 << _PLACES, -1, np.int32)
        self._numbers[hashes] = np.arange(len(hashes))

    def __len__(self) -> int:
        return len(self.hashes) + 1

    def of(self, addresses: Addresses) -> Sparse:
        """Return the prefixes of addresses as rows, (addresses, prefixes), in which they are ones."""
        numbers = np.empty((len(addresses), len(LENGTHS) + 1), np.int32)
        numbers[:, :-1] = self._numbers[hashed(addresses)]
        numbers[:, -1] = len(self.hashes)
        known = numbers >= 0
        starts = np.concatenate(([0], np.cumsum(known.sum(axis=1))))
        return Sparse(starts, numbers[known], np.ones(starts[-1], np.float32), len(self))


class Census:
    """Counts the prefixes of a stream of addresses, in memory that does not depend on their number."""

    def __init__(self) -> None:
        self._counts = np.zeros(1 << _PLACES, np.int64)

    def add(self, addresses: Addresses) -> None:
        """Count addresses."""
        self._counts += np.bincount(hashed(addresses).ravel(), minlength=len(self._counts))

    def prefixes(self, cluster: Cluster) -> Prefixes:
        """Return those that two addresses or more of all hosts have, the most frequent if they are many."""
        counts = cluster.merge(self._counts)
        known = np.flatnonzero(counts >= _LEAST)
        if len(known) > _MOST:
            known = np.sort(known[np.argsort(-counts[known], kind="stable")[:_MOST]])
        return Prefixes(known.astype(np.uint32))


def hashed(addresses: Addresses) -> Longs:
    """Return the hashes of the prefixes of addresses, (addresses, lengths)."""
    hashes = np.empty((len(addresses), len(LENGTHS)), np.int64)
    for place, length in enumerate(LENGTHS):
        keys = (addresses >> np.uint32(32 - length)).astype(np.uint64) + (np.uint64(length) << np.uint64(32))
        hashes[:, place] = (keys * _MULTIPLIER) >> np.uint64(64 - _PLACES)
    return hashes
