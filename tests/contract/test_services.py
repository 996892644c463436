"""Every operation of the services beside SageMaker, through a real client: the least asked, and everything.

What is served answers in its shape or refuses with an error of the client's; what is not says so.
"""

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED, xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from clary.app import services
from clary.store.database import Database
from clary.wire.asgi import Wire
from clary.wire.model import load
from clary.wire.signature import Verifier
from tests.conftest import assembled
from tests.contract import shapes
from tests.fake_executor import FakeExecutor
from tests.wire.conftest import Loopback

pytestmark = pytest.mark.contract

OPERATIONS = [
    (service, operation)
    for service in services.NAMES
    if service not in ("sagemaker", "sagemaker-runtime")  # test_surface.py; the gateway answers for the other
    for operation in services.operations(service)
]
UNBUILT = ("UnknownOperationException", "InvalidAction", "NotImplemented")
"""How an operation is refused that is not served, by its name."""
WRONG = ("ValidationError", "InvalidRequest", "MalformedXML", "MethodNotAllowed")
"""How a request is refused that is found wrong before anybody asks what it is for."""
TWINS = (
    "GetBucketLifecycle",
    "PutBucketLifecycle",
    "GetBucketNotification",
    "PutBucketNotification",
    "ListDirectoryBuckets",
)
"""Operations of S3 that are asked for exactly as others are, which answer."""
CHECKED = ("ContentMD5", "ExpectedBucketOwner", "ExpectedSourceBucketOwner")
"""Members that a made-up value makes a lie."""


@pytest.fixture(scope="module")
def clients(migrated: Path) -> Iterator[Mapping[str, Any]]:
    """A client of each service, in front of one server."""
    folder = Path(tempfile.mkdtemp(prefix="clary-"))
    url = f"sqlite:///{shutil.copy(migrated, folder)}"
    with assembled(folder, url, FakeExecutor()) as platform:
        database = Database(url)
        built = services.build(platform, database)
        wire = Wire(built, Verifier(lambda _key: None, None, False), "us-east-1")
        yield {service: _client(service, wire) for service, _ in OPERATIONS}
        wire.close()
        database.close()
    shutil.rmtree(folder)


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


@pytest.mark.parametrize("whole", [False, True], ids=["least", "everything"])
@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_every_operation_answers_in_its_shape_or_says_why_not(
    clients: Mapping[str, Any], service: str, operation: str, whole: bool
) -> None:
    model = load(service).operation_model(operation)
    params = {} if model.input_shape is None else shapes.Maker(_known, whole).structure(model.input_shape)
    params = {name: value for name, value in params.items() if name not in CHECKED}
    served = operation in services.served(service) or operation in TWINS
    try:
        answer = getattr(clients[service], xform_name(operation))(**params)
    except ClientError as error:
        status, told = error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]
        assert 400 <= status < 500 or (status, told["Code"]) == (501, "NotImplemented"), error
        assert told["Message"], error
        assert served or told["Code"] in WRONG or operation in told["Message"], error
        assert served or told["Code"] in (*UNBUILT, *WRONG), error
        return
    assert served, f"{operation} is not served and answers {answer}"
    answer.pop("ResponseMetadata")
    if model.output_shape is not None and not model.has_streaming_output:
        said = {
            name: value for name, value in answer.items() if value is not None
        }  # as of us-east-1's buckets
        report = ParamValidator().validate(_spelt(said), model.output_shape)
        assert not report.has_errors(), report.generate_report()


def _spelt(value: Any) -> Any:
    """Return an answer with the policies as text that the client has read."""
    if isinstance(value, dict):
        if "Statement" in value:
            return json.dumps(value)
        return {name: _spelt(inner) for name, inner in value.items()}
    return [_spelt(inner) for inner in value] if isinstance(value, list) else value


def _known(name: str, shape: Any) -> Any:
    """Return the names that a bucket and an object have."""
    return {"Bucket": "box", "Key": "key"}.get(name) if shape.type_name == "string" else None
