"""Every operation of the services beside SageMaker, through a real client: the least asked, and everything.

What is served answers in its shape or refuses with an error of the client's; what is not says so.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from clary.app import services
from clary.wire.model import load
from tests.contract import answers, neighbours

pytestmark = pytest.mark.contract

OPERATIONS = [
    (service, operation) for service in neighbours.NAMES for operation in services.operations(service)
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


@pytest.fixture(scope="module")
def clients(migrated: Path) -> Iterator[Mapping[str, Any]]:
    """A client of each service, in front of one server."""
    with neighbours.served(migrated) as found:
        yield found


@pytest.mark.parametrize("whole", [False, True], ids=["least", "everything"])
@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_every_operation_answers_in_its_shape_or_says_why_not(
    clients: Mapping[str, Any], service: str, operation: str, whole: bool
) -> None:
    model = load(service).operation_model(operation)
    params = neighbours.request(model.input_shape, whole)
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
        answers.check(model, _spelt(said))


def _spelt(value: Any) -> Any:
    """Return an answer with the policies as text that the client has read."""
    if isinstance(value, dict):
        if "Statement" in value:
            return json.dumps(value)
        return {name: _spelt(inner) for name, inner in value.items()}
    return [_spelt(inner) for inner in value] if isinstance(value, list) else value
