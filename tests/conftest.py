"""What all tests share."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import HealthCheck, settings

from clary.compute.capacity import Capacity
from clary.compute.cards import Cards
from clary.core.bus import Bus
from clary.engine.platform import Platform, Site
from clary.store.blobs import Blobs
from clary.store.database import Database
from clary.store.edges import Edges
from clary.store.logs import Logs
from clary.store.metrics import Metrics
from clary.store.objects import Objects
from clary.store.resources import Resources
from clary.store.tags import Tags
from tests import postgres as postgresql
from tests.fake_executor import FakeExecutor
from tests.postgres import Postgres

pytest.register_assert_rewrite("clary.testing")
settings.register_profile(
    "clary",
    deadline=None,  # a busy machine is no fault of a test's
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,  # tests give each example names of its own where that matters
    ],
)
settings.load_profile("clary")
collect_ignore = ["sdks"]  # each generation of the SDK has an environment of its own: e2e/test_sdks.py


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let whoever has the time kill the server more often."""
    parser.addoption("--kills", type=int, default=12, help="processes that test_kill.py kills (default 12)")


class Until(Protocol):
    """Waits for a condition; fails the test when it does not come true."""

    def __call__(self, condition: Callable[[], object], seconds: float = 20.0) -> None: ...


@pytest.fixture
def until() -> Until:
    def wait(condition: Callable[[], object], seconds: float = 20.0) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"not within {seconds} s"
            time.sleep(0.005)

    return wait


@pytest.fixture
def short_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder whose path leaves room for the name of a unix socket."""
    path = Path(tempfile.mkdtemp(prefix="clary-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server; tests that need one are skipped where its programs are not installed."""
    if postgresql.binaries() is None:
        pytest.skip("PostgreSQL is not installed: pip install pgserver")
    folder = postgresql.folder()
    server = Postgres(folder)
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of the present schema, to be copied."""
    path = tmp_path_factory.mktemp("database") / "clary.db"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    database.close()
    return path


@pytest.fixture
def executor() -> FakeExecutor:
    return FakeExecutor()


@pytest.fixture
def url(request: pytest.FixtureRequest, short_path: Path, migrated: Path) -> str:
    """The URL of a fresh database of the present schema, on SQLite unless a test asks for another.

    Without any tables where ``empty-`` is asked for.
    """
    asked = getattr(request, "param", "sqlite")
    if asked == "sqlite":
        return f"sqlite:///{shutil.copy(migrated, short_path)}"
    if asked == "empty-sqlite":
        return f"sqlite:///{short_path / 'clary.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.empty() if asked == "empty-postgresql" else server.url()


@pytest.fixture
def platform(short_path: Path, url: str, executor: FakeExecutor) -> Iterator[Platform]:
    """A platform of four vCPUs on a fresh database."""
    with assembled(short_path, url, executor) as made:
        yield made


@contextmanager
def assembled(folder: Path, url: str, executor: FakeExecutor) -> Iterator[Platform]:
    """A platform of four vCPUs in ``folder``, on the database at ``url``."""
    database = Database(url)
    yield Platform(
        site=Site("us-east-1", "1" * 12, "http://127.0.0.1:1"),
        resources=Resources(database),
        tags=Tags(database),
        edges=Edges(database),
        objects=Objects(database, Blobs(folder / "objects")),
        logs=Logs(folder / "logs"),
        metrics=Metrics(database),
        executor=executor,
        capacity=Capacity(4),
        cards=Cards(),
        bus=Bus(folder),
        work=folder / "work",
    )
    database.close()
