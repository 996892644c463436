"""Resources: rows that are read, listed, changed by compare-and-set, and claimed when due."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from clary.core import clock
from clary.core.exchange import Document
from clary.store.database import Database
from clary.store.tables import Event, Resource, Tag

GONE = "GONE"
"""The phase of a row that is to be removed; its events stay."""


@dataclass(frozen=True, slots=True)
class Row:
    """One resource. ``doc`` is what a client may see, ``private`` never leaves the server."""

    id: str
    account: str
    region: str
    kind: str
    scope: str
    name: str
    arn: str
    phase: str
    intent: str | None
    due_at: float | None
    version: int
    created_at: float
    modified_at: float
    doc: Document
    private: Document


@dataclass(frozen=True, slots=True)
class Home:
    """Where resources live and what they are: the first columns of every identity."""

    account: str
    region: str
    kind: str


@dataclass(frozen=True, slots=True)
class Query:
    """What a List asks for. Times are epoch seconds; ``after`` is the (value, id) the page starts behind."""

    home: Home
    scope: str | None = None
    name_contains: str | None = None
    phases: Sequence[str] | None = None
    created: tuple[float | None, float | None] = (None, None)
    modified: tuple[float | None, float | None] = (None, None)
    sort: str = "created_at"
    descending: bool = True
    after: tuple[float | str, str] | None = None
    limit: int = 100
    match: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Happening:
    """An event of a resource: it reached ``phase`` at ``at``."""

    at: float
    phase: str
    message: str


class AlreadyExistsError(Exception):
    """A row with this identity is there; ``row`` is it."""

    def __init__(self, row: Row) -> None:
        super().__init__(row.name)
        self.row = row


class Resources:
    """The ``resource`` table and the events and tags that belong to it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def insert(self, row: Row, message: str = "", tags: Iterable[tuple[str, str]] = ()) -> None:
        """Add ``row``, its first event and its tags at once; raises AlreadyExistsError."""
        try:
            with self._database.write() as connection:
                connection.execute(insert(Resource).values(**_columns(row)))
                _record(connection, row.id, row.phase, message, row.created_at)
                rows = [{"arn": row.arn, "key": key, "value": value} for key, value in tags]
                if rows:
                    connection.execute(insert(Tag), rows)
        except IntegrityError as error:
            existing = self.find(Home(row.account, row.region, row.kind), row.name, row.scope)
            if existing is None:
                raise
            raise AlreadyExistsError(existing) from error

    def find(self, home: Home, name: str, scope: str = "") -> Row | None:
        """Return the row with this identity."""
        identity = and_(
            Resource.account == home.account,
            Resource.region == home.region,
            Resource.kind == home.kind,
            Resource.scope == scope,
            Resource.name == name,
        )
        return self._one(select(Resource.__table__).where(identity))

    def get(self, row_id: str) -> Row | None:
        """Return the row with this id."""
        return self._one(select(Resource.__table__).where(Resource.id == row_id))

    def by_arn(self, arn: str) -> Row | None:
        """Return the row with this ARN."""
        return self._one(select(Resource.__table__).where(Resource.arn == arn))

    def list(self, query: Query) -> Sequence[Row]:
        """Return at most ``query.limit`` rows behind ``query.after`` in the order asked for."""
        return [Row(*found) for found in self._database.rows(_select(query))]

    def change(self, row: Row, message: str | None = None, **columns: Any) -> Row | None:
        """Write ``columns`` if nobody changed ``row`` since it was read; None when somebody did.

        ``message`` appends an event at the row's (new) phase. ``phase=GONE`` removes the row and its tags.
        """
        columns |= {"version": row.version + 1, "modified_at": columns.get("modified_at", clock.now())}
        unchanged = and_(Resource.id == row.id, Resource.version == row.version)
        with self._database.write() as connection:
            if columns.get("phase") == GONE:
                done = connection.execute(delete(Resource).where(unchanged)).rowcount
                connection.execute(delete(Tag).where(Tag.arn == row.arn)) if done else None
            else:
                done = connection.execute(update(Resource).where(unchanged).values(**columns)).rowcount
            if not done:
                return None
            if message is not None:
                _record(connection, row.id, columns.get("phase", row.phase), message, columns["modified_at"])
        return Row(**{**_columns(row), **columns})

    def due(self, now: float, limit: int) -> Sequence[Row]:
        """Return the rows whose next step is due, the longest waiting first."""
        statement = (
            select(Resource.__table__).where(Resource.due_at <= now).order_by(Resource.due_at).limit(limit)
        )
        return [Row(*found) for found in self._database.rows(statement)]

    def next_due(self) -> float | None:
        """Return when the next row falls due."""
        earliest = self._database.rows(select(func.min(Resource.due_at)))[0][0]
        return None if earliest is None else float(earliest)

    def claim(self, row: Row, until: float) -> bool:
        """Push the row's due time to ``until`` if it is still what was read; False when it is not.

        A claim changes neither version nor documents: it only keeps others away while a step runs.
        """
        same = and_(Resource.id == row.id, Resource.version == row.version, Resource.due_at == row.due_at)
        with self._database.write() as connection:
            return bool(connection.execute(update(Resource).where(same).values(due_at=until)).rowcount)

    def unclaim(self, now: float) -> None:
        """Make every row that has a next step due ``now``; for a reconciler that starts alone."""
        with self._database.write() as connection:
            connection.execute(update(Resource).where(Resource.due_at > now).values(due_at=now))

    def defer(self, row: Row, due_at: float | None) -> None:
        """Set when the row's next step is due, if it has not been changed meanwhile."""
        same = and_(Resource.id == row.id, Resource.version == row.version)
        with self._database.write() as connection:
            connection.execute(update(Resource).where(same).values(due_at=due_at))

    def events(self, row_id: str) -> Sequence[Happening]:
        """Return what happened to a resource, oldest first."""
        statement = (
            select(Event.at, Event.phase, Event.message).where(Event.resource == row_id).order_by(Event.id)
        )
        return [Happening(*found) for found in self._database.rows(statement)]

    def _one(self, statement: Select[Any]) -> Row | None:
        found = self._database.rows(statement)
        return Row(*found[0]) if found else None


