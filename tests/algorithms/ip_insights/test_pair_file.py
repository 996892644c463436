"""All pairs pass once, mixed, whatever their number."""

import numpy as np
import pytest

from clary.algorithms.ip_insights import pair_file
from clary.algorithms.ip_insights.pair_file import PairFile


@pytest.mark.parametrize("count", [0, 1, 40, 999])
def test_every_pair_passes_once(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pair_file, "_CHUNK", 10)
    monkeypatch.setattr(pair_file, "_CHUNKS", 4)
    pairs = np.arange(2 * count, dtype=np.uint32).reshape(-1, 2)
    file = PairFile([pairs[:25], pairs[25:]])
    assert len(file) == count
    assert [row for chunk in file.chunks() for row in chunk.tolist()] == pairs.tolist()
    parts = list(file.minibatches(7, np.random.default_rng(0)))
    assert [len(part) for part in parts[:-1]] == [7] * (len(parts) - 1)
    passed = [row for part in parts for row in part.tolist()]
    assert sorted(passed) == pairs.tolist()
    assert count < 2 or passed != pairs.tolist()
