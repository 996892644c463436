"""Resources: rows that are read, listed, changed by compare-and-set, and claimed when due."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from clary.core import clock
from clary.core.exchange import Document
from clary.store import facts, listing
from clary.store.candidates import Part
from clary.store.damage import Damage
from clary.store.database import Database
from clary.store.tables import Base, Event, Resource, Tag

GONE = "GONE"
"""The phase of a row that is to be removed; its events stay."""


NOBODY = ""
"""Holds a row of which nothing is on any server's machine."""


@dataclass(frozen=True, slots=True)
class Row:
    """One resource. ``doc`` is what a client may see, ``private`` never leaves the server.

    ``server`` is the server on whose machine the row's runs are; only that one may take its steps. ``damage``
    says why a document could not be read, and that document is empty then.
    """

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
    server: str = NOBODY
    damage: str = ""


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
    names: Sequence[str] | None = None
    name_contains: str | None = None
    name_prefix: str | None = None
    phases: Sequence[str] | None = None
    created: tuple[float | None, float | None] = (None, None)
    modified: tuple[float | None, float | None] = (None, None)
    sort: str = "created_at"
    descending: bool = True
    after: tuple[float | str, str] | None = None
    limit: int = 100
    match: dict[str, str] = field(default_factory=dict)

    def behind(self, row: Row) -> "Query":
        """Return the query for what comes behind ``row``."""
        return replace(self, after=(getattr(row, self.sort), row.id))


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


_NAMES = tuple(name for name in Row.__dataclass_fields__ if name != "damage")
_COLUMNS = tuple(getattr(Resource, name) for name in _NAMES)

# Made once: to make a statement takes longer than to carry it out.
_TABLES = Base.metadata.tables
_INSERT = insert(_TABLES["resource"]).returning(Resource.seq)
_EVENT = insert(_TABLES["event"])
_TAG = insert(_TABLES["tag"])
_FIND = select(*_COLUMNS).where(
    *(getattr(Resource, name) == bindparam(name) for name in ("account", "region", "kind", "scope", "name"))
)
_GET = select(*_COLUMNS).where(Resource.id == bindparam("id"))
_BY_ARN = select(*_COLUMNS).where(Resource.arn == bindparam("arn"))


