"""A folder becomes one object and a folder again."""

from pathlib import Path

import pytest

from clary.core.errors import ClaryError
from clary.engine.platform import Platform
from clary.services import artifact
from clary.store.objects import BucketRow

URI = "s3://b/out/model.tar.gz"


@pytest.fixture
def folder(platform: Platform, tmp_path: Path) -> Path:
    platform.objects.create_bucket(BucketRow("b", "1" * 12, "us-east-1", 0.0))
    path = tmp_path / "model"
    (path / "deep").mkdir(parents=True)
    (path / "deep/weights").write_bytes(b"w")
    return path


def test_what_is_kept_is_unpacked_as_it_was(platform: Platform, folder: Path, tmp_path: Path) -> None:
    assert artifact.keep(platform, [folder], URI) == URI
    artifact.unpack(platform, URI, tmp_path / "again")
    assert (tmp_path / "again/deep/weights").read_bytes() == b"w"
    assert artifact.require(platform, URI).meta == {"ContentType": "application/x-tar"}


def test_the_same_folder_makes_the_same_object(platform: Platform, folder: Path) -> None:
    artifact.keep(platform, [folder], URI)
    first = artifact.require(platform, URI).etag
    artifact.keep(platform, [folder], URI)
    assert artifact.require(platform, URI).etag == first


def test_a_bucket_that_is_gone_is_named(platform: Platform, folder: Path) -> None:
    with pytest.raises(ClaryError, match="The bucket gone does not exist any more"):
        artifact.keep(platform, [folder], "s3://gone/model.tar.gz")


def test_an_artifact_that_is_not_there_is_named(platform: Platform, folder: Path) -> None:
    with pytest.raises(ClaryError, match=f"Could not find model data at {URI}"):
        artifact.require(platform, URI)


@pytest.mark.parametrize("prefix", ["s3://b/out", "s3://b/out/", "s3://b/out//"])
def test_parts_are_joined_by_one_slash(prefix: str) -> None:
    assert artifact.join(prefix, "job", "output") == "s3://b/out/job/output"
