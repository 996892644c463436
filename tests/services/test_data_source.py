"""An S3DataSource is resolved to objects and to the names a job sees them under."""

import json

import pytest

from clary.core.errors import ClaryError
from clary.engine.platform import Platform
from clary.services import data_source
from clary.store.objects import BucketRow

ROLE = "arn:aws:iam::111111111111:role/Trainer"


@pytest.fixture(autouse=True)
def bucket(platform: Platform) -> None:
    platform.objects.create_bucket(BucketRow("b", "1" * 12, "us-east-1", 0.0))


def put(platform: Platform, key: str, data: bytes = b"x") -> None:
    with platform.objects.draft() as draft:
        draft.write(data)
        platform.objects.put(draft, "b", key, {})


def names(platform: Platform, uri: str, kind: str = "S3Prefix") -> dict[str, str]:
    source = {"S3DataType": kind, "S3Uri": uri}
    return {found.stored.key: found.name for found in data_source.find(platform, source)}


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("s3://b/data/", {"data/a.csv": "a.csv", "data/deep/c.csv": "deep/c.csv"}),
        (
            "s3://b/data",
            {
                "data.txt": "data.txt",
                "data/a.csv": "a.csv",
                "data/deep/c.csv": "deep/c.csv",
                "database/d": "database/d",
            },
        ),
        ("s3://b/data/a.csv", {"data/a.csv": "a.csv"}),
        ("s3://b/data/deep/c", {"data/deep/c.csv": "c.csv"}),
        ("s3://b/none", {}),
        ("s3://none/data", {}),
    ],
)
def test_a_prefix_names_what_begins_with_it(platform: Platform, uri: str, expected: dict[str, str]) -> None:
    for key in ("data/", "data/a.csv", "data/deep/c.csv", "data.txt", "database/d", "other"):
        put(platform, key)
    assert names(platform, uri) == expected


def test_a_whole_bucket_is_a_prefix_too(platform: Platform) -> None:
    put(platform, "a/b")
    assert names(platform, "s3://b") == names(platform, "s3://b/") == {"a/b": "a/b"}


def test_a_prefix_of_many_objects_is_read_to_the_end(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        put(platform, f"data/{number}")
    whole = platform.objects.list
    monkeypatch.setattr(platform.objects, "list", lambda keys: whole(keys)[:3])
    assert len(names(platform, "s3://b/data/")) == 7


def test_a_manifest_names_its_objects(platform: Platform) -> None:
    put(platform, "data/one")
    put(platform, "data/deep/two")
    put(platform, "manifest", json.dumps([{"prefix": "s3://b/data/"}, "one", "deep/two"]).encode())
    assert names(platform, "s3://b/manifest", "ManifestFile") == {
        "data/one": "one",
        "data/deep/two": "deep/two",
    }
    assert names(platform, "s3://b/none", "ManifestFile") == {}


@pytest.mark.parametrize(
    "text",
    ["", "no json", "{}", "[]", '["one"]', '[{"prefix": 5}, "one"]', '[{"prefix": "/tmp/"}]', "[" * 100_000],
    ids=["empty", "text", "object", "nothing", "no prefix", "number", "no uri", "deep"],
)
def test_what_is_no_manifest_is_refused_by_name(platform: Platform, text: str) -> None:
    put(platform, "manifest", text.encode())
    with pytest.raises(ClaryError) as caught:
        names(platform, "s3://b/manifest", "ManifestFile")
    assert (caught.value.code, "s3://" in caught.value.message) == ("ValidationException", True)


@pytest.mark.parametrize("missing", ['"none"', "5", "null"])
def test_a_manifest_that_names_what_is_not_there_says_what(platform: Platform, missing: str) -> None:
    put(platform, "manifest", f'[{{"prefix": "s3://b/data/"}}, {missing}]'.encode())
    with pytest.raises(ClaryError, match=r"names s3://b/data/\w+, which does not exist"):
        names(platform, "s3://b/manifest", "ManifestFile")


def test_an_input_that_names_nothing_is_refused(platform: Platform) -> None:
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://b/data"}
    with pytest.raises(ClaryError, match='No S3 objects found under S3 URL "s3://b/data"'):
        data_source.require(platform, source, ROLE)
    put(platform, "data/one")
    data_source.require(platform, source, ROLE)


@pytest.mark.parametrize("uri", ["", "s3://", "s3:///key", "bucket/key", "http://b/k"])
def test_what_is_no_s3_uri_is_refused(uri: str) -> None:
    with pytest.raises(ClaryError, match="is not of the form s3://bucket/key"):
        data_source.parse(uri)


@pytest.mark.parametrize("uri", ["s3://b/k", "s3://b/deep/k/", "s3://b/"])
def test_a_location_is_written_as_it_was_read(uri: str) -> None:
    assert str(data_source.parse(uri)) == uri
