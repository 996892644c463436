"""Pictures are made larger and smaller, and masks keep their numbers."""

import numpy as np
import pytest

from clary.toolkit import resizing

PIXELS = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)


def test_a_picture_has_the_size_asked_for() -> None:
    assert resizing.resized(PIXELS, 8, 5).shape == (8, 5, 3)
    assert resizing.resized(PIXELS, 4, 6) is PIXELS
    assert resizing.resized(np.full((3, 3, 3), 7, np.uint8), 9, 9).tolist() == [[[7] * 3] * 9] * 9


def test_a_mask_has_no_numbers_between() -> None:
    mask = np.array([[0, 200], [0, 200]], np.uint8)
    assert set(resizing.resized(mask, 7, 7, nearest=True).ravel().tolist()) == {0, 200}
    assert len(set(resizing.resized(mask, 7, 7).ravel().tolist())) > 2


@pytest.mark.parametrize(("size", "shape"), [(8, (8, 12, 3)), (2, (2, 3, 3)), (4, (4, 6, 3))])
def test_the_shorter_side_is_as_asked_for(size: int, shape: tuple[int, int, int]) -> None:
    assert resizing.with_shortest_side(PIXELS, size).shape == shape


def test_the_middle_is_the_middle() -> None:
    np.testing.assert_array_equal(resizing.centre(PIXELS, 2, 2), PIXELS[1:3, 2:4])