def _columns(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in Row.__dataclass_fields__}


def _record(connection: Connection, row_id: str, phase: str, message: str, at: float) -> None:
    connection.execute(insert(Event).values(resource=row_id, at=at, phase=phase, message=message))


def _select(query: Query) -> Select[Any]:
    home = query.home
    statement = select(Resource.__table__).where(
        Resource.account == home.account, Resource.region == home.region, Resource.kind == home.kind
    )
    if query.scope is not None:
        statement = statement.where(Resource.scope == query.scope)
    if query.name_contains is not None:
        statement = statement.where(func.instr(Resource.name, query.name_contains) > 0)
    if query.phases is not None:
        statement = statement.where(Resource.phase.in_(query.phases))
    for column, (after, before) in (
        (Resource.created_at, query.created),
        (Resource.modified_at, query.modified),
    ):
        statement = statement.where(column > after) if after is not None else statement
        statement = statement.where(column < before) if before is not None else statement
    for key, value in query.match.items():
        statement = statement.where(Resource.doc[tuple(key.split("."))].as_string() == value)
    return _page(statement, query)


def _page(statement: Select[Any], query: Query) -> Select[Any]:
    column = getattr(Resource, query.sort)
    if query.after is not None:
        value, row_id = query.after
        beyond = column < value if query.descending else column > value
        tie = Resource.id < row_id if query.descending else Resource.id > row_id
        statement = statement.where(or_(beyond, and_(column == value, tie)))
    order = (column.desc(), Resource.id.desc()) if query.descending else (column, Resource.id)
    return statement.order_by(*order).limit(query.limit)
