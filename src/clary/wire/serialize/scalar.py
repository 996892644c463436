"""Single values spelt as text: in headers and XML."""

import base64
from typing import Any

from botocore.model import Shape

from clary.wire import timestamp


def text(shape: Shape, value: Any, spelling: str) -> str:
    """Return the text for ``value``; ``spelling`` is that of timestamps whose shape names none."""
    kind = shape.type_name
    if kind == "boolean":
        return "true" if value else "false"
    if kind == "timestamp":
        return str(timestamp.render(value, shape.serialization.get("timestampFormat", spelling)))
    if kind == "blob":
        return encode(value)
    return str(value)


def encode(value: bytes | str) -> str:
    """Return the Base64 text of a blob, given as bytes or as text in UTF-8."""
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode("ascii")
