"""The images of channels with their labels, in every form that SageMaker's image algorithms take them.

Images come encoded and one at a time, so that memory holds one whatever the number; ``pixels()`` decodes.
Source: "Input/Output Interface" of the guide's pages on image classification, object detection and semantic
segmentation.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from clary.toolkit import media_type
from clary.toolkit.batch import Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import image_list, image_record
from clary.toolkit.formats.image import SUFFIXES, Image, is_image
from clary.toolkit.formats.text import Object

_COMPANIONS = frozenset({".idx", ".lst"})
"""How the names of files end that tools write beside image records."""


def labelled(
    channel: Channel, lists: Channel | None = None, number: int = 0
) -> Iterator[tuple[Image, Floats]]:
    """Yield each image with its labels, (labels,), on pass ``number``; raises ClientError.

    They come from image records or an augmented manifest where the channel is of type application/x-recordio,
    else from files that the image lists of the channel ``lists`` name, or that lie in a folder for each
    class, the classes numbered in the order of their names.
    """
    if channel.pipe or media_type.parse(channel.content_type or "").name == media_type.IMAGE_RECORDS:
        yield from recorded(channel, number)
    elif lists is not None:
        yield from listed(channel, lists)
    else:
        numbers = {name: place for place, name in enumerate(classes(channel))}
        for path in _files(channel):
            yield _read(path), image_list.labels(str(numbers[_class(path, channel)]))


def recorded(channel: Channel, number: int = 0) -> Iterator[tuple[Image, Floats]]:
    """Yield the images of MXNet's image records, or of an augmented manifest, with labels, (labels,)."""
    for name, payload, label in _records(channel, number):
        if label is None:
            yield image_record.unpack(payload, name)
        else:
            yield Image(payload, name), image_list.labels(label.decode(errors="replace"))


def listed(channel: Channel, lists: Channel) -> Iterator[tuple[Image, Floats]]:
    """Yield the images that the lines of ``lists`` name, with their labels, (labels,)."""

    def named(line: str) -> list[tuple[Path, Floats]]:
        if not line.strip():
            return []
        name, labels = image_list.parse(line)
        path = channel.folder / name
        if not path.is_file():
            raise ClientError(f"channel '{channel.name}' has no file {name!r}.")
        return [(path, labels)]

    for found in lists.lines(named):
        for path, labels in found:
            yield _read(path), labels


def classes(channel: Channel) -> list[str]:
    """Return the names of the classes, which are those of the folders with images, sorted."""
    return sorted({_class(path, channel) for path in _files(channel)})


def annotated(
    channel: Channel, annotations: Channel | None, number: int = 0
) -> Iterator[tuple[Image, Object]]:
    """Yield each image with the JSON object that describes it, in a file of ``annotations`` of the same name.

    Without that channel they come from an augmented manifest. Raises ClientError.
    """
    for image, content, name in _described(channel, annotations, ".json", number):
        try:
            found = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise ClientError(f"{name} is not valid JSON: {error}.") from error
        if not isinstance(found, dict):
            raise ClientError(f"{name} is not a JSON object.")
        yield image, found


def masked(channel: Channel, annotations: Channel | None, number: int = 0) -> Iterator[tuple[Image, Image]]:
    """Yield each image with its mask, a PNG of ``annotations`` of the same name.

    Without that channel they come from an augmented manifest. Raises ClientError.
    """
    for image, content, name in _described(channel, annotations, ".png", number):
        yield image, Image(content, name)


def _described(
    channel: Channel, annotations: Channel | None, suffix: str, number: int
) -> Iterator[tuple[Image, bytes, str]]:
    """Yield each image, what describes it, and what messages call that."""
    if annotations is None:
        for name, payload, label in _records(channel, number):
            if label is None:
                raise ClientError(
                    f"{name} is not a JPEG or PNG image, which an augmented manifest must name first."
                )
            yield Image(payload, name), label, f"The annotation of {name}"
        return
    images = {path.relative_to(channel.folder).with_suffix(""): path for path in _files(channel)}
    for path in annotations.files():
        if path.suffix.lower() != suffix:
            continue
        image = images.get(path.relative_to(annotations.folder).with_suffix(""))
        if image is None:
            raise ClientError(
                f"{path.name} of channel '{annotations.name}' has no image in '{channel.name}'."
            )
        yield _read(image), path.read_bytes(), path.name


def _records(channel: Channel, number: int) -> Iterator[tuple[str, bytes, bytes | None]]:
    """Yield what messages call a record, its payload, and the payload of its label if it is but an image."""
    for source in channel.sources(number):
        if source.path.suffix in _COMPANIONS:
            continue
        found = enumerate(source.payloads(), 1)
        for place, payload in found:
            name = f"{source.name}, record {place}"
            if is_image(payload):
                _, label = next(found, (0, None))
                if label is None:
                    raise ClientError(
                        f"{name} has no label: AttributeNames must be those of image and label."
                    )
                yield name, payload, label
            else:
                yield name, payload, None


def _files(channel: Channel) -> list[Path]:
    """Return the image files; raises ClientError where there are none."""
    found = [path for path in channel.files() if path.suffix.lower() in SUFFIXES]
    if not found:
        raise ClientError(f"Channel '{channel.name}' has no files that end in {', '.join(sorted(SUFFIXES))}.")
    return found


def _class(path: Path, channel: Channel) -> str:
    folders = path.relative_to(channel.folder).parts[:-1]
    if not folders:
        raise ClientError(
            f"{path.name} of channel '{channel.name}' has no class: it must lie in a folder of its class, or "
            f"a channel '{channel.name}_lst' with an image list must tell it."
        )
    return folders[0]


def _read(path: Path) -> Image:
    return Image(path.read_bytes(), path.name)
