"""The nearest points are those that NumPy finds by sorting all distances, by the kernel and without it."""

import numpy as np
import pytest

from clary.toolkit import neighbours
from clary.toolkit.errors import ClientError
from clary.toolkit.neighbours import Neighbours


@pytest.fixture(params=[True, False], ids=["compiled", "numpy"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not request.param:
        monkeypatch.setattr(neighbours, "kernels", None)


@pytest.mark.parametrize("inner", [False, True])
@pytest.mark.parametrize(
    ("points", "rows", "width", "k"), [(1, 1, 1, 1), (50, 9, 3, 50), (16, 8, 40, 5), (4000, 150, 20, 12)]
)
def test_the_nearest_are_found_in_their_order(
    points: int, rows: int, width: int, k: int, inner: bool
) -> None:
    random = np.random.default_rng(0)
    places = random.normal(0, 1, (points, width)).astype(np.float32)
    asked = random.normal(0, 1, (rows, width)).astype(np.float32)
    wide = asked.astype(float)
    reach = -wide @ places.T if inner else np.square(wide[:, None] - places).sum(axis=2)
    order = np.argsort(reach, axis=1)[:, :k]
    distances, numbers = Neighbours(places, inner=inner).of(asked, k)
    np.testing.assert_array_equal(numbers, order)
    np.testing.assert_allclose(distances, np.take_along_axis(reach, order, axis=1), rtol=1e-4, atol=1e-5)


def test_points_far_from_zero_keep_their_distances() -> None:
    random = np.random.default_rng(0)
    places = (random.normal(0, 1, (500, 8)) + 1e4).astype(np.float32)
    distances, numbers = Neighbours(places).of(places[:20], 2)
    np.testing.assert_array_equal(numbers[:, 0], np.arange(20))
    exact = np.square(places[:20].astype(float) - places[numbers[:, 1]]).sum(axis=1)
    np.testing.assert_allclose(distances[:, 1], exact, rtol=1e-3)


def test_of_equals_the_first_comes_first() -> None:
    _, numbers = Neighbours(np.ones((40, 2), np.float32)).of(np.zeros((3, 2), np.float32), 40)
    np.testing.assert_array_equal(numbers, np.tile(np.arange(40), (3, 1)))


def test_many_points_are_compared_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "_BLOCK", 7)
    places = np.arange(100, dtype=np.float32)[:, None]
    _, numbers = Neighbours(places).of(np.array([[41.2]], np.float32), 4)
    assert numbers.tolist() == [[41, 42, 40, 43]]


def test_what_has_no_distance_is_refused() -> None:
    with pytest.raises(ClientError, match="beyond single precision: scale the features down"):
        Neighbours(np.full((3, 2), 1e30, np.float32)).of(np.full((1, 2), -1e30, np.float32), 1)
