"""Errors in each protocol's own form."""

import json
from typing import Any

import pytest

from clary.core.errors import ClaryError, internal
from clary.wire.errors import render
from clary.wire.http import RequestHead
from clary.wire.model import load
from clary.wire.route import Route

HEAD = RequestHead("POST", "/b/k&", "", {})


def _route(service: str, operation: str, protocol: Any) -> Route:
    return Route(service, load(service).operation_model(operation), protocol)


def test_json() -> None:
    error = ClaryError("ResourceInUse", "taken", Extra=1)
    response = render(error, HEAD, _route("sagemaker", "CreateModel", "json"), "id-1")
    assert json.loads(response.body) == {"__type": "ResourceInUse", "message": "taken", "Extra": 1}  # type: ignore[arg-type]
    assert response.headers == {
        "content-type": "application/x-amz-json-1.1",
        "x-amzn-errortype": "ResourceInUse",
        "x-amzn-requestid": "id-1",
    }


@pytest.mark.parametrize("code", ["ResourceNotFound", "ResourceNotFoundException", "DashboardNotFoundError"])
def test_json_of_a_service_that_once_spoke_query(code: str) -> None:
    head = RequestHead("POST", "/", "", {"x-amzn-query-mode": "true"})
    response = render(
        ClaryError(code, "gone", 404), head, _route("cloudwatch", "GetDashboard", "json"), "id-1"
    )
    known = {
        shape.name: shape.metadata.get("error", {}).get("code", shape.name)
        for shape in load("cloudwatch").error_shapes
    }
    name = next((name for name, old in known.items() if code in (name, old)), code)
    assert response.headers["x-amzn-errortype"] == name
    assert response.headers["x-amzn-query-error"] == f"{known.get(name, code)};Sender"


def test_rest_json() -> None:
    error = ClaryError("ModelError", "broken", 424, OriginalStatusCode=500)
    response = render(error, HEAD, _route("sagemaker-runtime", "InvokeEndpoint", "rest-json"), "id-1")
    assert response.status == 424
    assert response.headers["x-amzn-errortype"] == "ModelError"
    assert json.loads(response.body) == {"Message": "broken", "OriginalStatusCode": 500}  # type: ignore[arg-type]


def test_query() -> None:
    response = render(internal("id-1"), HEAD, _route("iam", "GetRole", "query"), "id-1")
    assert response.status == 500
    message = internal("id-1").message.encode()
    assert response.body == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b'<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">'
        b"<Error><Type>Receiver</Type><Code>InternalFailure</Code><Message>" + message + b"</Message></Error>"
        b"<RequestId>id-1</RequestId></ErrorResponse>"
    )


def test_s3() -> None:
    error = ClaryError("NoSuchBucket", "no <such> bucket", 404, BucketName="b")
    response = render(error, HEAD, _route("s3", "GetObject", "rest-xml"), "id-1")
    assert response.headers["x-amz-request-id"] == "id-1"
    assert response.body == (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchBucket</Code>'
        b"<Message>no &lt;such&gt; bucket</Message><Resource>/b/k&amp;</Resource>"
        b"<BucketName>b</BucketName><RequestId>id-1</RequestId></Error>"
    )


@pytest.mark.parametrize(("method", "status"), [("HEAD", 404), ("GET", 304)])
def test_no_body_where_http_allows_none(method: str, status: int) -> None:
    head = RequestHead(method, "/b/k", "", {})
    assert (
        render(ClaryError("NotModified", "", status), head, _route("s3", "GetObject", "rest-xml"), "i").body
        == b""
    )


@pytest.mark.parametrize(
    ("headers", "start"),
    [
        ({"x-amz-target": "Unknown.Thing"}, b'{"__type"'),
        (
            {"content-type": "application/x-www-form-urlencoded"},
            b'<?xml version="1.0" encoding="UTF-8"?>\n<ErrorResponse>',
        ),
        ({}, b'<?xml version="1.0" encoding="UTF-8"?>\n<Error>'),
    ],
)
def test_requests_that_were_not_routed(headers: dict[str, str], start: bytes) -> None:
    body = render(ClaryError("Any", "thing"), RequestHead("POST", "/", "", headers), None, "id-1").body
    assert isinstance(body, bytes)
    assert body.startswith(start)
