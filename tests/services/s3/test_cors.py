"""CORS: which rule a request fits, and what a browser is told."""

import pytest

from clary.core.exchange import Document
from clary.services.s3.cors import Cors
from clary.store.objects import Objects
from tests.services.s3.conftest import S3Desk

OPEN: Document = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}
OWN: Document = {
    "AllowedMethods": ["PUT", "POST"],
    "AllowedOrigins": ["https://*.lab.test", "http://localhost:8888"],
    "AllowedHeaders": ["x-amz-*", "Content-Type"],
    "ExposeHeaders": ["ETag"],
    "MaxAgeSeconds": 60,
}


@pytest.fixture
def cors(s3: S3Desk, objects: Objects) -> Cors:
    s3("PutBucketCors", CORSConfiguration={"CORSRules": [OPEN, OWN]})
    return Cors(objects)


def test_a_bucket_has_rules_when_they_were_put(s3: S3Desk, cors: Cors) -> None:
    assert cors.enabled("box")
    assert not cors.enabled("other")
    s3("DeleteBucketCors")
    assert not cors.enabled("box")
    assert cors.allowed("box", "https://a", "GET", ()) is None


def test_anyone_may_where_anyone_may(cors: Cors) -> None:
    found = cors.allowed("box", "https://anywhere", "GET", ())
    assert found is not None
    assert found["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in found


def test_the_first_rule_that_fits_tells(cors: Cors) -> None:
    found = cors.allowed("box", "https://a.lab.test", "PUT", ["X-Amz-Date", "content-type"])
    assert found == {
        "access-control-allow-origin": "https://a.lab.test",
        "access-control-allow-methods": "PUT, POST",
        "access-control-allow-credentials": "true",
        "access-control-allow-headers": "x-amz-date, content-type",
        "access-control-expose-headers": "ETag",
        "access-control-max-age": "60",
        "vary": "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
    }


@pytest.mark.parametrize(
    ("origin", "method", "headers"),
    [
        ("https://elsewhere", "PUT", []),
        ("https://a.lab.test", "DELETE", []),
        ("https://a.lab.test", "PUT", ["authorization"]),
        ("https://a.lab.test.elsewhere", "PUT", []),
        ("http://localhost:88889", "PUT", []),
    ],
)
def test_nobody_else_may(cors: Cors, origin: str, method: str, headers: list[str]) -> None:
    assert cors.allowed("box", origin, method, headers) is None


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ([], "MalformedXML"),
        ([OPEN] * 101, "MalformedXML"),
        ([OPEN | {"AllowedMethods": ["PATCH"]}], "InvalidRequest"),
        ([OPEN | {"AllowedOrigins": ["https://*.*"]}], "InvalidRequest"),
        ([OPEN | {"AllowedHeaders": ["*-*"]}], "InvalidRequest"),
    ],
)
def test_rules_that_are_none_are_refused(s3: S3Desk, rules: list[Document], code: str) -> None:
    assert s3.refusal("PutBucketCors", CORSConfiguration={"CORSRules": rules}).code == code
