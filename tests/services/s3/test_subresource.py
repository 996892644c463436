"""Subresources: kept and echoed, or refused where keeping them would be a promise."""

import pytest

from clary.core.exchange import Document
from tests.services.s3.conftest import S3Desk

RULES = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
CORS = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
TAGS = {"TagSet": [{"Key": "team", "Value": "red"}]}
BLOCK = {"BlockPublicAcls": True}
OWNERSHIP = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
POLICY = '{"Statement": []}'

KEPT = [
    ("BucketPolicy", {"Policy": POLICY}, {"Policy": POLICY}, "NoSuchBucketPolicy"),
    ("BucketCors", {"CORSConfiguration": CORS}, CORS, "NoSuchCORSConfiguration"),
    ("BucketTagging", {"Tagging": TAGS}, TAGS, "NoSuchTagSet"),
    (
        "BucketEncryption",
        {"ServerSideEncryptionConfiguration": RULES},
        {"ServerSideEncryptionConfiguration": RULES},
        "ServerSideEncryptionConfigurationNotFoundError",
    ),
    (
        "PublicAccessBlock",
        {"PublicAccessBlockConfiguration": BLOCK},
        {"PublicAccessBlockConfiguration": BLOCK},
        "NoSuchPublicAccessBlockConfiguration",
    ),
    (
        "BucketOwnershipControls",
        {"OwnershipControls": OWNERSHIP},
        {"OwnershipControls": OWNERSHIP},
        "OwnershipControlsNotFoundError",
    ),
]


@pytest.mark.parametrize(("noun", "put", "answer", "missing"), KEPT)
def test_what_is_put_is_echoed_until_it_is_deleted(
    s3: S3Desk, noun: str, put: Document, answer: Document, missing: str
) -> None:
    assert s3.refusal(f"Get{noun}").code == missing
    assert s3(f"Put{noun}", **put) == {}
    assert s3(f"Get{noun}") == answer
    s3(f"Delete{noun}")
    error = s3.refusal(f"Get{noun}")
    assert (error.code, error.status) == (missing, 404)
    assert s3.refusal(f"Put{noun}").status == 400


def test_a_policy_is_json(s3: S3Desk) -> None:
    for policy in ("", "not json", "[]", "{}"):
        assert s3.refusal("PutBucketPolicy", Policy=policy).code == "MalformedPolicy"


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("GetBucketLifecycleConfiguration", "NoSuchLifecycleConfiguration"),
        ("GetBucketWebsite", "NoSuchWebsiteConfiguration"),
        ("GetBucketReplication", "ReplicationConfigurationNotFoundError"),
        ("GetObjectLockConfiguration", "ObjectLockConfigurationNotFoundError"),
    ],
)
def test_what_cannot_be_put_is_not_there(s3: S3Desk, operation: str, code: str) -> None:
    error = s3.refusal(operation)
    assert (error.code, error.status) == (code, 404)


def test_the_owner_has_all_access(s3: S3Desk) -> None:
    acl = s3("GetBucketAcl")
    assert acl["Grants"][0]["Grantee"]["ID"] == acl["Owner"]["ID"]
    s3("PutBucketAcl", ACL="private")
    assert s3.refusal("PutBucketAcl", ACL="public-read-write").code == "AccessControlListNotSupported"
