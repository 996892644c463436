"""The database: migrations that make exactly the tables, and transactions."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, insert, select, update

from clary.core.errors import ClaryError
from clary.store import database as module
from clary.store.database import SCHEMA, Database, UnusableError
from clary.store.resources import Home, Query, Resources
from clary.store.tables import Base, Tag
from tests.postgres import BOTH, Postgres
from tests.store.test_resources import HOME, row

_OWN = ("resource_name", "resource_fact")
EMPTY = ("empty-sqlite", pytest.param("empty-postgresql", marks=pytest.mark.postgres))


def test_migrations_make_what_the_tables_say(url: str) -> None:
    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        options = {
            "compare_type": True,  # the indexes of names and of facts are each database's own
            "include_object": lambda _object, name, *_: not str(name).startswith(_OWN),
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


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_full_disk_is_told_and_what_was_acknowledged_stays(database: Database) -> None:
    resources = Resources(database)
    (pages,) = database.rows(sqlalchemy.text("PRAGMA page_count"))[0]

    def limit(count: int) -> None:
        @event.listens_for(database._engine, "checkout")
        def set_limit(connection: Any, *_: object) -> None:
            connection.execute(f"PRAGMA max_page_count={count}")

    limit(pages + 8)
    kept: list[str] = []
    with pytest.raises(ClaryError) as caught:
        for number in range(1000):
            resources.insert(row(f"job-{number}", doc={"Padding": "x" * 2000}))
            kept.append(f"job-{number}")
    assert (caught.value.code, caught.value.status) == ("ServiceUnavailable", 503)
    assert "The disk of the database " in caught.value.message
    assert 0 < len(kept) < 20
    assert all(resources.find(HOME, name) for name in kept)
    limit(pages + 1000)
    resources.insert(row("after"))
    listed = resources.list(Query(HOME, sort="name", descending=False))
    assert sorted(found.name for found in listed) == sorted([*kept, "after"])


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
@pytest.mark.postgres
def test_connections_that_were_cut_are_made_again(database: Database, url: str, postgres: Postgres) -> None:
    resources = Resources(database)
    resources.insert(row("before"))
    postgres.interrupt(url)
    resources.insert(row("after"))
    with pytest.raises(ClaryError, match="cannot be used now"), database.write() as connection:
        postgres.interrupt(url)
        connection.execute(insert(Tag).values(arn="a", key="k", value="v"))
    assert {found.name for found in resources.list(Query(HOME))} == {"before", "after"}


@pytest.mark.postgres
def test_a_database_that_is_not_there_is_told_without_the_password() -> None:
    database = Database("postgresql://ada:secret@127.0.0.1:1/none")
    with pytest.raises(ClaryError) as caught:
        database.rows(select(Tag.key))
    assert caught.value.status == 503
    assert "none cannot be used now" in caught.value.message
    assert "secret" not in caught.value.message


def test_a_driver_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(UnusableError, match=r"pip install 'clary\[postgres\]'"):
        Database("postgresql://ada@host/none")
    with pytest.raises(UnusableError, match="not of the form"):
        Database("no url")


@pytest.mark.parametrize("url", BOTH, indirect=True)
def test_blocks_that_read_and_then_write_run_one_after_another(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(Tag).values(arn="a", key="count", value="0"))

    def count(_: int) -> None:
        with database.write() as connection:
            value = int(connection.execute(select(Tag.value)).scalar_one())
            connection.execute(update(Tag).values(value=str(value + 1)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(60)))
    assert database.rows(select(Tag.value)) == [("60",)]


@pytest.mark.parametrize("url", [BOTH[1]], indirect=True)
def test_blocks_at_other_places_write_at_once(database: Database) -> None:
    with database.write("bucket", "a"), database.write("bucket", "b"), database.write("other"):
        pass


@pytest.mark.parametrize("url", [BOTH[1]], indirect=True)
@pytest.mark.parametrize("later", [("bucket", "a"), ("bucket",), ("bucket", "a", "part"), ()], ids=str)
def test_a_block_waits_for_one_at_its_place_or_around_it(database: Database, later: tuple[str, ...]) -> None:
    waiting = select(sqlalchemy.func.count()).select_from(sqlalchemy.table("pg_locks"))
    waiting = waiting.where(sqlalchemy.text("locktype = 'advisory' AND NOT granted"))
    order: list[str] = []

    def wait() -> None:
        with database.write(*later):
            order.append("second")

    with ThreadPoolExecutor(1) as pool:
        with database.write("bucket", "a"):
            second = pool.submit(wait)
            while database.rows(waiting)[0][0] == 0:
                assert not second.done()
            order.append("first")
        second.result()
    assert order == ["first", "second"]


def test_threads_write_in_turn(database: Database) -> None:
    def add(number: int) -> None:
        with database.write() as connection:
            read = connection.execute(select(Tag.value).where(Tag.arn == "a")).scalar()
            if read is None:
                connection.execute(insert(Tag).values(arn="a", key="k", value="1"))
            else:
                connection.execute(update(Tag).values(value=str(int(read) + 1)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(40)))
    assert database.rows(select(Tag.value)) == [("40",)]
