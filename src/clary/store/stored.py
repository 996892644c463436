"""Stored: an object as the index has it, and who may have a say before it is replaced."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from clary.core.exchange import Document

NULL = "null"
"""The version of what was written while its bucket's versioning was not enabled."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An object. ``meta`` holds what its writer said of it (ContentType, Metadata, checksums …)."""

    bucket: str
    key: str
    blob: str
    etag: str
    size: int
    modified_at: float
    meta: Document = field(default_factory=dict)
    version: str = NULL

    @classmethod
    def from_row(cls, row: tuple[Any, ...]) -> "Stored":
        """Return the object that a row of the index describes."""
        bucket, key, *rest = row
        return cls(bucket, key.decode(), *rest)

    def columns(self) -> Document:
        """Return the object as a row of the index."""
        named = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return named | {"key": self.key.encode()}


Guard = Callable[[Stored | None], None]
"""Sees what a key names at the moment it would be replaced, and raises ClaryError to prevent that."""


def unguarded(_current: Stored | None) -> None:
    """Let anything be replaced."""
