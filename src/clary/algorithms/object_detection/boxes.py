"""Boxes: how much they overlap, how they are told by how anchors lie, and which of many to keep.

Boxes are (boxes, 4): left, top, right and bottom as parts of the image. Liu et al., "SSD: Single Shot
MultiBox Detector" (2016).
"""

import numpy as np
import numpy.typing as npt

from clary.toolkit.batch import Floats

Longs = npt.NDArray[np.int64]

_RATIOS = (1.0, 2.0, 0.5)
PER_PLACE = len(_RATIOS) + 1
"""Anchors at each place of a map."""

_STRIDES, _LARGEST = 3.0, 0.95  # an anchor's side in places of its map, and at most as part of the image
_CENTRE, _SIZE = 0.1, 0.2  # what differences are divided by, so that they are about 1


def anchors(sides: list[tuple[int, int]]) -> Floats:
    """Return the anchors of all maps of ``sides``, height and width, the map of small boxes first."""
    scales = [min(_STRIDES / max(each), _LARGEST) for each in sides] + [1.0]
    found = []
    for (height, width), scale, following in zip(sides, scales, scales[1:], strict=False):
        sizes = [(scale * np.sqrt(ratio), scale / np.sqrt(ratio)) for ratio in _RATIOS]
        sizes.append((np.sqrt(scale * following),) * 2)
        down, across = np.meshgrid(
            (np.arange(height) + 0.5) / height, (np.arange(width) + 0.5) / width, indexing="ij"
        )
        centres = np.stack([across, down], axis=-1).reshape(-1, 1, 2)
        halves = np.array(sizes).reshape(1, -1, 2) / 2
        found.append(np.concatenate([centres - halves, centres + halves], axis=2).reshape(-1, 4))
    return np.concatenate(found).astype(np.float32)


def overlaps(first: Floats, second: Floats) -> Floats:
    """Return intersection by union of each pair, (first, second)."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    common = np.clip(high - low, 0, None).prod(axis=2)
    sizes = [np.clip(each[:, 2:] - each[:, :2], 0, None).prod(axis=1) for each in (first, second)]
    union = sizes[0][:, None] + sizes[1][None] - common
    return np.asarray(common / np.maximum(union, 1e-12), np.float32)


def matched(boxes: Floats, given: Floats, threshold: float) -> Longs:
    """Return for each of the anchors ``given`` the box that it is to tell, -1 for none.

    An anchor tells the box that it overlaps most if by ``threshold``; each box has its best anchor anyway.
    """
    if not len(boxes):
        return np.full(len(given), -1, np.int64)
    shares = overlaps(given, boxes)
    found = np.where(shares.max(axis=1) >= threshold, shares.argmax(axis=1), -1)
    for _ in range(len(boxes)):
        anchor, box = np.unravel_index(shares.argmax(), shares.shape)
        found[anchor] = box
        shares[anchor, :] = -1
        shares[:, box] = -1
    return found


def encoded(boxes: Floats, given: Floats) -> Floats:
    """Return how each box differs from its anchor in place and size, (boxes, 4)."""
    sizes, own = given[:, 2:] - given[:, :2], boxes[:, 2:] - boxes[:, :2]
    shift = (boxes[:, :2] + boxes[:, 2:] - given[:, :2] - given[:, 2:]) / 2 / sizes / _CENTRE
    growth = np.log(np.maximum(own, 1e-6) / sizes) / _SIZE
    return np.concatenate([shift, growth], axis=1).astype(np.float32)


def decoded(differences: Floats, given: Floats) -> Floats:
    """Return the boxes that ``differences`` tell, within the image."""
    sizes, centres = given[:, 2:] - given[:, :2], (given[:, :2] + given[:, 2:]) / 2
    middle = centres + differences[:, :2] * _CENTRE * sizes
    half = sizes * np.exp(np.minimum(differences[:, 2:] * _SIZE, 5)) / 2
    corners = np.concatenate([middle - half, middle + half], axis=1)
    return np.asarray(corners.clip(0, 1), np.float32)


def kept(boxes: Floats, scores: Floats, threshold: float) -> Longs:
    """Return which boxes to keep, the likeliest first: none that overlaps a likelier one by ``threshold``."""
    order = np.argsort(-scores, kind="stable")
    shares = overlaps(boxes[order], boxes[order]) > threshold
    left, found = np.ones(len(order), bool), []
    for place in range(len(order)):
        if left[place]:
            found.append(order[place])
            left &= ~shares[place]
    return np.array(found, np.int64)
