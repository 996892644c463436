"""ChangeSetRecord: where the change sets of a stack lie."""

from collections.abc import Sequence

from clary.engine.platform import Platform
from clary.store.resources import GONE, Query, Row

NOUN = "ChangeSet"
_ALL = 1000


def of(platform: Platform, stack: Row) -> Sequence[Row]:
    """Return the change sets of a stack, the latest first."""
    return platform.resources.list(Query(platform.home(NOUN), scope=stack.id, limit=_ALL))


def forget(platform: Platform, stack: Row) -> None:
    """Remove the change sets of a stack."""
    for row in of(platform, stack):
        platform.amend(row, lambda _row: {"phase": GONE})
