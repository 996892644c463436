"""Position: the token of a page of a list that is counted from its first entry."""

import re

from clary.core import errors

_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
"""No list has a billion entries, and no longer number is worth reading."""


def read(token: str | None) -> int:
    """Return how many entries lie before the page; raises ValidationException for what is no position.

    One behind the end is taken: a list may have become shorter since, and its page is empty then.
    """
    if not token:
        return 0
    if not _NUMBER.fullmatch(token):
        raise errors.validation(f"Invalid pagination token: {token!r} was not given out by this API.")
    return int(token)


def following(begin: int, size: int, count: int) -> str | None:
    """Return the token of the page after the one of ``size`` entries at ``begin``; None at the list's end."""
    return str(begin + size) if begin + size < count else None
