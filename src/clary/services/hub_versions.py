"""Hub versions: how versions of a hub's contents are compared, and which lie between two bounds."""

import re
from collections.abc import Sequence

from clary.core.exchange import Document
from clary.store.resources import Home, Query, Resources, Row

MIN, MAX_SCHEMA = "MinVersion", "MaxSchemaVersion"
"""The members of List that bound the version, and the version of the document's schema."""
_AT_ONCE = 100


def parts(number: str) -> tuple[int, ...]:
    """Return what versions are compared by: 1.10.0 comes after 1.9.0."""
    return tuple(int(part) for part in re.findall(r"\d+", number))


def bounded(resources: Resources, home: Home, scope: str, params: Document) -> Sequence[str] | None:
    """Return the names in ``scope`` between the bounds that a List asks for; None where it asks for none."""
    least, most = params.get(MIN), params.get(MAX_SCHEMA)
    if least is None and most is None:
        return None

    def within(row: Row) -> bool:
        schema = row.doc.get("DocumentSchemaVersion", "")
        return (least is None or parts(row.name) >= parts(least)) and (
            most is None or parts(schema) <= parts(most)
        )

    rows = resources.each(Query(home, scope=scope, limit=_AT_ONCE))
    return [row.name for row in rows if within(row)]
