"""Inactive subresources: off is accepted and answered, on is refused."""

import pytest

from clary.core.exchange import Document
from tests.services.s3.conftest import S3Desk


@pytest.mark.parametrize(
    ("noun", "member", "off", "on", "read"),
    [
        (
            "Logging",
            "BucketLoggingStatus",
            {},
            {"LoggingEnabled": {"TargetBucket": "b", "TargetPrefix": ""}},
            {},
        ),
        (
            "NotificationConfiguration",
            "NotificationConfiguration",
            {},
            {"EventBridgeConfiguration": {"a": 1}},
            {},
        ),
        (
            "AccelerateConfiguration",
            "AccelerateConfiguration",
            {"Status": "Suspended"},
            {"Status": "Enabled"},
            {},
        ),
        (
            "RequestPayment",
            "RequestPaymentConfiguration",
            {"Payer": "BucketOwner"},
            {"Payer": "Requester"},
            {"Payer": "BucketOwner"},
        ),
    ],
)
def test_what_is_off_stays_off(
    s3: S3Desk, noun: str, member: str, off: Document, on: Document, read: Document
) -> None:
    assert s3(f"PutBucket{noun}", **{member: off}) == {}
    error = s3.refusal(f"PutBucket{noun}", **{member: on})
    assert (error.code, error.status) == ("NotImplemented", 501)
    assert s3(f"GetBucket{noun}") == read
    assert s3.refusal(f"GetBucket{noun}", Bucket="none").code == "NoSuchBucket"


@pytest.mark.parametrize("noun", ["Analytics", "IntelligentTiering", "Inventory", "Metrics"])
def test_lists_of_configurations_are_empty(s3: S3Desk, noun: str) -> None:
    assert s3(f"ListBucket{noun}Configurations") == {"IsTruncated": False}


def test_what_a_bucket_cannot_have_is_deleted_without_error(s3: S3Desk) -> None:
    assert s3("DeleteBucketWebsite") == {}
    assert s3("DeleteBucketReplication") == {}


def test_a_policy_gives_nobody_else_access(s3: S3Desk) -> None:
    assert s3.refusal("GetBucketPolicyStatus").code == "NoSuchBucketPolicy"
    s3("PutBucketPolicy", Policy='{"Version": "2012-10-17", "Statement": []}')
    assert s3("GetBucketPolicyStatus") == {"PolicyStatus": {"IsPublic": False}}


def test_no_object_is_locked(s3: S3Desk) -> None:
    s3.put("key")
    for operation in ("GetObjectLegalHold", "GetObjectRetention"):
        assert s3.refusal(operation, Key="key").code == "InvalidRequest"
        assert s3.refusal(operation, Key="none").code == "NoSuchKey"
