"""A fresh database for each test, and what stands on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clary.core import clock
from clary.store.blobs import Blobs
from clary.store.database import Database
from clary.store.objects import BucketRow, Objects
from clary.store.uploads import Uploads


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'clary.db'}")
    made.migrate()
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
