"""Images are decoded to their colours, masks to their classes."""

import io
from typing import Any

import numpy as np
import PIL.Image
import pytest

from clary.toolkit.errors import ClientError
from clary.toolkit.formats.image import Image, is_image


def encoded(array: Any, kind: str = "PNG", mode: str | None = None, **options: Any) -> bytes:
    stream = io.BytesIO()
    image = PIL.Image.fromarray(array)
    (image.convert(mode) if mode else image).save(stream, kind, **options)
    return stream.getvalue()


COLOURS = np.random.default_rng(0).integers(0, 255, (3, 5, 3), dtype=np.uint8)


def test_colours_are_read_from_either_kind() -> None:
    png, jpeg = encoded(COLOURS), encoded(np.full((4, 6, 3), 200, np.uint8), "JPEG")
    assert is_image(png)
    assert is_image(jpeg)
    np.testing.assert_array_equal(Image(png, "a.png").pixels(), COLOURS)
    np.testing.assert_allclose(Image(jpeg, "a.jpg").pixels(), np.full((4, 6, 3), 200), atol=3)


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK"])
def test_other_modes_become_colours(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert Image(encoded(COLOURS, kind, mode), "a").pixels().shape == (3, 5, 3)


def test_what_the_camera_turned_is_turned_back() -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    assert Image(encoded(COLOURS, "JPEG", exif=exif), "a.jpg").pixels().shape == (5, 3, 3)


def test_classes_are_numbers_of_colours_or_shades() -> None:
    numbers = np.array([[0, 1], [20, 255]], np.uint8)
    shades = PIL.Image.fromarray(numbers)
    indexed = PIL.Image.frombytes("P", (2, 2), numbers.tobytes())
    indexed.putpalette([value for number in range(256) for value in (number, 0, 255 - number)])
    for mask in (shades, indexed):
        stream = io.BytesIO()
        mask.save(stream, "PNG")
        np.testing.assert_array_equal(Image(stream.getvalue(), "m.png").classes(), numbers)


@pytest.mark.parametrize("data", [b"", b"GIF89a", encoded(COLOURS)[:40]])
def test_what_is_no_image_is_named(data: bytes) -> None:
    with pytest.raises(ClientError, match=r"a\.png cannot be read as a JPEG or PNG image"):
        Image(data, "a.png").pixels()


def test_what_would_fill_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clary.toolkit.formats.image._LARGEST", 10)
    with pytest.raises(ClientError, match=r"a\.png has 5 x 3 pixels: scale it down\."):
        Image(encoded(COLOURS), "a.png").pixels()
