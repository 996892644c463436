"""Event streams: the frames of ``application/vnd.amazon.eventstream``, in which answers come in parts.

A frame has a length of headers and payload in front, their checksum (CRC-32) behind that, and one of all of
it at its end (Smithy: "Event stream wire format").
"""

from binascii import crc32
from collections.abc import Mapping
from struct import Struct

MEDIA_TYPE = "application/vnd.amazon.eventstream"

_LENGTHS = Struct(">II")
_CHECKSUM = Struct(">I")
_STRING = Struct(">BH")
_STRING_TYPE = 7
_AROUND = 16
"""Bytes of a frame that are neither headers nor payload."""


class Event:
    """A kind of frame, whose headers are encoded once."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = b"".join(_header(name, value) for name, value in headers.items())

    def frame(self, payload: bytes) -> bytes:
        """Return the frame that carries ``payload``."""
        headers = self._headers
        lengths = _LENGTHS.pack(_AROUND + len(headers) + len(payload), len(headers))
        prelude = lengths + _CHECKSUM.pack(crc32(lengths))
        return b"%b%b%b%b" % (
            prelude,
            headers,
            payload,
            _CHECKSUM.pack(crc32(payload, crc32(headers, crc32(prelude)))),
        )


def event(kind: str, content_type: str) -> Event:
    """Return the event that a model calls ``kind``, whose payload is of ``content_type``."""
    return Event({":message-type": "event", ":event-type": kind, ":content-type": content_type})


def exception(kind: str) -> Event:
    """Return the modelled error ``kind``, with which a stream ends; its payload is JSON."""
    return Event({":message-type": "exception", ":exception-type": kind, ":content-type": "application/json"})


def _header(name: str, value: str) -> bytes:
    name_bytes, value_bytes = name.encode(), value.encode()
    return b"%c%b%b%b" % (
        len(name_bytes),
        name_bytes,
        _STRING.pack(_STRING_TYPE, len(value_bytes)),
        value_bytes,
    )
