"""Whatever a client sends is answered, and never by a 5xx: requests from the shapes, whole and broken."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clary.app import services
from clary.engine.platform import Platform
from clary.store.database import Database
from clary.store.objects import BucketRow
from clary.wire import model
from clary.wire.asgi import Wire
from clary.wire.signature import Verifier
from tests.wire.conftest import Loopback, encoded

ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.just("x" * 3000),
    st.just([]), st.just({}), st.lists(st.integers(), max_size=2),
)  # fmt: skip
"""What does not belong there."""
DIE = st.integers(0, 11)
LENGTH = st.integers(0, 2)
KEY = st.text(max_size=8)
TEXT = st.sampled_from(
    ["a", "one", "s3://there/x", "linear-learner:1", "ml.m5.large", "arn:aws:iam::123456789012:role/r"]
) | st.text(max_size=6)
DEEPEST = 4
Draw = Callable[[st.SearchStrategy[Any]], Any]
FEW = settings(max_examples=25)
TARGETS = {"sagemaker": "SageMaker", "logs": "Logs_20140328"}
JSON = [(name, operation) for name in TARGETS for operation in sorted(services.served(name))]
OTHERS = [
    (name, operation)
    for name in services.NAMES
    if name not in TARGETS and name != "sagemaker-runtime"  # which the gateway serves
    for operation in sorted(services.served(name))
]
S3_QUERIES = (
    *("", "uploads", "uploadId=x", "partNumber=0&uploadId=x", "list-type=2&max-keys=x", "tagging", "delete"),
    *("versions", "acl", "location", "max-keys=99999", "encoding-type=nope", "prefix=%ff", "%00"),
)


@pytest.fixture
def loopback(platform: Platform, migrated: Any) -> Iterator[Loopback]:
    """A wire in front of the real services, on a fresh database, that believes every signature."""
    database = Database(platform.resources._database.url)
    platform.objects.create_bucket(BucketRow("there", "1" * 12, "us-east-1", 0.0))
    wire = Wire(services.build(platform, database), Verifier(lambda _key: None, None, False), "us-east-1")
    yield Loopback(wire)
    wire.close()
    database.close()


@cache
def few(names: tuple[str, ...]) -> st.SearchStrategy[set[str]]:
    """Return sets of up to three of ``names``."""
    return st.sets(st.sampled_from(names), max_size=3) if names else st.just(set())


def value(draw: Draw, shape: Any, depth: int = 0) -> Any:
    """Draw a value of ``shape``, one in a few of them wrong somewhere.

    By plain recursion: strategies made of strategies take ten times as long to draw from.
    """
    return draw(ODD) if draw(DIE) == 0 else right(draw, shape, depth)


def right(draw: Draw, shape: Any, depth: int = 0) -> Any:
    """Draw a value of ``shape`` whose own type is right."""
    if shape.type_name == "structure":
        return structure(draw, shape, depth)
    if shape.type_name == "list":
        return [value(draw, shape.member, depth + 1) for _ in range(draw(LENGTH))]
    if shape.type_name == "map":
        return {draw(KEY): value(draw, shape.value, depth + 1) for _ in range(draw(LENGTH))}
    return draw(scalar(shape))


def structure(draw: Draw, shape: Any, depth: int) -> dict[str, Any]:
    """Draw a structure with most of the required members and, near the top, some others."""
    others = shape.members.keys() - set(shape.required_members) if depth < DEEPEST else ()
    chosen = (*shape.required_members, *sorted(draw(few(tuple(sorted(others))))))
    return {name: value(draw, shape.members[name], depth + 1) for name in chosen}


@cache
def scalar(shape: Any) -> st.SearchStrategy[Any]:
    """Return scalars of the shape's type, sometimes outside its bounds."""
    kind = shape.type_name
    if kind == "boolean":
        return st.booleans()
    if kind in ("integer", "long"):
        return st.integers(-2, 70) | st.just(2**63)
    if kind in ("float", "double", "timestamp"):
        return st.floats(-1, 2e9)
    return st.sampled_from(shape.enum) if getattr(shape, "enum", None) else TEXT


def answered(loopback: Loopback, method: str, url: str, headers: Mapping[str, str], body: bytes) -> None:
    """Send a request and hold the answer to what every answer must be."""
    status, lines, content = loopback.exchange(method, url, headers, body)
    operation = headers.get("x-amz-target", url)
    assert status < 500 or status == 501, (operation, body, content)
    assert "x-amzn-requestid" in lines or "x-amz-request-id" in lines
    assert b"<html" not in content.lower()


@pytest.mark.parametrize(("service", "operation"), JSON, ids=str)
@FEW
@given(data=st.data())
def test_json_operations(loopback: Loopback, service: str, operation: str, data: st.DataObject) -> None:
    shape = model.load(service).operation_model(operation).input_shape
    params = value(data.draw, shape)
    headers = {
        "x-amz-target": f"{TARGETS[service]}.{operation}",
        "content-type": "application/x-amz-json-1.1",
    }
    answered(loopback, "POST", "http://clary.test/", headers, json.dumps(params).encode())


@pytest.mark.parametrize(("service", "operation"), OTHERS, ids=str)
@FEW
@given(data=st.data())
def test_operations_of_other_protocols(
    loopback: Loopback, service: str, operation: str, data: st.DataObject
) -> None:
    shape = model.load(service).operation_model(operation).input_shape
    params = right(data.draw, shape) if shape is not None else {}
    try:
        head, body = encoded(service, operation, params)
    except Exception:  # noqa: BLE001 - botocore itself cannot spell it
        return
    url = f"http://clary.test{head.path}" + (f"?{head.query}" if head.query else "")
    name = model.signing_name(model.load(service))
    scope = {"authorization": f"AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/{name}/aws4_request"}
    answered(loopback, head.method, url, {**head.headers, **scope}, body)


@FEW
@given(st.binary(max_size=200))
@example(b"[" * 100_000)
@example(b'{"a":' * 50_000)
@example(b'{"TrainingJobName": "\\ud800"}')
def test_bodies_that_are_no_json(loopback: Loopback, body: bytes) -> None:
    headers = {"x-amz-target": "SageMaker.CreateTrainingJob", "content-type": "application/x-amz-json-1.1"}
    answered(loopback, "POST", "http://clary.test/", headers, body)


@settings(parent=FEW, max_examples=150)
@given(
    method=st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD"]),
    path=st.lists(st.text(max_size=8), max_size=3),
    query=st.sampled_from(S3_QUERIES),
    body=st.sampled_from([b"", b"<", b"<a/>", b"<Delete><Object><Key>k</Key></Object></Delete>", b"\xff"]),
)
def test_s3_paths_and_bodies(
    loopback: Loopback, method: str, path: list[str], query: str, body: bytes
) -> None:
    target = "/".join(["", "there", *(quote(part, safe="") for part in path)])
    url = f"http://clary.test{target}" + (f"?{query}" if query else "")
    answered(loopback, method, url, {"content-length": str(len(body))}, body)
