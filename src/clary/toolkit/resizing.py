"""Pictures of other sizes, by Pillow; and what is cut out of them."""

from clary.toolkit import extra
from clary.toolkit.formats.image import Bytes

import numpy as np  # isort: skip


def resized(pixels: Bytes, height: int, width: int, *, nearest: bool = False) -> Bytes:
    """Return ``pixels``, (height, width[, 3]), at another size; ``nearest`` keeps the numbers of a mask."""
    if pixels.shape[:2] == (height, width):
        return pixels
    pillow = extra.load("PIL.Image", "vision")
    filtering = pillow.Resampling.NEAREST if nearest else pillow.Resampling.BILINEAR
    return np.array(pillow.fromarray(np.ascontiguousarray(pixels)).resize((width, height), filtering))


def with_shortest_side(pixels: Bytes, size: int, *, nearest: bool = False) -> Bytes:
    """Return ``pixels`` so that the shorter of its sides is ``size``, in the same proportion."""
    height, width = pixels.shape[:2]
    factor = size / min(height, width)
    return resized(
        pixels, max(size, round(height * factor)), max(size, round(width * factor)), nearest=nearest
    )


def centre(pixels: Bytes, height: int, width: int) -> Bytes:
    """Return the middle of ``pixels``, which is at least as large."""
    top, left = (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2
    return pixels[top : top + height, left : left + width]
