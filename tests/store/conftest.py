"""A fresh database for each test, on SQLite and on PostgreSQL, and what stands on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clary.core import clock
from clary.store.blobs import Blobs
from clary.store.database import Database
from clary.store.objects import BucketRow, Objects
from clary.store.uploads import Uploads
from tests.postgres import BOTH


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what needs a database on both, unless the test itself says on which."""
    chosen = any("url" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    if "url" in metafunc.fixturenames and not chosen:
        metafunc.parametrize("url", BOTH, indirect=True)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    made = Database(url)
    yield made
    made.close()


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "objects")


@pytest.fixture
def objects(database: Database, blobs: Blobs) -> Objects:
    """Objects with one bucket, ``box``."""
    made = Objects(database, blobs)
    made.create_bucket(BucketRow("box", "1" * 12, "us-east-1", clock.now()))
    return made


@pytest.fixture
def uploads(database: Database, objects: Objects) -> Uploads:
    return Uploads(database, objects)
