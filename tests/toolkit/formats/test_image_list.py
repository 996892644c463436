"""Image lists give paths with one label or several."""

import pytest

from clary.toolkit.errors import ClientError
from clary.toolkit.formats import image_list


@pytest.mark.parametrize(
    ("line", "path", "labels"),
    [
        ("5\t1\tyour_folder/train_img_dog1.jpg", "your_folder/train_img_dog1.jpg", [1]),
        ("95\t464.000000\tn04467665_17283.JPEG\r", "n04467665_17283.JPEG", [464]),
        ("7\t1\t0\t1\tx y.png", "x y.png", [1, 0, 1]),
        ("7\t[1, 0, 1]\tx.png", "x.png", [1, 0, 1]),
    ],
)
def test_lines_are_read(line: str, path: str, labels: list[float]) -> None:
    found, values = image_list.parse(line)
    assert found == path
    assert values.tolist() == labels


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1 2 x.png", "with a tab between them"),
        ("1\tdog\tx.png", "'dog' is not a label"),
        ("1\t[]\tx.png", "not finite labels"),
        ("1\tNaN\tx.png", "not finite labels"),
        ("1\t{}\tx.png", "is not a label"),
    ],
)
def test_what_is_wrong_is_named(line: str, message: str) -> None:
    with pytest.raises(ClientError, match=message):
        image_list.parse(line)
