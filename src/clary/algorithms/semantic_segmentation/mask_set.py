"""Images with their masks, decoded once, and pieces of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from clary.algorithms.semantic_segmentation.params import SemanticSegmentationParams
from clary.toolkit import pictures, resizing
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.formats.image import Bytes
from clary.toolkit.picture_store import PictureStore

IGNORED = 255
"""The class of pixels that nothing is learnt from and that are not counted."""

_SMALLEST, _LARGEST = 0.5, 2.0


@dataclass(frozen=True, slots=True)
class MaskSet:
    """Images and masks in a store, by turns."""

    store: PictureStore

    def __len__(self) -> int:
        return len(self.store) // 2

    def pair(self, number: int) -> tuple[Bytes, Bytes]:
        """Return image, (height, width, 3), and classes, (height, width)."""
        return self.store[2 * number], self.store[2 * number + 1]


def read(
    channels: tuple[Channel, Channel | None], table: Bytes, classes: int, store: PictureStore
) -> MaskSet:
    """Read a channel with its masks, whose numbers ``table`` turns into classes; raises ClientError."""
    channel, annotations = channels
    for image, mask in pictures.masked(channel, annotations):
        pixels, found = image.pixels(), table[mask.classes()]
        if found.shape != pixels.shape[:2]:
            raise ClientError(
                f"{mask.name} has {found.shape[1]} x {found.shape[0]} pixels, but its image has "
                f"{pixels.shape[1]} x {pixels.shape[0]}."
            )
        store.append(pixels)
        store.append(np.where(found < classes, found, IGNORED).astype(np.uint8))
    if not len(store):
        raise ClientError(f"Channel '{channel.name}' holds no image with a mask.")
    return MaskSet(store)


def label_table(channel: Channel | None, name: str) -> Bytes:
    """Return the class of each number in masks, (256,), as the label map of channel ``name`` says.

    ``{"scale": 3}`` divides, ``{"map": {"0": 5}}`` says which number stands for a class. Raises ClientError.
    """
    numbers = np.arange(256, dtype=np.uint8)
    paths = (
        [] if channel is None else [each for each in channel.files() if each.name == f"{name}_label_map.json"]
    )
    if not paths:
        return numbers
    try:
        document = json.loads(paths[0].read_bytes())
        if "map" in document:
            table = np.full(256, IGNORED, np.uint8)
            for label, number in document["map"].items():
                table[int(number)] = int(label)
            return table
        return np.array([number // int(document["scale"]) for number in range(256)], np.uint8)
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        OverflowError,
        ZeroDivisionError,
        AttributeError,
    ) as error:
        raise ClientError(
            f'{paths[0].name} is no label map: it must be like {{"scale": "3"}} or {{"map": {{"0": 5}}}}.'
        ) from error


def pieces(
    images: MaskSet, chosen: Sequence[int], params: SemanticSegmentationParams, seed: Any
) -> tuple[list[Bytes], Bytes]:
    """Return squares of ``crop_size`` and their masks, (images, height, width).

    By chance from ``seed`` they are of any size within bounds, from anywhere and mirrored; where that is
    None they are the middle.
    """
    random = None if seed is None else np.random.default_rng(seed)
    taken, masks = [], []
    for number in chosen:
        pixels, mask = images.pair(int(number))
        if random is None:
            pixels = resizing.with_shortest_side(pixels, params.crop_size)
            mask = resizing.with_shortest_side(mask, params.crop_size, nearest=True)
            corner = tuple((side - params.crop_size) // 2 for side in mask.shape)
        else:
            pixels, mask = _scaled(pixels, mask, params, random)
            corner = tuple(int(random.integers(0, side - params.crop_size + 1)) for side in mask.shape)
        rows, columns = (slice(start, start + params.crop_size) for start in corner)
        pixels, mask = pixels[rows, columns], mask[rows, columns]
        if random is not None and random.random() < 0.5:
            pixels, mask = pixels[:, ::-1], mask[:, ::-1]
        taken.append(pixels)
        masks.append(mask)
    return taken, np.stack(masks)


def _scaled(
    pixels: Bytes, mask: Bytes, params: SemanticSegmentationParams, random: np.random.Generator
) -> tuple[Bytes, Bytes]:
    """Return both at another size, and room around what has become smaller than the piece to be cut."""
    longest = params.base_size * random.uniform(_SMALLEST, _LARGEST)
    factor = longest / max(mask.shape)
    height, width = (max(1, round(side * factor)) for side in mask.shape)
    pixels = resizing.resized(pixels, height, width)
    mask = resizing.resized(mask, height, width, nearest=True)
    low, right = max(0, params.crop_size - height), max(0, params.crop_size - width)
    if low or right:
        pixels = np.pad(pixels, ((0, low), (0, right), (0, 0)))
        mask = np.pad(mask, ((0, low), (0, right)), constant_values=IGNORED)
    return pixels, mask
