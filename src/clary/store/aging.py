"""Aging: what time does to rows; metric points become fewer and go, and so do the events of what is gone.

Each walk goes by row number, which is about the order in which rows came, and remembers where it stands, so
that a row is looked at once for each thing that time does to it. A batch is a transaction of its own.
"""

from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, func, insert, select, update

from clary.store.database import Database
from clary.store.metrics import Point, Series, parse
from clary.store.resources import GONE
from clary.store.rollup import rolled_up
from clary.store.tables import Agreement, Event, MetricPoint

Kept = Callable[[Series], bool]
"""Tells whether the points of a series are to be left as they are."""

_RENEW = (
    update(MetricPoint)
    .where(MetricPoint.id == bindparam("row"))
    .values(at=bindparam("moment"), value=bindparam("number"), dimensions=bindparam("spelt"))
)


class Aging:
    """Walks along the tables; every method answers how many rows it has passed, 0 at the end of its walk."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def roll_up(self, before: float, period: int, kept: Kept, limit: int) -> int:
        """Let the points that are older than ``before`` stand for periods of ``period`` seconds."""
        with self._database.write() as connection:
            rows = _passed(connection, MetricPoint, f"points by {period} s", before, limit)
            groups: dict[tuple[Any, ...], list[tuple[int, str, Point]]] = {}
            for row in rows:
                series, point = parse(row.namespace, row.dimensions, row.name, row.at, row.value, row.step)
                if not kept(series):
                    same = (row.namespace, series.key, row.name, point.unit, point.of_set)
                    held = groups.setdefault((*same, point.at // period), [])
                    held.append((row.id, series.key, point))
            gone = [row for held in groups.values() for row in _replaced(connection, held, period)]
            _remove(connection, MetricPoint, "points", MetricPoint.id.in_(gone))
        return len(rows)

    def forget_points(self, before: float, kept: Kept, limit: int) -> int:
        """Remove the points that are older than ``before``."""
        with self._database.write() as connection:
            rows = _passed(connection, MetricPoint, "points", before, limit)
            known: dict[tuple[str, str], bool] = {}
            for row in rows:
                home = (row.namespace, row.dimensions)
                if home not in known:
                    known[home] = kept(parse(*home, row.name, row.at, row.value, row.step)[0])
            gone = [row.id for row in rows if not known[row.namespace, row.dimensions]]
            _remove(connection, MetricPoint, "points", MetricPoint.id.in_(gone))
        return len(rows)

    def forget_events(self, before: float, limit: int) -> int:
        """Remove all events of the resources that were removed before ``before``."""
        with self._database.write() as connection:
            rows = _passed(connection, Event, "events", before, limit)
            gone = {row.resource for row in rows if row.phase == GONE}
            _remove(connection, Event, "events", Event.resource.in_(gone))
        return len(rows)


def _passed(connection: Connection, table: Any, walk: str, before: float, limit: int) -> Sequence[Any]:
    """Return the next rows that are older than ``before``, and let the walk go on behind them."""
    name = f"aged {walk}"
    said = connection.execute(select(Agreement.value).where(Agreement.name == name)).scalar()
    statement = select(table.__table__).where(table.id > int(said or 0)).order_by(table.id).limit(limit)
    rows = list(takewhile(lambda row: row.at < before, connection.execute(statement).all()))
    if rows:
        connection.execute(delete(Agreement).where(Agreement.name == name))
        connection.execute(insert(Agreement).values(name=name, value=str(rows[-1].id)))
    return rows


def _remove(connection: Connection, table: Any, walks: str, which: ColumnElement[bool]) -> None:
    """Remove rows, and let no walk along the table stand beyond its end: SQLite gives numbers again."""
    connection.execute(delete(table).where(which))
    newest = connection.execute(select(func.max(table.id))).scalar() or 0
    stands = select(Agreement.name, Agreement.value).where(Agreement.name.startswith(f"aged {walks}"))
    for name, value in connection.execute(stands).all():
        if int(value) > newest:
            connection.execute(update(Agreement).where(Agreement.name == name).values(value=str(newest)))


def _replaced(connection: Connection, held: Sequence[tuple[int, str, Point]], period: int) -> Sequence[int]:
    """Put what the points of a period come to into the first of their rows; return the others."""
    points = rolled_up([point for _, _, point in held], period)
    if len(points) == len(held):
        return ()
    renewed = [
        {"row": row, "moment": point.at, "number": point.value, "spelt": key + point.mark}
        for (row, key, _), point in zip(held, points, strict=False)
    ]
    connection.execute(_RENEW, renewed)
    return [row for row, _, _ in held[len(points) :]]