class Resources:
    """The ``resource`` table and the events and tags that belong to it.

    ``server`` is whose rows are seen to: those it holds and those that nobody holds fall due here.
    """

    def __init__(self, database: Database, server: str = NOBODY) -> None:
        self.server = server
        self._database = database
        self._servers = (NOBODY,) if server == NOBODY else (NOBODY, server)

    def insert(self, row: Row, message: str = "", tags: Iterable[tuple[str, str]] = ()) -> None:
        """Add ``row``, its first event and its tags at once; raises AlreadyExistsError."""
        try:
            with self._database.write(alone=False) as connection:
                made = connection.execute(_INSERT, _columns(row))
                facts.add(connection, [(made.scalar_one(), facts.of(row.kind, row.doc))])
                _record(connection, row.id, row.phase, message, row.created_at)
                rows = [{"arn": row.arn, "key": key, "value": value} for key, value in tags]
                if rows:
                    connection.execute(_TAG, rows)
        except IntegrityError as error:
            existing = self.find(Home(row.account, row.region, row.kind), row.name, row.scope)
            if existing is None:
                raise
            raise AlreadyExistsError(existing) from error

    def find(self, home: Home, name: str, scope: str = "") -> Row | None:
        """Return the row with this identity."""
        identity = {"account": home.account, "region": home.region, "kind": home.kind}
        return self._one(_FIND, {**identity, "scope": scope, "name": name})

    def get(self, row_id: str) -> Row | None:
        """Return the row with this id."""
        return self._one(_GET, {"id": row_id})

    def by_arn(self, arn: str) -> Row | None:
        """Return the row with this ARN."""
        return self._one(_BY_ARN, {"arn": arn})

    def list(self, query: Query) -> Sequence[Row]:
        """Return at most ``query.limit`` rows behind ``query.after`` in the order asked for."""
        return [_row(found) for found in listing.read(self._database, query, _COLUMNS)]

    def each(self, query: Query) -> Iterator[Row]:
        """Yield every row behind ``query.after`` in order, reading ``query.limit`` at a time."""
        while page := self.list(query):
            yield from page
            query = query.behind(page[-1])

    def few(self, query: Query, part: Part) -> Iterator[Row] | None:
        """Yield the rows of ``query`` that can meet ``part`` where they are few, in order; else return None.

        Not all of them need meet it; none that does is left out.
        """
        found = part.find(self._database, query.home)
        return None if found is None else self._among(query, found)

    def change(self, row: Row, message: str | None = None, **columns: Any) -> Row | None:
        """Write ``columns`` if nobody changed ``row`` since it was read; None when somebody did.

        ``message`` appends an event at the row's (new) phase. ``phase=GONE`` removes the row and its tags.
        """
        columns |= {"version": row.version + 1}
        columns.setdefault("modified_at", max(clock.now(), row.created_at))  # whatever the clock was set to
        unchanged = and_(Resource.id == row.id, Resource.version == row.version)
        with self._database.write(alone=False) as connection:
            if columns.get("phase") == GONE:
                done = _remove(connection, row, unchanged)
            else:
                done = bool(connection.execute(update(Resource).where(unchanged).values(**columns)).rowcount)
                if done and "doc" in columns:
                    _restate(connection, row, facts.of(row.kind, columns["doc"]))
            if not done:
                return None
            if message is not None:
                _record(connection, row.id, columns.get("phase", row.phase), message, columns["modified_at"])
        return Row(**{**_columns(row), **columns})

    def amend(
        self, row: Row, revise: Callable[[Row], Mapping[str, Any]], message: str | None = None
    ) -> Row | None:
        """Write the columns that ``revise`` makes of a row, whoever else changes it; None when it is gone."""
        current: Row | None = row
        while current is not None:
            changed = self.change(current, message, **revise(current))
            if changed is not None:
                return changed
            current = self.get(row.id)
        return None

    def due(self, now: float, limit: int) -> Sequence[Row]:
        """Return the rows whose next step is due here, the longest waiting first."""
        found: list[Row] = []
        for server in self._servers:  # one after the other, as each alone is a walk along the index
            statement = (
                select(*_COLUMNS)
                .where(Resource.server == server, Resource.due_at <= now)
                .order_by(Resource.due_at)
                .limit(limit)
            )
            found += [_row(each) for each in self._database.rows(statement)]
        return sorted(found, key=lambda row: row.due_at or 0.0)[:limit]

    def next_due(self) -> float | None:
        """Return when the next row falls due here."""
        earliest = [
            self._database.rows(
                select(func.min(Resource.due_at)).where(
                    Resource.server == server, Resource.due_at.is_not(None)
                )
            )[0][0]
            for server in self._servers
        ]
        return min((at for at in earliest if at is not None), default=None)

    def ours(self, row: Row) -> bool:
        """Return whether the row's steps may be taken here."""
        return row.server in self._servers

    def claim(self, row: Row, until: float, *, hold: bool = False) -> Row | None:
        """Push the row's due time to ``until`` if it is still what was read; None when it is not.

        A claim changes neither version nor documents: it only keeps others away while a step runs. To
        ``hold`` the row keeps other servers away for good, as what the step does is on this one's machine.
        """
        same = and_(
            Resource.id == row.id,
            Resource.version == row.version,
            Resource.due_at.is_(None) if row.due_at is None else Resource.due_at == row.due_at,
            Resource.server == row.server,
        )
        server = self.server if hold else row.server
        with self._database.write(alone=False) as connection:
            done = connection.execute(
                update(Resource).where(same).values(due_at=until, server=server)
            ).rowcount
        return replace(row, server=server) if done else None

    def unclaim(self, now: float) -> None:
        """Make every row that has a next step here due ``now``; for a reconciler that starts.

        Of the rows that nobody holds another server may have claimed some. It takes their step at the same
        time then, and one of the two outcomes is written.
        """
        ours = and_(Resource.server.in_(self._servers), Resource.due_at > now)
        with self._database.write(alone=False) as connection:
            connection.execute(update(Resource).where(ours).values(due_at=now))

    def defer(self, row: Row, due_at: float | None) -> bool:
        """Set when the row's next step is due; False when the row has been changed meanwhile."""
        same = and_(Resource.id == row.id, Resource.version == row.version)
        with self._database.write(alone=False) as connection:
            return bool(connection.execute(update(Resource).where(same).values(due_at=due_at)).rowcount)

    def events(self, row_id: str) -> Sequence[Happening]:
        """Return what happened to a resource, oldest first."""
        statement = (
            select(Event.at, Event.phase, Event.message).where(Event.resource == row_id).order_by(Event.id)
        )
        return [Happening(*found) for found in self._database.rows(statement)]

    def _among(self, query: Query, numbers: Sequence[int]) -> Iterator[Row]:
        while page := listing.among(self._database, query, _COLUMNS, numbers):
            rows = [_row(found) for found in page]
            yield from rows
            query = query.behind(rows[-1])

    def _one(self, statement: Select[Any], parameters: Mapping[str, Any]) -> Row | None:
        found = self._database.rows(statement, parameters)
        return _row(found[0]) if found else None


def _row(found: Sequence[Any]) -> Row:
    read = dict(zip(_NAMES, found, strict=True))
    damage = []
    for name in ("doc", "private"):
        value = read[name]
        if not isinstance(value, dict):
            reason = value.reason if isinstance(value, Damage) else "it is no object"
            damage.append(f"its {name} cannot be read: {reason}")
            read[name] = {}
    return Row(**read, damage="; ".join(damage))


def _remove(connection: Connection, row: Row, unchanged: ColumnElement[bool]) -> bool:
    """Take a row away with its facts and tags, if nobody changed it; its events stay."""
    if connection.scalar(select(Resource.seq).where(unchanged).with_for_update()) is None:
        return False
    _restate(connection, row, frozenset())
    connection.execute(delete(Resource).where(unchanged))
    connection.execute(delete(Tag).where(Tag.arn == row.arn))
    return True


def _restate(connection: Connection, row: Row, after: Collection[str]) -> None:
    """Let ``row`` have the facts ``after``; what a damaged document stated is found no more by reading it."""
    before = frozenset() if row.damage else facts.of(row.kind, row.doc)
    if before != after or row.damage:
        seq = connection.execute(select(Resource.seq).where(Resource.id == row.id)).scalar_one()
        facts.replace(connection, seq, before, after)


def _columns(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _NAMES}


def _record(connection: Connection, row_id: str, phase: str, message: str, at: float) -> None:
    connection.execute(_EVENT, {"resource": row_id, "at": at, "phase": phase, "message": message})
