"""Dump: all rows of all tables as lines of JSON, read at one moment and put into an empty database.

The lines are the same from either database, so that one can take over from the other.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, text

from clary.store import facts
from clary.store.database import SCHEMA, Database
from clary.store.resources import NOBODY
from clary.store.tables import Agreement, Base, Object, ObjectVersion, Part, Resource

_BYTES = "$bytes"
_AT_ONCE = 500
_OWN: dict[str, dict[str, Any]] = {Resource.__tablename__: {"server": NOBODY}}
"""What columns say that is of the machines the rows were on: no server holds a row where it arrives."""


class ForeignDumpError(ValueError):
    """The lines were written by a release with other tables."""


class Snapshot:
    """The tables as they stood at one moment; to be read while its block lasts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def tables(self) -> Sequence[str]:
        """Return the names of the tables but for what servers have agreed on, which others settle anew."""
        return [table.name for table in Base.metadata.sorted_tables if table is not Agreement.__table__]

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield the rows of a table, a line of JSON each, without holding them all."""
        some = {"yield_per": _AT_ONCE}
        rows = self._connection.execute(select(Base.metadata.tables[name]), execution_options=some)
        for row in rows.mappings():
            document = {column: _shown(value) for column, value in row.items()} | _OWN.get(name, {})
            yield json.dumps(document, separators=(",", ":")).encode() + b"\n"

    def blobs(self) -> Iterator[str]:
        """Yield the names of all blobs that rows name."""
        for column in (Object.blob, ObjectVersion.blob, Part.blob):
            statement = select(column).where(column.is_not(None))
            yield from map(str, self._connection.execute(statement).scalars())


@contextmanager
def snapshot(database: Database) -> Iterator[Snapshot]:
    """Surround the reading of a snapshot; writers are not held up by it."""
    with database.reading() as connection:
        yield Snapshot(connection)


def clear(database: Database) -> Sequence[str]:
    """Remove all rows of all tables; return the names of the blobs that belonged to them."""
    with database.write() as connection:
        blobs = list(Snapshot(connection).blobs())
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(delete(table))
    return blobs


def is_empty(database: Database) -> bool:
    """Tell whether no table has a row."""
    return not any(database.rows(select(table).limit(1)) for table in Base.metadata.sorted_tables)


def load(database: Database, schema: str, tables: Iterable[tuple[str, Iterable[bytes]]]) -> None:
    """Put the lines of a snapshot into an empty database, all or none; raises ForeignDumpError."""
    if schema != SCHEMA:
        raise ForeignDumpError(f"tables of revision {schema}; this release has {SCHEMA}")
    with database.write() as connection:
        for name, lines in tables:
            table = Base.metadata.tables[name]
            rows = map(_read, map(json.loads, lines))
            while some := list(islice(rows, _AT_ONCE)):
                connection.execute(insert(table), some)
            if database.postgresql:
                _count_on(connection, table)
        facts.build(connection)


def _shown(value: Any) -> Any:
    return {_BYTES: base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _read(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: base64.b64decode(value[_BYTES])
        if isinstance(value, dict) and list(value) == [_BYTES]
        else value
        for name, value in row.items()
    }


def _count_on(connection: Connection, table: Table) -> None:
    """Let PostgreSQL number the next row behind those that came with numbers of their own."""
    for column in table.primary_key.columns:
        sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, column.name)))
        if sequence is not None:
            last = connection.scalar(select(func.max(column)))
            statement = text("SELECT setval(:sequence, :last, :used)")
            connection.execute(statement, {"sequence": sequence, "last": last or 1, "used": last is not None})
