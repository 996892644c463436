"""Images: JPEG and PNG, decoded by Pillow, which an installation may have or not."""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from clary.toolkit import extra
from clary.toolkit.errors import ClientError

Bytes = npt.NDArray[np.uint8]

SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})
"""How the names of image files end."""

_MAGICS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_LARGEST = 2**27  # pixels; a file of some kilobytes may unfold to more than memory holds
_INDEXED, _GREY, _COLOUR = "P", "L", "RGB"


@dataclass(frozen=True, slots=True)
class Image:
    """An encoded image; ``name`` tells it from others in messages."""

    data: bytes
    name: str

    def pixels(self) -> Bytes:
        """Return red, green and blue, (height, width, 3), upright as the camera noted; raises ClientError."""
        ops = extra.load("PIL.ImageOps", "vision")
        return self._decoded(lambda image: ops.exif_transpose(image).convert(_COLOUR))

    def classes(self) -> Bytes:
        """Return the class of each pixel of a mask, (height, width); raises ClientError.

        That is the number of its colour where the image has a palette, else how bright it is.
        """
        return self._decoded(lambda image: image if image.mode in (_INDEXED, _GREY) else image.convert(_GREY))

    def _decoded(self, change: Any) -> Bytes:
        pillow = extra.load("PIL.Image", "vision")
        try:
            with pillow.open(io.BytesIO(self.data), formats=("JPEG", "PNG")) as image:
                if image.width * image.height > _LARGEST:
                    raise ClientError(
                        f"{self.name} has {image.width} x {image.height} pixels: scale it down."
                    )
                return np.array(change(image), np.uint8)
        except (OSError, ValueError, SyntaxError, pillow.DecompressionBombError) as error:
            raise ClientError(f"{self.name} cannot be read as a JPEG or PNG image: {error}.") from error


def is_image(data: bytes) -> bool:
    """Tell whether ``data`` begin as a JPEG or a PNG does."""
    return data.startswith(_MAGICS)
