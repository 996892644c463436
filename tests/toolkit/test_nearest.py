"""The nearest centre is found by the kernel as by NumPy."""

import numpy as np
import pytest

from clary.toolkit import nearest
from clary.toolkit.nearest import Nearest


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize(("rows", "centres", "width"), [(1, 1, 1), (100, 3, 5), (37, 50, 20), (8, 16, 33)])
def test_rows_go_to_the_nearest_centre(
    rows: int, centres: int, width: int, compiled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not compiled:
        monkeypatch.setattr(nearest, "kernels", None)
    random = np.random.default_rng(0)
    data = random.normal(0, 1, (rows, width)).astype(np.float32)
    middles = random.normal(0, 1, (centres, width)).astype(np.float32)
    distances = np.square(data[:, None] - middles).sum(axis=2)
    expected = distances.argmin(axis=1)
    found = Nearest(middles).gather(data)
    np.testing.assert_array_equal(Nearest(middles).of(data), expected)
    np.testing.assert_array_equal(found.counts, np.bincount(expected, minlength=centres))
    for centre in range(centres):
        np.testing.assert_allclose(found.sums[centre], data[expected == centre].sum(axis=0), atol=1e-4)
    np.testing.assert_allclose(found.squares, distances.min(axis=1), atol=1e-4)
    assert found.total == pytest.approx(float(np.square(data).sum()), rel=1e-5)


@pytest.mark.parametrize("compiled", [True, False])
def test_of_equals_the_first_is_taken(compiled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not compiled:
        monkeypatch.setattr(nearest, "kernels", None)
    twins = np.ones((40, 2), np.float32)
    assert Nearest(twins).of(np.zeros((3, 2), np.float32)).tolist() == [0, 0, 0]
