"""Images with the boxes of what is on them, decoded once, and batches of them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from clary.toolkit import pictures, resizing
from clary.toolkit.batch import Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.formats.image import Bytes, Image
from clary.toolkit.host import Host
from clary.toolkit.picture_store import PictureStore

_NUMBERS = 5  # of an object in an image record: class, left, top, right, bottom
_LEAST_PART = 0.6
_SIDES = ("left", "top", "width", "height")


@dataclass(frozen=True, slots=True)
class BoxSet:
    """Images of one size in a store, and the objects on each.

    These are (objects, 5): class, left, top, right, bottom, the last four as parts of the image.
    """

    store: PictureStore
    objects: Sequence[Floats]

    def __len__(self) -> int:
        return len(self.objects)


def read(
    channels: tuple[Channel, Channel | None], size: tuple[int, int], store: PictureStore, host: Host
) -> BoxSet:
    """Read this host's images of a channel, whose annotations may be the other one; raises ClientError.

    ``size`` are the pixels of both sides that images are to have, and the number of classes.
    """
    channel, annotations = channels
    side, classes = size
    hosts = host.cluster.size if channel.name == "train" and channel.name in host.shared else 1
    objects = []
    for number, (image, find) in enumerate(_described(channel, annotations)):
        if number % hosts != host.cluster.rank % hosts:
            continue
        pixels = image.pixels()
        found = find(pixels)
        if len(found) and not (np.isin(found[:, 0], np.arange(classes)).all() and np.isfinite(found).all()):
            raise ClientError(
                f"{image.name} has an object of a class that is not from 0 to {classes - 1}: check "
                "'class_id' and hyperparameter 'num_classes'."
            )
        store.append(resizing.resized(pixels, side, side))
        objects.append(found)
    if not objects:
        raise ClientError(f"Channel '{channel.name}' holds no image for this host: give more images.")
    return BoxSet(store, objects)


def _described(channel: Channel, annotations: Channel | None) -> Iterator[tuple[Image, Any]]:
    """Yield each image with a function from its pixels to its objects."""
    if annotations is not None or channel.wrapped:
        for image, document in pictures.annotated(channel, annotations):
            yield image, lambda pixels, name=image.name, told=document: _annotated(told, pixels, name)
    else:
        for image, labels in pictures.recorded(channel):
            yield image, lambda _pixels, name=image.name, told=labels: _recorded(told, name)


def _annotated(document: Any, pixels: Bytes, name: str) -> Floats:
    """Return the objects of an annotation in JSON, whose numbers are pixels."""
    height, width = pixels.shape[:2]
    try:
        rows = [
            (float(each["class_id"]), *(float(each[side]) for side in _SIDES))
            for each in document["annotations"]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise ClientError(
            f"The annotation of {name} must have 'annotations', each with class_id, {', '.join(_SIDES)}: "
            f"{error!r}."
        ) from error
    found = np.array(rows, np.float32).reshape(-1, _NUMBERS)
    found[:, 3:] += found[:, 1:3]
    found[:, 1:] /= (width, height, width, height)
    found[:, 1:] = found[:, 1:].clip(0, 1)
    return found


def _recorded(labels: Floats, name: str) -> Floats:
    """Return the objects of an image record: the length of its head, the width of an object, objects."""
    head, width = (int(labels[0]), int(labels[1])) if len(labels) > 1 else (0, 0)
    if head < 2 or width < _NUMBERS or (len(labels) - head) % width:
        raise ClientError(
            f"{name} is no record of a detection: its label must be the length of its head, the numbers of "
            "an object, 5 or more, and class, left, top, right and bottom of each, between 0 and 1."
        )
    found = labels[head:].reshape(-1, width)[:, :_NUMBERS]
    return np.array(found[found[:, 0] >= 0], np.float32)  # -1 is room that holds no object


def augmented(pixels: Bytes, objects: Floats, random: np.random.Generator) -> tuple[Bytes, Floats]:
    """Return a part of an image or all of it, mirrored or not, at its size, with the objects on it."""
    if random.random() < 0.5:
        pixels, objects = _part(pixels, objects, random)
    if random.random() < 0.5:
        mirrored = objects.copy()
        mirrored[:, 1], mirrored[:, 3] = 1 - objects[:, 3], 1 - objects[:, 1]
        pixels, objects = pixels[:, ::-1], mirrored
    return pixels, objects


def _part(pixels: Bytes, objects: Floats, random: np.random.Generator) -> tuple[Bytes, Floats]:
    """Return a part that holds the middle of some object; of others only those whose middle it holds."""
    side = len(pixels)
    size = int(side * random.uniform(_LEAST_PART, 1))
    top, left = (int(start) for start in random.integers(0, side - size + 1, 2))
    middle = (objects[:, 1:3] + objects[:, 3:5]) / 2 * side
    inside = ((middle >= (left, top)) & (middle < (left + size, top + size))).all(axis=1)
    if not inside.any():
        return pixels, objects
    found = objects[inside].copy()
    found[:, 1:] = ((found[:, 1:] * side - (left, top, left, top)) / size).clip(0, 1)
    return resizing.resized(pixels[top : top + size, left : left + size], side, side), found


def frozen(name: str, pattern: str | None) -> bool:
    """Tell whether the parameter ``name`` is not to be learnt."""
    return pattern is not None and re.match(pattern, name) is not None
