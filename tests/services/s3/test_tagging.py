"""Tagging: of objects, by document and by header."""

import pytest

from tests.services.s3.conftest import S3Desk

TAGS = [{"Key": "team", "Value": "red"}, {"Key": "名", "Value": ""}]


def test_tags_are_replaced_and_taken_away(s3: S3Desk) -> None:
    s3.put("key", b"bytes", Tagging="old=1&x=a%20b", Metadata={"a": "1"})
    assert s3("GetObjectTagging", Key="key")["TagSet"] == [
        {"Key": "old", "Value": "1"},
        {"Key": "x", "Value": "a b"},
    ]
    s3("PutObjectTagging", Key="key", Tagging={"TagSet": TAGS})
    assert s3("GetObjectTagging", Key="key")["TagSet"] == TAGS
    head = s3("HeadObject", Key="key")
    assert (head["TagCount"], head["Metadata"]) == (2, {"a": "1"})
    s3("DeleteObjectTagging", Key="key")
    assert s3("GetObjectTagging", Key="key")["TagSet"] == []
    assert "TagCount" not in s3("HeadObject", Key="key")
    assert s3.read("key") == b"bytes"


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ([{"Key": str(index), "Value": ""} for index in range(11)], "BadRequest"),
        ([{"Key": "k" * 129, "Value": ""}], "InvalidTag"),
        ([{"Key": "", "Value": ""}], "InvalidTag"),
        ([{"Key": "aws:x", "Value": ""}], "InvalidTag"),
        ([{"Key": "k", "Value": "v" * 257}], "InvalidTag"),
        ([{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}], "InvalidTag"),
    ],
)
def test_tags_keep_s3s_rules(s3: S3Desk, tags: list[dict[str, str]], code: str) -> None:
    s3.put("key")
    assert s3.refusal("PutObjectTagging", Key="key", Tagging={"TagSet": tags}).code == code
    assert s3("GetObjectTagging", Key="key")["TagSet"] == []


def test_tags_are_of_objects_that_are_there(s3: S3Desk) -> None:
    assert s3.refusal("GetObjectTagging", Key="key").code == "NoSuchKey"
    assert s3.refusal("PutObjectTagging", Key="key", Tagging={"TagSet": TAGS}).code == "NoSuchKey"
    s3.put("key")
    assert s3.refusal("PutObjectTagging", Key="key", Tagging={}).code == "MalformedXML"
