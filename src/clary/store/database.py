"""The connection to SQLite or PostgreSQL: transactions, durability and the schema's version."""

import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any, cast

import sqlalchemy
from sqlalchemy import URL, Connection, Engine, Executable, event, inspect
from sqlalchemy.exc import ArgumentError, DBAPIError

from clary.core import clock
from clary.core.errors import ClaryError
from clary.store import damage

SCHEMA = "0008"
"""The newest migration; a database at another revision is migrated when the server starts."""

_PATIENCE = 20.0
"""Seconds that a lock of SQLite's is waited for."""
_PRAGMAS = (
    "PRAGMA synchronous=FULL",  # a commit that was answered survives a power cut
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-8000",
)
_LOCK = 0x636C617279
"""What PostgreSQL's advisory lock is taken on: ``clary`` in hexadecimal."""

_FULL = ("SQLITE_FULL", "53100")
_AWAY = ("SQLITE_BUSY", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY", "08", "53", "57P")
"""How the codes begin that say that the database cannot be used now; the rows are what they were."""


class UnusableError(Exception):
    """No database can be had by this URL: it is misspelt, or its driver is not installed."""


class Database:
    """One database by URL, shared by the threads of a process.

    ``sqlite:////path/to/clary.db`` or ``postgresql://user@host/name``; raises UnusableError.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = _engine(url)
        self.postgresql = self._engine.dialect.name == "postgresql"
        self._writing = threading.Lock()

    def rows(
        self, statement: Executable, parameters: Mapping[str, Any] | None = None
    ) -> Sequence[tuple[Any, ...]]:
        """Read outside any transaction: one statement sees one consistent state.

        A statement that is made once and given ``parameters`` costs a third of one that is made anew.
        Raises ClaryError (503) when the database cannot be read now, as ``write`` does.
        """
        with self._telling(), self._engine.connect() as connection:
            reading = connection.execution_options(isolation_level="AUTOCOMMIT")
            return cast("Sequence[tuple[Any, ...]]", reading.execute(statement, parameters).all())

    @contextmanager
    def write(self, *at: str, alone: bool = True) -> Iterator[Connection]:
        """Open a write transaction; commits when the block ends and rolls back when it raises.

        Blocks that write run one after another, so that what a block has read is still so when it writes. On
        SQLite nothing else is possible. On PostgreSQL a block that only depends on what lies at a place, such
        as a bucket and a key, says ``at`` which: it runs beside those at other places, but not beside one at
        the bucket as a whole. One whose statements each carry their own condition says ``alone=False``.
        """
        with self._telling(), self._turn(), self._engine.begin() as connection:
            if alone and self.postgresql:
                connection.exec_driver_sql(_locking(at))
            yield connection

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Let the threads of this process write to SQLite in turn: it has those that wait sleep and retry."""
        waited = not self.postgresql and self._writing.acquire(timeout=_PATIENCE)
        try:
            yield
        finally:
            if waited:
                self._writing.release()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that sees one consistent state until its block ends, and writes nothing."""
        level = "REPEATABLE READ" if self.postgresql else "AUTOCOMMIT"
        with self._telling(), self._engine.connect() as connection:
            steady = connection.execution_options(isolation_level=level)
            if not self.postgresql:
                steady.exec_driver_sql("BEGIN")  # not IMMEDIATE as for writers, who go on meanwhile
                steady.exec_driver_sql("SELECT 1 FROM alembic_version")
            try:
                yield steady
            finally:
                steady.rollback() if self.postgresql else steady.exec_driver_sql("ROLLBACK")

    @contextmanager
    def driver(self) -> Iterator[Any]:
        """Lend a connection of the driver's own, for what SQLAlchemy has no words for."""
        with self._telling():
            pooled = self._engine.raw_connection()
        connection = cast("Any", pooled.driver_connection)
        pooled.detach()  # it is not fit for others afterwards
        try:
            yield connection
        finally:
            connection.close()

    def migrate(self) -> None:
        """Bring the schema to this release's revision; cheap when it already is."""
        if self._revision() == SCHEMA:
            return
        from alembic import command  # noqa: PLC0415 - half a second that only a migration needs to pay
        from alembic.config import Config  # noqa: PLC0415

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with self.write() as connection:  # alone: another server may be starting on this database
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _revision(self) -> str | None:
        with self._telling(), self._engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            return None if found is None else str(found)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Turn the errors that are no fault of the request into answers that name the cause."""
        try:
            yield
        except DBAPIError as error:
            told = self._told(error)
            if told is None:
                raise
            raise told from error

    def _told(self, error: DBAPIError) -> ClaryError | None:
        code = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None) or ""
        place = self._engine.url.database
        if code in _FULL:
            said = (
                f"The disk of the database {place} is full: nothing was written. Free some space; then retry."
            )
        elif code.startswith(_AWAY) or error.connection_invalidated or _refused(error):
            said = f"The database {place} cannot be used now ({str(error.orig).strip()}); retry."
        else:
            return None
        return ClaryError("ServiceUnavailable", said, 503)


def _locking(at: Sequence[str]) -> str:
    """Return the statement that locks a place, and what that lies in against being locked as a whole."""
    places = [_LOCK]
    for length in range(1, len(at) + 1):
        place = "\0".join(at[:length]).encode(errors="surrogatepass")
        places.append(int.from_bytes(blake2b(place, digest_size=8).digest(), signed=True))
    *around, last = places
    shared = "".join(f"pg_advisory_xact_lock_shared({each}), " for each in around)
    return f"SELECT {shared}pg_advisory_xact_lock({last})"


def _refused(error: DBAPIError) -> bool:
    """Return whether no connection came about: PostgreSQL's driver has no code for that."""
    return isinstance(error, sqlalchemy.exc.OperationalError) and error.statement is None


def _engine(url: str) -> Engine:
    try:
        parsed = sqlalchemy.make_url(url)
    except ArgumentError as error:
        raise UnusableError("The database's URL is not of the form postgresql://user@host/name.") from error
    return _postgresql(parsed) if parsed.drivername.startswith("postgres") else _sqlite(parsed)


def _postgresql(url: URL) -> Engine:
    try:
        return sqlalchemy.create_engine(
            url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, json_deserializer=damage.loads
        )
    except ModuleNotFoundError as error:
        raise UnusableError(
            "PostgreSQL needs a driver that is not installed: pip install 'clary[postgres]'"
        ) from error


def _to_wal(connection: sqlite3.Connection) -> None:
    """Switch a new database to a write-ahead log; an old one has it already.

    Of several that switch at once SQLite sends all but one away, without waiting as for other locks.
    """
    deadline = clock.monotonic() + _PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or clock.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _sqlite(url: URL) -> Engine:
    engine = sqlalchemy.create_engine(url, json_deserializer=damage.loads)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        connection.execute(f"PRAGMA busy_timeout={_PATIENCE * 1000:.0f}")
        _to_wal(connection)
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # wait for the lock now, not at the first write

    return engine
