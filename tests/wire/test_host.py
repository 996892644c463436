"""Hosts that name a bucket, and those that do not."""

import pytest

from clary.wire.host import addressed
from clary.wire.http import RequestHead

S3 = (
    "AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature="
    + "0" * 64
)


@pytest.mark.parametrize(
    ("host", "bucket"),
    [
        ("box.localhost:25279", "box"),
        ("box.localhost", "box"),
        ("my.box.localhost:1", "my.box"),
        ("box.lab", "box"),
        ("BOX.LocalHost", "box"),
        ("localhost:25279", ""),
        ("127.0.0.1:25279", ""),
        ("lab", ""),
        ("box.elsewhere", ""),
        (".localhost", ""),
        ("", ""),
    ],
)
def test_a_host_below_ours_names_a_bucket(host: str, bucket: str) -> None:
    head = RequestHead("GET", "/key", "", {"host": host, "authorization": S3})
    found = addressed(head, ("localhost", "lab"))
    assert found.bucket == bucket
    assert found.path == "/key"
    assert found.place == (f"/{bucket}/key" if bucket else "/key")
    assert found.bucket_named == (bucket or "key")


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": S3.replace("/s3/", "/sagemaker/")},
        {"x-amz-target": "SageMaker.ListModels"},
    ],
)
def test_requests_to_other_services_name_none(headers: dict[str, str]) -> None:
    assert (
        addressed(RequestHead("POST", "/", "", {"host": "api.localhost", **headers}), ["localhost"]).bucket
        == ""
    )
