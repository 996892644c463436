"""Single values spelt as text: in headers, paths, query strings, forms and XML."""

import base64
import binascii
import re
from typing import Any

from botocore.model import Shape

from clary.wire import timestamp

_INTEGER = re.compile(r"[-+]?[0-9]+")
_BOOLEANS = {"true": True, "false": False}


def parse(shape: Shape, text: str) -> Any:
    """Return the value of a scalar ``shape`` that ``text`` spells; raises ValueError."""
    kind = shape.type_name
    if kind in ("string", "character"):
        return text
    text = text.strip()
    if kind in ("integer", "long"):
        if not _INTEGER.fullmatch(text):
            raise ValueError(f"{text!r} is not an integer")
        return int(text)
    if kind in ("float", "double"):
        return float(text)
    if kind == "boolean":
        if text.lower() not in _BOOLEANS:
            raise ValueError(f"{text!r} is neither true nor false")
        return _BOOLEANS[text.lower()]
    if kind == "timestamp":
        return timestamp.parse(text)
    return decode(text)


def decode(text: str) -> bytes:
    """Return the bytes that Base64 ``text`` stands for; raises ValueError."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"a blob is not in Base64: {error}") from error
