"""Neighbours: the services beside SageMaker in front of one server, asked through real botocore clients."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from clary.app import services
from clary.store.database import Database
from clary.wire.asgi import Wire
from clary.wire.signature import Verifier
from tests.conftest import assembled
from tests.contract import shapes
from tests.fake_executor import FakeExecutor
from tests.wire.conftest import Loopback

NAMES = [name for name in services.NAMES if name not in ("sagemaker", "sagemaker-runtime")]
"""botocore's names of them; test_surface.py has SageMaker, and the gateway answers for its runtime."""
BUCKET, KEY = "box", "key"
"""The names of a bucket that exists and of an object in it."""
CHECKED = ("ContentMD5", "ExpectedBucketOwner", "ExpectedSourceBucketOwner")
"""Members that a made-up value makes a lie."""


@contextmanager
def served(migrated: Path) -> Iterator[Mapping[str, Any]]:
    """A client of each service, in front of one server with a bucket and an object."""
    folder = Path(tempfile.mkdtemp(prefix="clary-"))
    url = f"sqlite:///{shutil.copy(migrated, folder)}"
    with assembled(folder, url, FakeExecutor()) as platform:
        database = Database(url)
        wire = Wire(services.build(platform, database), Verifier(lambda _key: None, None, False), "us-east-1")
        clients = {service: _client(service, wire) for service in NAMES}
        clients["s3"].create_bucket(Bucket=BUCKET)
        clients["s3"].put_object(Bucket=BUCKET, Key=KEY, Body=b"content")
        yield clients
        wire.close()
        database.close()
    shutil.rmtree(folder)


def request(shape: Any, whole: bool) -> dict[str, Any]:
    """Return a valid request: the least, or everything."""
    params = {} if shape is None else shapes.Maker(_known, whole).structure(shape)
    return {name: value for name, value in params.items() if name not in CHECKED}


def _known(name: str, shape: Any) -> Any:
    """Return the names that a bucket and an object have."""
    return {"Bucket": BUCKET, "Key": KEY}.get(name) if shape.type_name == "string" else None


def _client(service: str, wire: Wire) -> Any:
    config = Config(
        signature_version=UNSIGNED,
        parameter_validation=False,
        retries={"total_max_attempts": 1},
        s3={"addressing_style": "path"},
    )
    made = boto3.client(
        service, region_name="us-east-1", endpoint_url="http://clary.test:8000", config=config
    )
    made.meta.events.register("before-send", Loopback(wire))
    return made
