"""History: the versions of a record that changes, each a row of its own in the scope of its name."""

from collections.abc import Sequence
from dataclasses import replace

from clary.core import ids
from clary.engine.platform import Platform
from clary.store.resources import AlreadyExistsError, Home, Row

BORN = "VersionCreationTime"
"""Where a document says when its version began; no answer shows it by this name."""


def keep(platform: Platform, row: Row, noun: str, number: int, own: Sequence[str] = ()) -> Row:
    """Write ``row`` as it stands as version ``number``, a row of ``noun``; over it where it has changed.

    What is written of a version is the same whoever writes it, so that it may be written again after a crash.
    Of the members ``own`` the version has its own say once it is there.
    """
    known = find(platform, row, noun, number)
    if known is None:
        born = row.doc[BORN]
        version = replace(
            row,
            id=ids.row_id(),
            kind=noun,
            scope=row.name,
            name=str(number),
            arn=f"{row.arn}/version/{number}",
            version=0,
            created_at=born,
            modified_at=born,
        )
        try:
            platform.resources.insert(version)
        except AlreadyExistsError as error:
            known = error.row
        else:
            return version
    doc = {**known.doc, **{name: value for name, value in row.doc.items() if name not in own}}
    return known if doc == known.doc else platform.amend(known, lambda _now: {"doc": doc}) or known


def find(platform: Platform, row: Row, noun: str, number: int) -> Row | None:
    """Return a version of ``row``."""
    return platform.resources.find(Home(row.account, row.region, noun), str(number), row.name)


def owner(row: Row) -> str:
    """Return the ARN of what ``row`` is a version of."""
    return row.arn.rpartition("/version/")[0]
