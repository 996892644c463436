"""Deletions on condition of what is there."""

from tests.services.s3.conftest import S3Desk


def test_a_delete_may_demand_what_is_there(s3: S3Desk) -> None:
    tag = s3.put("key", b"1")["ETag"]
    error = s3.refusal("DeleteObject", Key="key", IfMatch='"other"')
    assert (error.code, error.status) == ("PreconditionFailed", 412)
    assert s3.read("key") == b"1"
    s3("DeleteObject", Key="key", IfMatch=tag)
    error = s3.refusal("DeleteObject", Key="key", IfMatch="*")
    assert (error.code, error.status) == ("NoSuchKey", 404)
    s3.put("key")
    s3("DeleteObject", Key="key", IfMatch="*")
    assert s3.refusal("HeadObject", Key="key").status == 404


def test_each_of_many_has_its_own_condition(s3: S3Desk) -> None:
    tag = s3.put("a", b"1")["ETag"]
    s3.put("b", b"2")
    objects = [{"Key": "a", "ETag": tag}, {"Key": "b", "ETag": tag}, {"Key": "c", "ETag": tag}]
    output = s3("DeleteObjects", Delete={"Objects": objects})
    assert output["Deleted"] == [{"Key": "a"}]
    assert [(error["Key"], error["Code"]) for error in output["Errors"]] == [
        ("b", "PreconditionFailed"),
        ("c", "NoSuchKey"),
    ]
    assert [entry["Key"] for entry in s3("ListObjectsV2")["Contents"]] == ["b"]


def test_conditions_that_only_directory_buckets_know_are_refused(s3: S3Desk) -> None:
    s3.put("key", b"1")
    assert s3.refusal("DeleteObject", Key="key", IfMatchSize=1).status == 501
    output = s3("DeleteObjects", Delete={"Objects": [{"Key": "key", "Size": 1}]})
    assert output["Errors"][0]["Code"] == "NotImplemented"
    assert s3.read("key") == b"1"
