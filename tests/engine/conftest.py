"""A platform on a fresh database with an executor that starts nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clary.compute.capacity import Capacity
from clary.compute.cards import Cards
from clary.compute.executors.process import ProcessExecutor
from clary.core.bus import Bus
from clary.engine.platform import Platform, Site
from clary.store.blobs import Blobs
from clary.store.database import Database
from clary.store.logs import Logs
from clary.store.metrics import Metrics
from clary.store.objects import Objects
from clary.store.resources import Resources
from clary.store.tags import Tags


@pytest.fixture
def platform(short_path: Path) -> Iterator[Platform]:
    database = Database(f"sqlite:///{short_path / 'clary.db'}")
    database.migrate()
    yield Platform(
        site=Site("us-east-1", "1" * 12),
        resources=Resources(database),
        tags=Tags(database),
        objects=Objects(database, Blobs(short_path / "objects")),
        logs=Logs(short_path / "logs"),
        metrics=Metrics(database),
        executor=ProcessExecutor(short_path / "runs", short_path, short_path, short_path / "zygote.sock"),
        capacity=Capacity(4),
        cards=Cards(),
        bus=Bus(short_path),
        work=short_path / "work",
    )
    database.close()
