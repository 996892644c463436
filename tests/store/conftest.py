"""A fresh database for each test, on SQLite and on PostgreSQL, and what stands on it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from clary.core import clock
from clary.store.blobs import Blobs
from clary.store.database import Database
from clary.store.objects import BucketRow, Objects
from clary.store.uploads import Uploads


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path, migrated: Path) -> str:
    """The URL of a fresh database of the present schema; without tables where ``empty-`` is asked for."""
    if request.param == "sqlite":
        return f"sqlite:///{shutil.copy(migrated, tmp_path)}"
    if request.param == "empty-sqlite":
        return f"sqlite:///{tmp_path / 'clary.db'}"
    server = request.getfixturevalue("postgres")
    return str(server.empty() if request.param == "empty-postgresql" else server.url())


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
