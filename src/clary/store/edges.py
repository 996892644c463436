"""Edges: directed links between resources, found from either end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, delete, insert, or_, select, tuple_

from clary.core.exchange import Document
from clary.store.database import Database
from clary.store.tables import Edge as EdgeRow


@dataclass(frozen=True, slots=True)
class Edge:
    """A link from the ARN ``source`` to the ARN ``destination``, made at ``at`` in epoch seconds.

    ``doc`` is what a client may see of it besides. There is one edge of a family between two ARNs.
    """

    family: str
    source: str
    destination: str
    type: str
    at: float
    doc: Document


@dataclass(frozen=True, slots=True)
class Links:
    """What is asked of a family's edges; None asks nothing. ``after`` is the edge a page starts behind."""

    family: str
    sources: Sequence[str] | None = None
    destinations: Sequence[str] | None = None
    type: str | None = None
    created: tuple[float | None, float | None] = (None, None)
    sort: Literal["at", "source", "destination"] = "at"
    descending: bool = False
    after: Edge | None = None
    limit: int | None = None


class Edges:
    """The ``edge`` table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, edge: Edge) -> None:
        """Add ``edge``, or write it over the one of its family between the same ends."""
        with self._database.write() as connection:
            connection.execute(delete(EdgeRow).where(_between(edge.family, edge.source, edge.destination)))
            values = {name: getattr(edge, name) for name in Edge.__dataclass_fields__}
            connection.execute(insert(EdgeRow).values(**values))

    def add(self, edge: Edge) -> None:
        """Add ``edge``, or leave the one as it is that its family has between the same ends."""
        if not self.list(Links(edge.family, sources=[edge.source], destinations=[edge.destination])):
            self.put(edge)

    def remove(self, family: str, source: str, destination: str) -> bool:
        """Take the edge away; False when there was none."""
        with self._database.write() as connection:
            return bool(
                connection.execute(delete(EdgeRow).where(_between(family, source, destination))).rowcount
            )

    def list(self, links: Links) -> Sequence[Edge]:
        """Return the edges asked for, in the order asked for."""
        return [Edge(*found) for found in self._database.rows(_select(links))]


def _between(family: str, source: str, destination: str) -> ColumnElement[bool]:
    return and_(EdgeRow.family == family, EdgeRow.source == source, EdgeRow.destination == destination)


def _select(links: Links) -> Select[Any]:
    statement = select(EdgeRow.__table__).where(EdgeRow.family == links.family)
    if links.sources is not None:
        statement = statement.where(EdgeRow.source.in_(links.sources))
    if links.destinations is not None:
        statement = statement.where(EdgeRow.destination.in_(links.destinations))
    if links.type is not None:
        statement = statement.where(EdgeRow.type == links.type)
    after, before = links.created
    statement = statement.where(EdgeRow.at > after) if after is not None else statement
    statement = statement.where(EdgeRow.at < before) if before is not None else statement
    return _page(statement, links).limit(links.limit)


def _page(statement: Select[Any], links: Links) -> Select[Any]:
    column = getattr(EdgeRow, links.sort)
    ends = (EdgeRow.source, EdgeRow.destination)
    order = (column, *ends)
    if links.after is not None:
        last = links.after
        value = getattr(last, links.sort)
        beyond = column < value if links.descending else column > value
        here, there = tuple_(*ends), tuple_(last.source, last.destination)
        tie = here < there if links.descending else here > there
        statement = statement.where(or_(beyond, and_(column == value, tie)))
    return statement.order_by(*(one.desc() if links.descending else one for one in order))
