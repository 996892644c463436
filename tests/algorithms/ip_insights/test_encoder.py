"""The gradients of the encoder are those that small changes show."""

import numpy as np
import pytest

from clary.algorithms.ip_insights.encoder import Encoder
from clary.algorithms.ip_insights.pair import Pairs
from clary.algorithms.ip_insights.prefixes import Census
from clary.toolkit.cluster import Cluster


@pytest.mark.parametrize("layers", [0, 1, 3])
def test_gradients_are_what_small_changes_show(pairs: Pairs, layers: int) -> None:
    census = Census()
    census.add(pairs[:, 1])
    random = np.random.default_rng(0)
    encoder = Encoder.fresh(census.prefixes(Cluster()), 5, layers, random)
    encoder.layers[:, -1] = [10, -10, 10, 10, -10]  # well above 0 or below, so that no change crosses it
    asked = pairs[:30, 1]
    slopes = random.normal(0, 1, (30, 5)).astype(np.float32)
    _, tape = encoder.forward(asked)
    (touched, table), dense = encoder.backward(tape, slopes)

    def change(weights: np.ndarray, place: tuple[int, ...]) -> float:
        before, sums = weights[place], []
        for step in (0.01, -0.01):
            weights[place] = before + step
            sums.append(float((encoder.forward(asked)[0] * slopes).sum(dtype=np.float64)))
        weights[place] = before
        return (sums[0] - sums[1]) / 0.02

    for number in range(0, len(touched), max(1, len(touched) // 7)):
        shown = change(encoder.table, (int(touched[number]), 2))
        assert table[number, 2] == pytest.approx(shown, rel=0.02, abs=0.02)
    for layer in range(layers):
        for place in ((0, 1), (3, 2), (5, 4)):
            shown = change(encoder.layers, (layer, *place))
            assert dense[(layer, *place)] == pytest.approx(shown, rel=0.02, abs=0.02)
