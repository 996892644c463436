"""What a client of a hosted model gets."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from clary.toolkit.request import Request


@dataclass(frozen=True, slots=True)
class Answer:
    """A body with its type and status; one of several pieces is sent as they are made, in chunks."""

    body: bytes | Iterator[bytes]
    content_type: str = "text/plain"
    status: int = 200


Handler = Callable[[Request], Answer]
"""What answers requests; it may raise ClientError."""
