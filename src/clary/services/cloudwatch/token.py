"""Page tokens of CloudWatch: how much was answered already, bound to what was asked."""

import base64
import binascii
import hashlib
import json

from clary.core.exchange import Document

_DIGEST = 32


def make(params: Document, passed: int) -> str:
    """Return a token for what follows the first ``passed`` entries of the answer to ``params``."""
    return base64.urlsafe_b64encode(f"{_digest(params)}{passed}".encode()).decode()


def read(params: Document) -> int:
    """Return how much was answered before; raises ValueError for a token not made for such a request."""
    given = params.get("NextToken")
    if not given:
        return 0
    try:
        text = base64.b64decode(given, b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise ValueError("The token is not one of ours") from error
    if text[:_DIGEST] != _digest(params) or not text[_DIGEST:].isdigit():
        raise ValueError("The token belongs to another request")
    return int(text[_DIGEST:])


def _digest(params: Document) -> str:
    asked = {name: value for name, value in params.items() if name != "NextToken"}
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()[:_DIGEST]
