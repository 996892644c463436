"""DeletedStack: what a stack was, which can be described by its ARN for 90 days after it is gone."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from clary.core import clock
from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.store.resources import GONE, AlreadyExistsError, Query, Row

NOUN = "DeletedStack"
PHASE = "DELETE_COMPLETE"
_KEPT = 90 * 86400.0
_PAGE = 100


def keep(platform: Platform, row: Row, private: Document) -> None:
    """Write down what is to be remembered of ``row``; once, however often the step is taken."""
    name = row.arn.rpartition("/")[2]
    told = {**row.private, **private, "name": row.name}
    gone = replace(
        row,
        id=f"{row.id[:12]}{name[-12:]}",
        kind=NOUN,
        name=name,
        phase=PHASE,
        intent=None,
        due_at=None,
        version=0,
        modified_at=clock.now(),
        doc={**row.doc, "Outputs": []},
        private=told,
        server="",
    )
    with suppress(AlreadyExistsError):
        platform.resources.insert(gone)
    _forget(platform)


def find(platform: Platform, arn: str) -> Row | None:
    """Return what a stack was that is gone, under its own name."""
    row = platform.get(NOUN, arn.rpartition("/")[2])
    return None if row is None or row.arn != arn else replace(row, name=row.private["name"])


def every(platform: Platform) -> Iterator[Row]:
    """Yield all of them, the latest first, under their own names."""
    for row in platform.resources.each(Query(platform.home(NOUN), limit=_PAGE)):
        yield replace(row, name=row.private["name"])


def _forget(platform: Platform) -> None:
    """Remove what has been remembered for long enough."""
    old = Query(platform.home(NOUN), modified=(None, clock.now() - _KEPT), limit=_PAGE)
    for row in platform.resources.list(old):
        platform.resources.change(row, phase=GONE)
