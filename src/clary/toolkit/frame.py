"""Frames of RecordIO, which MXNet made: what tells one record from the next in a stream of bytes.

A frame is a magic number, the length of the payload with three bits of flags above it, the payload, and zeros
up to a multiple of four bytes; all little endian. Where the magic number itself stands in a payload, at a
multiple of four, the payload is cut in two there: the flags tell the first part, those between, and the last.
Source: "recordio.h" of dmlc-core.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO

from clary.toolkit.errors import ClientError

MAGIC = struct.pack("<I", 0xCED7230A)

_HEAD = struct.Struct("<4sI")
_FLAG, _LENGTH = 29, 2**29 - 1
_WHOLE, _FIRST, _BETWEEN, _LAST = range(4)


def payloads(file: BinaryIO, name: str) -> Iterator[bytes]:
    """Yield the payloads of ``file``; raises ClientError, which calls it ``name``, for what is no frame."""
    parts: list[bytes] = []
    while head := file.read(_HEAD.size):
        if len(head) < _HEAD.size or not head.startswith(MAGIC):
            raise _not_recordio(name)
        flag, size = divmod(_HEAD.unpack(head)[1], _LENGTH + 1)
        payload = file.read(size + -size % 4)
        if len(payload) < size or flag > _LAST or (flag in (_WHOLE, _FIRST)) != (not parts):
            raise _not_recordio(name)
        parts.append(payload[:size])
        if flag in (_WHOLE, _LAST):
            yield MAGIC.join(parts)
            parts = []
    if parts:
        raise _not_recordio(name)


def framed(payload: bytes) -> bytes:
    """Return ``payload`` in a frame, or in several where it has to be cut."""
    parts = _cut(payload)
    flags = [_BETWEEN] * len(parts)
    flags[0], flags[-1] = _FIRST, _LAST
    if len(parts) == 1:
        flags = [_WHOLE]
    return b"".join(
        _HEAD.pack(MAGIC, flag << _FLAG | len(part)) + part + bytes(-len(part) % 4)
        for flag, part in zip(flags, parts, strict=True)
    )


def _cut(payload: bytes) -> list[bytes]:
    """Return the parts around each magic number that stands at a multiple of four."""
    parts, start, at = [], 0, payload.find(MAGIC)
    while at >= 0:
        if at % 4 == 0:
            parts.append(payload[start:at])
            start = at + len(MAGIC)
        at = payload.find(MAGIC, max(at + 1, start))
    return [*parts, payload[start:]]


def _not_recordio(name: str) -> ClientError:
    return ClientError(
        f"{name} is not RecordIO, or was cut short: a channel of type application/x-recordio, or with "
        "RecordWrapperType RecordIO, must bring each object in a RecordIO frame."
    )
