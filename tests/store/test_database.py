"""The database: migrations that make exactly the tables, and transactions."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, select

from clary.store import database as module
from clary.store.database import SCHEMA, Database
from clary.store.resources import Home, Query, Resources
from clary.store.tables import Base, Tag

EMPTY = ("empty-sqlite", pytest.param("empty-postgresql", marks=pytest.mark.postgres))


def test_migrations_make_what_the_tables_say(url: str) -> None:
    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        options = {
            "compare_type": True,  # the index of names is each database's own
            "include_object": lambda _object, name, *_: not str(name).startswith("resource_name"),
        }
        context = MigrationContext.configure(connection, opts=options)
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


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_commit_reaches_the_disk(database: Database) -> None:
    settings = {
        name: database.rows(sqlalchemy.text(f"PRAGMA {name}"))[0][0]
        for name in ("journal_mode", "synchronous")
    }
    assert settings == {"journal_mode": "wal", "synchronous": 2}


def _at_first(url: str) -> None:
    """Bring an empty database to the first revision, with one resource in it."""
    config = Config()
    config.set_main_option("script_location", str(Path(module.__file__).parent / "migrations"))
    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(
            "INSERT INTO resource (id, account, region, kind, scope, name, arn, phase, version, created_at, "
            "modified_at, doc, private) VALUES "
            "('i', '1', 'r', 'Model', '', 'first-model', 'arn', 'Created', 1, 2.0, 3.0, '{}', '{}')"
        )
    engine.dispose()


@pytest.mark.parametrize("url", EMPTY, indirect=True)
def test_a_database_of_the_first_release_keeps_its_rows(url: str) -> None:
    _at_first(url)
    database = Database(url)
    database.migrate()
    resources = Resources(database)
    home = Home("1", "r", "Model")
    assert [row.name for row in resources.list(Query(home, name_contains="irst-mod"))] == ["first-model"]
    found = resources.find(home, "first-model")
    assert found is not None
    assert found.server == ""
    assert resources.change(found, phase="GONE") is not None
    assert not resources.list(Query(home, name_contains="irst-mod"))
    database.close()


@pytest.mark.parametrize("url", EMPTY, indirect=True)
def test_servers_that_start_together_migrate_once(url: str) -> None:
    databases = [Database(url) for _ in range(4)]
    with ThreadPoolExecutor(len(databases)) as pool:
        list(pool.map(Database.migrate, databases))
    assert databases[0].rows(sqlalchemy.text("SELECT count(*) FROM resource"))[0] == (0,)
    for database in databases:
        database.close()
