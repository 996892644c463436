"""The labelled images of a channel, decoded once, and batches of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from clary.algorithms.image_classification.params import COLOUR, TRANSFORM, ImageClassificationParams
from clary.toolkit import media_type, pictures, resizing
from clary.toolkit.batch import Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.formats.image import Bytes, Image
from clary.toolkit.host import Host
from clary.toolkit.picture_store import PictureStore

Longs = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ImageSet:
    """Images in a store with their classes.

    ``labels`` are numbers of classes, (images,), or with several labels 0 and 1, (images, classes).
    """

    store: PictureStore
    labels: Floats

    def __len__(self) -> int:
        return len(self.labels)


def shaped(pixels: Bytes, params: ImageClassificationParams) -> Bytes:
    """Return pixels as the network takes them in an answer: at its size, whatever their proportion."""
    colours, height, width = params.image_shape
    return _coloured(resizing.resized(pixels, height, width), colours)


def read(
    channels: tuple[Channel, Channel | None],
    params: ImageClassificationParams,
    store: PictureStore,
    host: Host,
) -> ImageSet:
    """Read this host's images of a channel, whose list may be the other one; raises ClientError."""
    channel, lists = channels
    cut_later = params.augmentation_type is not None and channel.name == "train"
    size = host.cluster.size if channel.name in host.shared else 1
    labels = []
    for number, (image, found) in enumerate(pictures.labelled(channel, lists)):
        if number % size == host.cluster.rank % size:
            store.append(_fitting(image, params, cut_later=cut_later))
            labels.append(_label(found, params, channel, image.name))
    if not labels:
        raise ClientError(f"Channel '{channel.name}' holds no image for this host: give more images.")
    return ImageSet(store, np.array(labels, np.float32))


def _fitting(image: Image, params: ImageClassificationParams, *, cut_later: bool) -> Bytes:
    """Return the part of an image to learn from, or where this is chosen anew each time, all of it."""
    colours, height, width = params.image_shape
    pixels = image.pixels()
    if params.resize is not None:
        pixels = resizing.with_shortest_side(pixels, params.resize)
    if pixels.shape[0] < height or pixels.shape[1] < width:
        raise ClientError(
            f"{image.name} has {pixels.shape[1]} x {pixels.shape[0]} pixels, less than image_shape: set "
            "hyperparameter 'resize', or a smaller 'image_shape'."
        )
    return _coloured(pixels if cut_later else resizing.centre(pixels, height, width), colours)


def _coloured(pixels: Bytes, colours: int) -> Bytes:
    if colours == pixels.shape[2]:
        return pixels
    return np.asarray(pixels.mean(axis=2, keepdims=True).round(), np.uint8)


def _label(found: Floats, params: ImageClassificationParams, channel: Channel, name: str) -> Any:
    """Return the class, or which of all classes there are; raises ClientError for what is neither."""
    classes = params.num_classes
    if not params.multi_label:
        if len(found) != 1 or found[0] not in range(classes):
            raise ClientError(
                f"{name} has the label {_said(found)}; without multi_label it must be one number from 0 to "
                f"{classes - 1}: check the labels and hyperparameter 'num_classes'."
            )
        return found[0]
    form = media_type.parse(channel.content_type or "").parameters.get("label-format")
    hot = len(found) == classes and set(found.tolist()) <= {0.0, 1.0}
    if form == "multi-hot" or (form is None and hot):
        if hot:
            return found
        raise ClientError(f"{name} has the label {_said(found)}, which is not {classes} times 0 or 1.")
    if any(label not in range(classes) for label in found):
        raise ClientError(f"{name} has the label {_said(found)}, not classes from 0 to {classes - 1}.")
    row = np.zeros(classes, np.float32)
    row[found.astype(int)] = 1
    return row


def _said(labels: Floats) -> str:
    return ", ".join(f"{label:g}" for label in labels[:8])


def tensors(images: ImageSet, chosen: Longs, params: ImageClassificationParams, seed: Any) -> tuple[Any, Any]:
    """Return the images ``chosen``, (images, colours, height, width), and their labels.

    They are augmented as the hyperparameters say, by chance from ``seed``; not where that is None.
    """
    from clary.toolkit.neural import augmentation  # noqa: PLC0415 - what imports torch

    _, height, width = params.image_shape
    kind = params.augmentation_type
    random = None if seed is None else np.random.default_rng(seed)
    taken = [images.store[int(number)] for number in chosen]
    if random is not None and kind is not None:
        taken = [augmentation.cut(pixels, height, width, random) for pixels in taken]
    batch = augmentation.tensor(taken)
    if random is not None and kind in (COLOUR, TRANSFORM) and batch.shape[1] > 1:
        batch = augmentation.recoloured(batch, random)
    if random is not None and kind == TRANSFORM:
        batch = augmentation.bent(batch, random)
    return augmentation.normalised(batch), images.labels[chosen]


def in_order(count: int, size: int) -> Iterator[Longs]:
    """Yield the numbers below ``count``, ``size`` at a time."""
    for start in range(0, count, size):
        yield np.arange(start, min(start + size, count))
