"""Random projections keep distances nearly, and are the same again from the same seed."""

import numpy as np
import pytest

from clary.algorithms.knn.projection import Projection


@pytest.mark.parametrize("kind", ["sign", "fjlt"])
@pytest.mark.parametrize("width", [1, 3, 64, 100])
def test_distances_and_products_are_kept_on_average(kind: str, width: int) -> None:
    rows = np.random.default_rng(0).normal(0, 1, (2, width)).astype(np.float32)
    target = max(1, width // 2)
    lengths, products = [], []
    for seed in range(300):
        one, other = Projection(kind, seed, width, target)(rows)
        lengths.append(np.square(one - other).sum())
        products.append(one @ other)
    length = float(np.square(rows[0] - rows[1]).sum())
    assert np.mean(lengths) == pytest.approx(length, rel=0.1)
    assert np.mean(products) == pytest.approx(float(rows[0] @ rows[1]), abs=0.1 * length)


@pytest.mark.parametrize("kind", ["sign", "fjlt"])
def test_the_same_seed_is_the_same_projection(kind: str) -> None:
    rows = np.eye(12, dtype=np.float32)
    projected = Projection(kind, 3, 12, 5)(rows)
    assert projected.shape == (12, 5)
    np.testing.assert_array_equal(projected, Projection(kind, 3, 12, 5)(rows))
    assert (projected != Projection(kind, 4, 12, 5)(rows)).any()


def test_what_it_can_be_made_of_again_is_told() -> None:
    assert Projection("sign", 3, 20, 10).about() == {
        "type": "sign",
        "seed": 3,
        "target_dim": 10,
        "input_dim": 20,
    }
