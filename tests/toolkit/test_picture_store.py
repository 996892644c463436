"""Pictures come out of the store as they went in, whatever their size."""

import numpy as np

from clary.toolkit.picture_store import PictureStore


def test_pictures_of_any_size_come_back() -> None:
    random = np.random.default_rng(0)
    pictures = [random.integers(0, 255, shape).astype(np.uint8) for shape in ((3, 4, 3), (1, 1, 3), (5, 2))]
    with PictureStore() as store:
        store.append(pictures[0])
        assert (store[0] == pictures[0]).all()
        for picture in pictures[1:]:
            store.append(picture[:, ::-1])
        assert len(store) == 3
        for number, picture in enumerate(pictures[1:], 1):
            np.testing.assert_array_equal(store[number], picture[:, ::-1])
        np.testing.assert_array_equal(store[0], pictures[0])
