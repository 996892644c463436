"""The connection to SQLite: transactions, durability and the schema's version."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import sqlalchemy
from sqlalchemy import Connection, Engine, Executable, event, inspect

SCHEMA = "0002"
"""The newest migration; a database at another revision is migrated when the server starts."""

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # a commit that was answered survives a power cut
    "PRAGMA busy_timeout=20000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-8000",
)


class Database:
    """One database by URL (``sqlite:////path/to/clary.db``), shared by the threads of a process."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = _engine(url)

    def rows(self, statement: Executable) -> Sequence[tuple[Any, ...]]:
        """Read outside any transaction: one statement sees one consistent state."""
        with self._engine.connect() as connection:
            reading = connection.execution_options(isolation_level="AUTOCOMMIT")
            return cast("Sequence[tuple[Any, ...]]", reading.execute(statement).all())

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a write transaction; commits when the block ends and rolls back when it raises."""
        with self._engine.begin() as connection:
            yield connection

    def migrate(self) -> None:
        """Bring the schema to this release's revision; cheap when it already is."""
        if self._revision() == SCHEMA:
            return
        from alembic import command  # noqa: PLC0415 - half a second that only a migration needs to pay
        from alembic.config import Config  # noqa: PLC0415

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with self._engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _revision(self) -> str | None:
        with self._engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
            return None if found is None else str(found)


def _engine(url: str) -> Engine:
    engine = sqlalchemy.create_engine(url)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions of its own
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # wait for the lock now, not at the first write

    return engine
