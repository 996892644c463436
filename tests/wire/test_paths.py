"""Every operation of S3 is found by the request that botocore makes for it, and nothing else is."""

from collections.abc import Callable
from typing import Any

import pytest

from clary.core.errors import ClaryError
from clary.core.exchange import Document
from clary.wire.http import RequestHead
from clary.wire.model import load
from clary.wire.paths import Paths

S3 = Paths(load("s3"))
ELSEWHERE = {
    "GetBucketLifecycle": "GetBucketLifecycleConfiguration",
    "GetBucketNotification": "GetBucketNotificationConfiguration",
    "ListDirectoryBuckets": "ListBuckets",
    "PutBucketLifecycle": "PutBucketLifecycleConfiguration",
    "PutBucketNotification": "PutBucketNotificationConfiguration",
}
"""Superseded operations, which share method and path with their successors."""


def _minimal(operation: str) -> Document:
    shape = load("s3").operation_model(operation).input_shape
    return {
        name: {"integer": 1, "structure": {}, "list": ["a"], "timestamp": 0}.get(
            shape.members[name].type_name, "a"
        )
        for name in (shape.required_members if shape is not None else ())
    }


@pytest.mark.parametrize(
    "operation", [n for n in load("s3").operation_names if n != "WriteGetObjectResponse"]
)
def test_every_operation_is_found(operation: str, encode: Callable[..., Any]) -> None:
    head, _ = encode("s3", operation, _minimal(operation))
    found = S3.match(head)
    assert found is not None
    assert found[0].name == ELSEWHERE.get(operation, operation)


def _match(method: str, path: str, query: str = "", **headers: str) -> tuple[str, dict[str, str]] | None:
    found = S3.match(RequestHead(method, path, query, headers))
    return (found[0].name, found[1]) if found else None


@pytest.mark.parametrize(
    ("method", "path", "query", "name"),
    [
        ("GET", "/b", "", "ListObjects"),
        ("GET", "/b/", "list-type=2&prefix=", "ListObjectsV2"),
        ("GET", "/b/", "list-type=2&prefix=a&delimiter=%2F&encoding-type=url", "ListObjectsV2"),
        ("GET", "/b/k", "X-Amz-Algorithm=x&X-Amz-Signature=y", "GetObject"),
        ("GET", "/b/k", "AWSAccessKeyId=x&Signature=y&Expires=1", "GetObject"),
        ("GET", "/b/k", "x-id=GetObject", "GetObject"),
        ("GET", "/b/k", "partNumber=1", "GetObject"),
        ("GET", "/b/k", "response-content-type=a", "GetObject"),
        ("GET", "/b", "analytics&id=1", "GetBucketAnalyticsConfiguration"),
        ("GET", "/b", "analytics", "ListBucketAnalyticsConfigurations"),
        ("PUT", "/b/k", "partNumber=1&uploadId=u", "UploadPart"),
        ("DELETE", "/b/k", "uploadId=u", "AbortMultipartUpload"),
        ("POST", "/b/k", "uploads=", "CreateMultipartUpload"),
    ],
)
def test_subresources(method: str, path: str, query: str, name: str) -> None:
    found = _match(method, path, query)
    assert found is not None
    assert found[0] == name


def test_copies_are_told_by_their_header() -> None:
    copy = {"x-amz-copy-source": "b/k"}
    assert S3.match(RequestHead("PUT", "/b/k", "", copy))[0].name == "CopyObject"  # type: ignore[index]
    part = S3.match(RequestHead("PUT", "/b/k", "partNumber=1&uploadId=u", copy))
    assert part is not None
    assert part[0].name == "UploadPartCopy"


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("PUT", "/b/k", "shiny"),
        ("PUT", "/b/k", "uploadId=u"),
        ("PUT", "/b/k", "cors"),
        ("GET", "/b/k", "policy=x"),
        ("GET", "/b", "torrent"),
        ("DELETE", "/b/k", "retention"),
        ("DELETE", "/b", "versioning"),
        ("POST", "/b/k", "uploads&shiny"),
    ],
)
def test_an_unknown_subresource_is_never_an_object(method: str, path: str, query: str) -> None:
    with pytest.raises(ClaryError) as caught:
        S3.match(RequestHead(method, path, query, {}))
    assert (caught.value.code, caught.value.status) == ("NotImplemented", 501)


@pytest.mark.parametrize(("method", "path"), [("PATCH", "/b"), ("POST", "/b"), ("OPTIONS", "/b/k")])
def test_other_methods(method: str, path: str) -> None:
    assert _match(method, path) is None


def test_keys_may_be_anything() -> None:
    assert _match("GET", "/b//a/%0A//") == ("GetObject", {"Bucket": "b", "Key": "/a/%0A//"})
