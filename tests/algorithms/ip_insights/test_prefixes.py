"""Prefixes that two addresses have are known, and an address has those of its own."""

import numpy as np
import pytest

from clary.algorithms.ip_insights import prefixes
from clary.algorithms.ip_insights.prefixes import LENGTHS, Census, hashed
from clary.toolkit.cluster import Cluster


def addresses(*texts: str) -> np.ndarray:
    numbers = [int.from_bytes(bytes(map(int, text.split(".")))) for text in texts]
    return np.array(numbers, np.uint32)


def test_prefixes_that_are_shared_are_known() -> None:
    census = Census()
    census.add(addresses("10.1.2.3", "10.1.2.200"))
    census.add(addresses("77.0.0.1"))
    known = census.prefixes(Cluster())
    # Both have 10/8 to 10.1.2/24 in common, which are five; nobody shares anything with 77.0.0.1.
    assert len(known) == 5 + 1
    rows = known.of(addresses("10.1.2.9", "10.1.99.9", "10.200.0.0", "77.0.0.1"))
    assert np.diff(rows.starts).tolist() == [6, 4, 2, 1]
    assert (rows.values == 1).all()
    assert rows.indices[-1] == 5, "all have the last"
    nested = [set(rows.slice(number, number + 1).indices.tolist()) for number in range(4)]
    assert nested[0] > nested[1] > nested[2] > nested[3]


def test_of_many_the_most_frequent_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefixes, "_MOST", len(LENGTHS))
    census = Census()
    census.add(addresses(*["1.2.3.4"] * 5, *["9.8.7.6"] * 4))
    known = census.prefixes(Cluster())
    np.testing.assert_array_equal(known.hashes, np.sort(hashed(addresses("1.2.3.4"))[0]))


def test_hashes_of_different_prefixes_differ() -> None:
    found = hashed(np.arange(0, 2**32, 2**22, dtype=np.uint32))
    for place, length in enumerate(LENGTHS):
        wanted = min(1024, 1 << length)
        assert len(np.unique(found[:, place])) >= 0.99 * wanted
