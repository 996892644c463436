"""The database: migrations that make exactly the tables, and transactions."""

from pathlib import Path

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, select

from clary.store import database as module
from clary.store.database import SCHEMA, Database
from clary.store.tables import Base, Tag


def test_migrations_make_what_the_tables_say(tmp_path: Path, database: Database) -> None:
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path / 'clary.db'}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        assert context.get_current_revision() == SCHEMA
    engine.dispose()


def test_the_schema_named_is_the_newest_revision() -> None:
    migrations = Path(module.__file__).parent / "migrations"
    assert ScriptDirectory(str(migrations)).get_current_head() == SCHEMA


def test_migrating_again_changes_nothing(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(Tag).values(arn="a", key="k", value="v"))
    database.migrate()
    assert [tuple(row) for row in database.rows(select(Tag.value))] == [("v",)]


def test_a_block_that_raises_writes_nothing(database: Database) -> None:
    with pytest.raises(KeyError), database.write() as connection:
        connection.execute(insert(Tag).values(arn="a", key="k", value="v"))
        raise KeyError
    assert database.rows(select(Tag.key)) == []


def test_a_reader_is_not_held_up_by_a_writer(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(Tag).values(arn="a", key="k", value="v"))
        assert database.rows(select(Tag.key)) == []
    assert len(database.rows(select(Tag.key))) == 1


def test_a_commit_reaches_the_disk(database: Database) -> None:
    settings = {
        name: database.rows(sqlalchemy.text(f"PRAGMA {name}"))[0][0]
        for name in ("journal_mode", "synchronous")
    }
    assert settings == {"journal_mode": "wal", "synchronous": 2}
