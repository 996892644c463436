"""All rows out of one database and into another."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clary.core import clock
from clary.store import dump
from clary.store.blobs import Blobs
from clary.store.database import SCHEMA, Database
from clary.store.edges import Edge, Edges
from clary.store.metrics import Metrics, Point, Series
from clary.store.objects import BucketRow, Objects
from clary.store.resources import Home, Query, Resources
from tests.store.test_resources import row

SERIES = Series("n", {"a": "b"})


@pytest.fixture
def full(database: Database, tmp_path: Path) -> Database:
    """A database with a row of every sort."""
    Resources(database).insert(row("one"), "begun", [("team", "red")])
    Edges(database).put(Edge("lineage", "a", "b", "Produced", 1.0, {}))
    Metrics(database).put(SERIES, [Point("loss", 1.0, 0.5, step=3)])
    objects = Objects(database, Blobs(tmp_path / "objects"))
    objects.create_bucket(BucketRow("box", "1" * 12, "us-east-1", clock.now()))
    with objects.draft() as draft:
        draft.write(b"bytes")
        objects.put(draft, "box", "ключ", {"ContentType": "text/plain"})
    return database


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'other.db'}")
    made.migrate()
    yield made
    made.close()


def taken(database: Database) -> tuple[list[tuple[str, list[bytes]]], list[str]]:
    with dump.snapshot(database) as snapshot:
        return [(name, list(snapshot.lines(name))) for name in snapshot.tables()], list(snapshot.blobs())


def test_what_is_loaded_is_what_was_taken(full: Database, empty: Database) -> None:
    tables, blobs = taken(full)
    assert len(blobs) == 1
    assert dump.is_empty(empty)
    dump.load(empty, SCHEMA, tables)
    assert taken(empty) == (tables, blobs)
    there = Resources(empty)
    found = there.list(Query(Home("1" * 12, "us-east-1", row("one").kind), name_contains="one"))
    assert [each.name for each in found] == ["one"]
    assert Metrics(empty).get(SERIES)[0].step == 3


def test_rows_are_numbered_on_behind_those_that_were_loaded(empty: Database, full: Database) -> None:
    tables, _ = taken(full)
    dump.load(empty, SCHEMA, tables)
    Metrics(empty).put(SERIES, [Point("loss", 2.0, 0.25)])
    Resources(empty).insert(row("two"), "begun")
    assert len(Metrics(empty).get(SERIES)) == 2


def test_writers_go_on_while_a_snapshot_is_read(full: Database) -> None:
    with dump.snapshot(full) as snapshot:
        before = list(snapshot.lines("resource"))
        Resources(full).insert(row("later"), "begun")
        assert list(snapshot.lines("resource")) == before


def test_tables_of_another_release_are_refused(empty: Database) -> None:
    with pytest.raises(dump.ForeignDumpError, match="0000"):
        dump.load(empty, "0000", [])


def test_a_clearing_leaves_no_row_and_names_the_blobs(full: Database) -> None:
    blobs = dump.clear(full)
    assert len(blobs) == 1
    assert dump.is_empty(full)
    Resources(full).insert(row("one"))  # the index of names went with the rows
