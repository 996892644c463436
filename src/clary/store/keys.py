"""Keys: a page of keys to list, in the byte order that S3 lists them in."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement

from clary.store.tables import Object, ObjectVersion


@dataclass(frozen=True, slots=True)
class Keys:
    """A page of keys to list: those that begin with ``prefix`` and come after ``after``.

    ``beyond`` leaves out every key that begins with it and all before those, so that a listing by delimiter
    can step over a common prefix without reading what is in it.
    """

    bucket: str
    prefix: str = ""
    after: str | None = None
    beyond: str | None = None
    limit: int = 1000

    def within(self, table: type[Object] | type[ObjectVersion]) -> Sequence[ColumnElement[bool]]:
        """Return the conditions on the rows of ``table``."""
        prefix = self.prefix.encode()
        conditions: list[ColumnElement[bool]] = [table.bucket == self.bucket]
        end = _successor(prefix)
        if prefix:
            conditions.append(table.key >= prefix)
        if end is not None:
            conditions.append(table.key < end)
        if self.after is not None:
            conditions.append(table.key > self.after.encode())
        if self.beyond is not None:
            conditions.append(table.key >= _successor(self.beyond.encode()))
        return conditions


def _successor(prefix: bytes) -> bytes | None:
    """Return the smallest byte string above every one that begins with ``prefix``."""
    trimmed = prefix.rstrip(b"\xff")
    return trimmed[:-1] + bytes([trimmed[-1] + 1]) if trimmed else None
