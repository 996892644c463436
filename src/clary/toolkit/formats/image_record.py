"""Image records: the payloads of MXNet's RecordIO files, labels in front of an encoded image.

A head of 24 bytes holds a flag, a label as float32, and two halves of an id. A flag above 0 says that as many
labels follow, of which the head's is none. Source: "mxnet.recordio.pack" of MXNet's Python API.
"""

import struct

import numpy as np

from clary.toolkit.batch import Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.formats.image import Image

_HEAD = struct.Struct("<IfQQ")


def unpack(payload: bytes, name: str) -> tuple[Image, Floats]:
    """Return the image, to be called ``name``, and its labels, (labels,); raises ClientError."""
    if len(payload) < _HEAD.size:
        raise ClientError(f"{name} is no image record: it is shorter than the head of one.")
    count, label, *_ = _HEAD.unpack_from(payload)
    start = _HEAD.size + 4 * count
    if start > len(payload):
        raise ClientError(f"{name} is no image record: it has no room for the {count} labels it tells of.")
    if count:
        labels = np.frombuffer(payload, "<f4", count, _HEAD.size).astype(np.float32)
    else:
        labels = np.array([label], np.float32)
    return Image(payload[start:], name), labels


def pack(image: bytes, labels: Floats, number: int = 0) -> bytes:
    """Return an encoded image with its labels, (labels,), as a record with the id ``number``."""
    if len(labels) == 1:
        return _HEAD.pack(0, labels[0], number, 0) + image
    return _HEAD.pack(len(labels), 0, number, 0) + np.asarray(labels, "<f4").tobytes() + image
