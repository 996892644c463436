"""Page tokens of CloudWatch Logs: where the next page begins, bound to what was asked."""

import base64
import binascii
import hashlib
import json
from typing import Any

from clary.core.errors import ClaryError

_DIGEST = 32


def make(subject: str, place: Any) -> str:
    """Return a token for ``place`` (a JSON value), which only a request for the same ``subject`` may use."""
    text = json.dumps(place, separators=(",", ":"))
    return base64.urlsafe_b64encode(f"{_digest(subject, text)}{text}".encode()).decode()


def read(subject: str, token: str) -> Any:
    """Return the place in a token of ``make``; raises InvalidParameterException for any other text."""
    try:
        text = base64.b64decode(token, b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        text = ""
    digest, place = text[:_DIGEST], text[_DIGEST:]
    if not place or digest != _digest(subject, place):
        raise invalid()
    return json.loads(place)


def make_position(subject: str, offset: int) -> str:
    """Return 52 digits for ``offset``, the same each time, as clients tell the end of a stream by that."""
    return f"{offset:020d}{_digest(subject, str(offset))}"


def read_position(subject: str, token: str) -> int:
    """Return the offset in a token of ``make_position``; raises InvalidParameterException for others."""
    digits = token[:20]
    if not (digits.isascii() and digits.isdigit()) or token != make_position(subject, int(digits)):
        raise invalid()
    return int(digits)


def invalid() -> ClaryError:
    """Return the error for a token that nobody was given, or for something else."""
    return ClaryError("InvalidParameterException", "The specified nextToken is invalid.")


def _digest(subject: str, text: str) -> str:
    return hashlib.sha256(f"{subject}\0{text}".encode()).hexdigest()[:_DIGEST]
