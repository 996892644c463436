"""What a client asks of a hosted model."""

from collections.abc import Sequence
from dataclasses import dataclass

from clary.toolkit import media_type
from clary.toolkit.errors import ClientError
from clary.toolkit.media_type import MediaType


@dataclass(frozen=True, slots=True)
class Request:
    """The path without its query, the headers that matter to a model, and the body."""

    method: str
    path: str
    content_type: str
    accept: str
    body: bytes

    def kind(self, readable: Sequence[str]) -> MediaType:
        """Return the type of the body, by default the first ``readable``; raises ClientError (415)."""
        kind = media_type.parse(self.content_type or readable[0])
        if kind.name not in readable:
            raise ClientError(
                f"Content type {self.content_type!r} is not supported; this model reads "
                f"{', '.join(readable)}.",
                415,
            )
        return kind

    def wanted(self, offered: tuple[str, ...]) -> MediaType:
        """Return which of the types ``offered`` the answer shall have; raises ClientError (406)."""
        return media_type.negotiate(self.accept, offered)
