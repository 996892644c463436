"""Services over a fresh store, called directly or by boto3 through the wire."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import uvicorn
from botocore.config import Config

from clary.core.exchange import Caller, Context, Document, Reply, Service
from clary.services.iam import Iam
from clary.services.iam.credential import Credentials
from clary.services.iam.directory import Directory
from clary.services.logs import LogsService
from clary.services.s3 import S3
from clary.services.sts import Sts
from clary.store.blobs import Blobs
from clary.store.database import Database
from clary.store.logs import Logs
from clary.store.objects import Objects
from clary.store.resources import Resources
from clary.store.uploads import Uploads
from clary.wire.asgi import Wire
from clary.wire.signature import Secret, Verifier
from tests.conftest import Until

ACCOUNT = "111122223333"
SECRET = "a-secret"


def caller(account: str = ACCOUNT) -> Caller:
    arn = f"arn:aws:sts::{account}:assumed-role/Researcher/ada"
    return Caller(account, "AKIAEXAMPLE", arn, "AROAEXAMPLE:ada")


class Desk:
    """Calls a service as the wire does, by operation and members."""

    def __init__(self, name: str, service: Service) -> None:
        self.name = name
        self.service = service

    def reply(
        self, operation: str, account: str = ACCOUNT, region: str = "us-east-1", **params: Any
    ) -> Reply:
        ctx = Context("request", self.name, operation, region, caller(account))
        return self.service(ctx, params)

    def __call__(self, operation: str, **params: Any) -> Document:
        return self.reply(operation, **params).output


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database to copy, as migrations take longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "clary.db"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    database.close()
    return path


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{shutil.copy(migrated, tmp_path)}")
    yield made
    made.close()


@pytest.fixture
def objects(database: Database, tmp_path: Path) -> Objects:
    return Objects(database, Blobs(tmp_path / "objects"))


@pytest.fixture
def uploads(database: Database, objects: Objects) -> Uploads:
    return Uploads(database, objects)


@pytest.fixture
def resources(database: Database) -> Resources:
    return Resources(database)


@pytest.fixture
def credentials(resources: Resources) -> Credentials:
    return Credentials(Directory(resources, ACCOUNT))


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path / "logs")


@pytest.fixture
def client(
    objects: Objects,
    uploads: Uploads,
    logs: Logs,
    resources: Resources,
    credentials: Credentials,
    until: Until,
) -> Iterator[Callable[..., Any]]:
    """Makes boto3 clients of a server in this process that serves all of these services."""

    def find(access_key: str) -> Secret | None:
        if access_key == "AKIAEXAMPLE":
            return Secret(SECRET, caller())
        found = credentials.find(access_key)
        return None if found is None else Secret(found.secret, found.caller, found.token, found.expires)

    services: dict[str, Service] = {
        "s3": S3(objects, uploads),
        "sts": Sts(resources),
        "iam": Iam(resources),
        "logs": LogsService(logs),
    }
    wire = Wire(services, Verifier(find, None), "us-east-1")
    server = uvicorn.Server(
        uvicorn.Config(wire, "127.0.0.1", 0, lifespan="off", ws="none", log_level="error")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    made = []

    def make(name: str, key: str = "AKIAEXAMPLE", secret: str = SECRET, token: str | None = None) -> Any:
        made.append(
            boto3.client(
                name,
                region_name="us-east-1",
                endpoint_url=f"http://127.0.0.1:{port}",
                aws_access_key_id=key,
                aws_secret_access_key=secret,
                aws_session_token=token,
                config=Config(retries={"total_max_attempts": 1}),
            )
        )
        return made[-1]

    yield make
    for each in made:
        each.close()
    server.should_exit = True
    thread.join()
    wire.close()
