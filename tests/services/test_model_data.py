"""Model data is checked when a model names it, and linked or unpacked where a replica looks for it."""

import io
import tarfile
from typing import Any

import pytest

from clary.core.errors import ClaryError
from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.services import model_data
from clary.store.objects import BucketRow


@pytest.fixture(autouse=True)
def bucket(platform: Platform) -> None:
    platform.objects.create_bucket(BucketRow("b", "1" * 12, "us-east-1", 0.0))
    for key, data in {
        "m/weights": b"w",
        "m/code/inference.py": b"x",
        "one": b"1",
        "packed": archive(),
    }.items():
        put(platform, key, data)


def put(platform: Platform, key: str, data: bytes) -> None:
    with platform.objects.draft() as draft:
        draft.write(data)
        platform.objects.put(draft, "b", key, {})


def archive() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        member = tarfile.TarInfo("inside")
        tar.addfile(member, io.BytesIO(b""))
    return buffer.getvalue()


def source(uri: str, kind: str = "S3Prefix", packed: str = "None", **more: Any) -> Document:
    return {"S3DataSource": {"S3Uri": uri, "S3DataType": kind, "CompressionType": packed, **more}}


PREFIX = {"ModelDataSource": source("s3://b/m/")}
OBJECT = {"ModelDataSource": source("s3://b/one", "S3Object")}
ARCHIVE = {"ModelDataSource": source("s3://b/packed", "S3Object", "Gzip")}
DRAFT = {"AdditionalModelDataSources": [{"ChannelName": "draft", **source("s3://b/m/")}]}


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        ({}, {"model"}),
        ({"ModelDataUrl": "s3://b/packed"}, {"model", "model/inside"}),
        (ARCHIVE, {"model", "model/inside"}),
        (OBJECT, {"model", "model/one"}),
        (PREFIX, {"model", "model/code", "model/code/inference.py", "model/weights"}),
    ],
)
def test_each_source_is_staged_as_it_says(
    platform: Platform, container: Document, expected: set[str]
) -> None:
    model_data.check(platform, container)
    base = platform.work / "base"
    model_data.stage(platform, container, base)
    assert {path.relative_to(base).as_posix() for path in base.rglob("*")} == expected


def test_what_is_not_packed_is_linked_and_read_only(platform: Platform) -> None:
    model_data.stage(platform, PREFIX | DRAFT, platform.work)
    stored = platform.objects.get("b", "m/weights")
    assert stored is not None
    for folder in model_data.protected(PREFIX | DRAFT):
        assert (platform.work / folder / "weights").samefile(platform.objects.path(stored))
    assert model_data.protected(PREFIX | DRAFT) == ("model", "additional-model-data-sources/draft")
    assert model_data.protected({"ModelDataUrl": "s3://b/packed"}) == ()


@pytest.mark.parametrize(
    ("container", "words"),
    [
        ({"ModelDataUrl": "s3://b/none"}, "Could not find model data at s3://b/none."),
        ({"ModelDataUrl": "s3://b/packed"} | PREFIX, "Give ModelDataUrl or ModelDataSource, not both."),
        ({"ModelDataSource": {"S3DataSource": {}}}, "ModelDataSource needs an S3DataSource."),
        ({"ModelDataSource": source("s3://b/none/")}, "Could not find model data at s3://b/none/."),
        ({"ModelDataSource": source("s3://b/no", "S3Object")}, "Could not find model data at s3://b/no."),
        ({"ModelDataSource": source("s3://b/m")}, "ends with a slash, unlike 's3://b/m'"),
        ({"ModelDataSource": source("s3://b/m/", packed="Gzip")}, "Use S3DataType S3Object with it."),
        (
            {"ModelDataSource": source("s3://b/m/", ManifestS3Uri="s3://b/one")},
            "ModelDataSource.S3DataSource.ManifestS3Uri is not supported",
        ),
        (
            {"AdditionalModelDataSources": [{"ChannelName": "draft", **source("s3://b/none/")}]},
            "Could not find model data at s3://b/none/.",
        ),
    ],
)
def test_what_could_not_be_staged_is_refused(platform: Platform, container: Document, words: str) -> None:
    with pytest.raises(ClaryError) as caught:
        model_data.check(platform, container)
    assert words in caught.value.message


def test_data_that_has_gone_since_is_named(platform: Platform) -> None:
    with pytest.raises(ClaryError, match="Could not find model data at s3://b/none/"):
        model_data.stage(platform, {"ModelDataSource": source("s3://b/none/")}, platform.work)


def test_names_that_clash_are_named(platform: Platform) -> None:
    put(platform, "m/weights/part", b"p")
    with pytest.raises(ClaryError, match="the same name is a file for one object and a folder for another"):
        model_data.stage(platform, PREFIX, platform.work)
