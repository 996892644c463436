"""Lifecycle configurations: kept as they are, and refused as S3 refuses them."""

from datetime import UTC, datetime

import pytest

from clary.core.exchange import Document
from clary.services.s3 import S3
from clary.services.s3.call import unheard
from clary.store.objects import Objects
from clary.store.uploads import Uploads
from tests.services.s3.conftest import S3Desk

ALL: Document = {"ID": "all", "Status": "Enabled", "Filter": {"Prefix": ""}}


def put(s3: S3Desk, *rules: Document) -> None:
    s3("PutBucketLifecycleConfiguration", LifecycleConfiguration={"Rules": list(rules)})


def test_rules_are_kept_until_they_are_deleted(s3: S3Desk) -> None:
    missing = s3.refusal("GetBucketLifecycleConfiguration")
    assert (missing.code, missing.status) == ("NoSuchLifecycleConfiguration", 404)
    rules = [
        ALL | {"Expiration": {"Date": datetime(2030, 1, 1, tzinfo=UTC)}},
        {
            "Status": "Disabled",
            "Prefix": "tmp/",
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        },
    ]
    put(s3, *rules)
    first, second = s3("GetBucketLifecycleConfiguration")["Rules"]
    assert first == ALL | {"Expiration": {"Date": datetime(2030, 1, 1, tzinfo=UTC).timestamp()}}
    assert second.pop("ID")
    assert second == rules[1]
    s3("DeleteBucketLifecycle")
    assert s3.refusal("GetBucketLifecycleConfiguration").status == 404


def test_whoever_carries_rules_out_hears_of_them(objects: Objects, uploads: Uploads) -> None:
    heard: list[tuple[str, str]] = []
    s3 = S3Desk("s3", S3(objects, uploads, lambda topic, key: heard.append((topic, key))))
    s3("CreateBucket")
    put(s3, ALL | {"Expiration": {"Days": 1}})
    assert heard == [("lifecycle", "box")]
    unheard("lifecycle", "box")


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"Expiration": {"Days": 0}}, "InvalidArgument"),
        ({"Expiration": {"Days": 1, "ExpiredObjectDeleteMarker": True}}, "MalformedXML"),
        ({"Expiration": {}}, "InvalidRequest"),
        ({"Expiration": {"Date": datetime(2030, 1, 1, 5, tzinfo=UTC)}}, "InvalidArgument"),
        ({}, "InvalidRequest"),
        ({"Expiration": {"Days": 1}, "Status": "On"}, "MalformedXML"),
        ({"Expiration": {"Days": 1}, "Prefix": "a"}, "MalformedXML"),
        ({"Expiration": {"Days": 1}, "Filter": None}, "MalformedXML"),
        (
            {"Expiration": {"Days": 1}, "Filter": {"Prefix": "a", "ObjectSizeLessThan": 5}},
            "MalformedXML",
        ),
        ({"Expiration": {"Days": 1}, "ID": "x" * 256}, "InvalidArgument"),
        ({"Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]}, "NotImplemented"),
        ({"NoncurrentVersionExpiration": {"NoncurrentDays": 0}}, "InvalidArgument"),
        ({"NoncurrentVersionExpiration": {"NewerNoncurrentVersions": 2}}, "MalformedXML"),
        (
            {"NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 0}},
            "InvalidArgument",
        ),
        ({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": -1}}, "InvalidArgument"),
        (
            {
                "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                "Filter": {"Tag": {"Key": "a", "Value": "b"}},
            },
            "InvalidRequest",
        ),
        (
            {
                "Expiration": {"ExpiredObjectDeleteMarker": True},
                "Filter": {"And": {"Prefix": "a", "Tags": [{"Key": "a", "Value": "b"}]}},
            },
            "InvalidRequest",
        ),
    ],
)
def test_rules_that_are_none_are_refused(s3: S3Desk, rule: Document, code: str) -> None:
    configuration = {"Rules": [ALL | rule]}
    error = s3.refusal("PutBucketLifecycleConfiguration", LifecycleConfiguration=configuration)
    assert error.code == code
    assert s3.refusal("GetBucketLifecycleConfiguration").status == 404


def test_no_too_many_or_the_same_rules_are_refused(s3: S3Desk) -> None:
    rule = ALL | {"Expiration": {"Days": 1}}
    for rules, code in (
        ([], "MalformedXML"),
        ([rule] * 1001, "MalformedXML"),
        ([rule] * 2, "InvalidArgument"),
    ):
        error = s3.refusal("PutBucketLifecycleConfiguration", LifecycleConfiguration={"Rules": rules})
        assert error.code == code
