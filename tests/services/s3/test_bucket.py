"""Buckets: names, owners, regions and listings."""

import pytest

from tests.services.s3.conftest import S3Desk

OTHER = "999988887777"


@pytest.mark.parametrize("name", ["abc", "a.b-c.1", "0" * 63, "sagemaker-us-east-1-111122223333"])
def test_a_bucket_is_made_and_there(s3: S3Desk, name: str) -> None:
    assert s3("CreateBucket", Bucket=name)["Location"] == f"/{name}"
    assert s3("HeadBucket", Bucket=name)["BucketRegion"] == "us-east-1"


@pytest.mark.parametrize(
    "name", ["ab", "0" * 64, "Upper", "under_score", "-a-", "a..b", "192.168.0.1", "xn--a", "a b", "a/b"]
)
def test_a_bucket_is_named_as_dns_can_have_it(s3: S3Desk, name: str) -> None:
    assert s3.refusal("CreateBucket", Bucket=name).code == "InvalidBucketName"


def test_a_missing_bucket_is_404_for_every_kind_of_call(s3: S3Desk) -> None:
    for operation, params in (
        ("HeadBucket", {}),
        ("ListObjectsV2", {}),
        ("GetObject", {"Key": "k"}),
        ("PutObject", {"Key": "k"}),
        ("DeleteObject", {"Key": "k"}),
        ("GetBucketPolicy", {}),
    ):
        error = s3.refusal(operation, Bucket="missing", **params)
        assert (error.code, error.status) == ("NoSuchBucket", 404), operation
        assert error.message == "The specified bucket does not exist"


def test_making_ones_own_bucket_again_is_no_error_in_us_east_1_alone(s3: S3Desk) -> None:
    s3("CreateBucket")
    place = {"LocationConstraint": "eu-west-1"}
    s3("CreateBucket", Bucket="far", region="eu-west-1", CreateBucketConfiguration=place)
    error = s3.refusal("CreateBucket", Bucket="far", region="eu-west-1", CreateBucketConfiguration=place)
    assert (error.code, error.status) == ("BucketAlreadyOwnedByYou", 409)


def test_us_east_1_is_asked_for_by_no_constraint(s3: S3Desk) -> None:
    place = {"LocationConstraint": "us-east-1"}
    error = s3.refusal("CreateBucket", Bucket="near", CreateBucketConfiguration=place)
    assert (error.code, error.status) == ("InvalidLocationConstraint", 400)


def test_a_bucket_of_somebody_else_is_neither_made_nor_entered(s3: S3Desk) -> None:
    error = s3.refusal("CreateBucket", account=OTHER)
    assert (error.code, error.status) == ("BucketAlreadyExists", 409)
    assert s3.refusal("HeadBucket", account=OTHER).status == 403
    assert s3("ListBuckets", account=OTHER)["Buckets"] == []


def test_an_owner_that_is_expected_must_be_the_owner(s3: S3Desk) -> None:
    s3("HeadBucket", ExpectedBucketOwner="111122223333")
    error = s3.refusal("HeadBucket", ExpectedBucketOwner=OTHER)
    assert (error.code, error.status) == ("AccessDenied", 403)


def test_a_bucket_tells_its_region_but_for_us_east_1(s3: S3Desk) -> None:
    s3("CreateBucket", Bucket="far", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert s3("GetBucketLocation") == {}
    assert s3("GetBucketLocation", Bucket="far") == {"LocationConstraint": "eu-west-1"}


@pytest.mark.parametrize("configuration", [None, {"LocationConstraint": "eu-west-1"}])
def test_outside_us_east_1_the_region_is_named(s3: S3Desk, configuration: object) -> None:
    error = s3.refusal(
        "CreateBucket", Bucket="far", region="eu-north-1", CreateBucketConfiguration=configuration
    )
    assert error.code == "IllegalLocationConstraintException"


def test_what_a_bucket_cannot_do_yet_is_refused_when_it_is_made(s3: S3Desk) -> None:
    assert s3.refusal("CreateBucket", Bucket="lock", ObjectLockEnabledForBucket=True).status == 501
    assert (
        s3.refusal("CreateBucket", Bucket="open", ACL="public-read").code == "AccessControlListNotSupported"
    )


def test_only_an_empty_bucket_is_deleted(s3: S3Desk) -> None:
    s3.put("key")
    error = s3.refusal("DeleteBucket")
    assert (error.code, error.status) == ("BucketNotEmpty", 409)
    s3("DeleteObject", Key="key")
    s3("DeleteBucket")
    assert s3.refusal("HeadBucket").status == 404


def test_buckets_are_listed_by_name_in_pages(s3: S3Desk) -> None:
    for name in ("box-1", "box-2", "axe"):
        s3("CreateBucket", Bucket=name)
    listed = s3("ListBuckets")
    assert [bucket["Name"] for bucket in listed["Buckets"]] == ["axe", "box", "box-1", "box-2"]
    assert "ContinuationToken" not in listed
    first = s3("ListBuckets", Prefix="box", MaxBuckets=2)
    assert [bucket["Name"] for bucket in first["Buckets"]] == ["box", "box-1"]
    rest = s3("ListBuckets", Prefix="box", MaxBuckets=2, ContinuationToken=first["ContinuationToken"])
    assert [bucket["Name"] for bucket in rest["Buckets"]] == ["box-2"]
    assert "ContinuationToken" not in rest
    assert s3("ListBuckets", BucketRegion="eu-west-1")["Buckets"] == []


def test_a_bucket_has_the_tags_that_it_is_made_with(s3: S3Desk) -> None:
    tags = [{"Key": "team", "Value": "a"}]
    s3("CreateBucket", Bucket="tagged", CreateBucketConfiguration={"Tags": tags})
    assert s3("GetBucketTagging", Bucket="tagged")["TagSet"] == tags


def test_a_bucket_lies_in_a_region_that_could_be(s3: S3Desk) -> None:
    configuration = {"LocationConstraint": "no such place"}
    error = s3.refusal("CreateBucket", Bucket="lost", CreateBucketConfiguration=configuration)
    assert error.code == "InvalidLocationConstraint"
