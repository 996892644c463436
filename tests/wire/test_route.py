"""Requests find their service and operation by target, action, path and scope."""

from collections.abc import Callable
from typing import Any

import pytest

from clary.core.errors import ClaryError
from clary.wire.http import RequestHead
from clary.wire.model import Models, load
from clary.wire.route import Router

NAMES = (
    "s3",
    "sagemaker",
    "sagemaker-runtime",
    "sagemaker-featurestore-runtime",
    "sts",
    "iam",
    "logs",
    "cloudwatch",
)
ROUTER = Router(Models(NAMES))


@pytest.mark.parametrize("service", [name for name in NAMES if name != "s3"])
def test_every_operation_is_found(service: str, encode: Callable[..., Any]) -> None:
    model = load(service)
    for operation in model.operation_names:
        shape = model.operation_model(operation).input_shape
        labels = {
            name: "a"
            for name, member in (shape.members.items() if shape is not None else ())
            if member.serialization.get("location") == "uri"
        }
        route = ROUTER.route(*encode(service, operation, labels))
        assert (route.service, route.operation.name) == (service, operation)


def _scoped(service: str) -> dict[str, str]:
    credential = f"AKIAEXAMPLE/20260101/us-east-1/{service}/aws4_request"
    return {
        "authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature={'0' * 64}"
    }


def test_a_bucket_may_be_called_endpoints() -> None:
    head = RequestHead("GET", "/endpoints/a/invocations", "", _scoped("s3"))
    assert ROUTER.route(head).operation.name == "GetObject"
    head = RequestHead("POST", "/endpoints/a/invocations", "", _scoped("sagemaker"))
    assert ROUTER.route(head).operation.name == "InvokeEndpoint"


def test_unsigned_requests_go_by_their_path() -> None:
    assert (
        ROUTER.route(RequestHead("POST", "/endpoints/a/invocations", "", {})).operation.name
        == "InvokeEndpoint"
    )
    assert ROUTER.route(RequestHead("GET", "/bucket/key", "", {})).operation.name == "GetObject"


def test_actions_by_scope_and_by_version() -> None:
    form = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    head = RequestHead("POST", "/", "", form | _scoped("monitoring"))
    route = ROUTER.route(head, b"Action=ListMetrics&Version=2010-08-01")
    assert (route.service, route.protocol) == ("cloudwatch", "query")
    head = RequestHead("POST", "/", "", form)
    assert ROUTER.route(head, b"Action=GetRole&Version=2010-05-08").service == "iam"
    head = RequestHead("GET", "/", "Action=GetCallerIdentity&Version=2011-06-15", {})
    assert ROUTER.route(head).service == "sts"


@pytest.mark.parametrize(
    ("head", "body", "code", "status"),
    [
        (
            RequestHead("POST", "/", "", {"x-amz-target": "SageMaker.Fly"}),
            b"",
            "UnknownOperationException",
            400,
        ),
        (RequestHead("POST", "/", "", {"x-amz-target": "Other.List"}), b"", "UnknownOperationException", 400),
        (
            RequestHead("GET", "/nowhere/at/all", "", _scoped("sagemaker")),
            b"",
            "UnknownOperationException",
            404,
        ),
        (RequestHead("GET", "/", "", _scoped("dynamodb")), b"", "UnknownOperationException", 404),
        (RequestHead("PATCH", "/b", "", _scoped("s3")), b"", "MethodNotAllowed", 405),
        (
            RequestHead("POST", "/", "", {"content-type": "application/x-www-form-urlencoded"}),
            b"Action=Fly",
            "InvalidAction",
            400,
        ),
        (
            RequestHead("POST", "/", "", {"content-type": "application/x-www-form-urlencoded"}),
            b"\xff",
            "MalformedInput",
            400,
        ),
    ],
)
def test_what_is_not_known(head: RequestHead, body: bytes, code: str, status: int) -> None:
    with pytest.raises(ClaryError) as caught:
        ROUTER.route(head, body)
    assert (caught.value.code, caught.value.status) == (code, status)
