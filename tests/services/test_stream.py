"""What Pipe mode streams: objects, or the attributes of an augmented manifest."""

import json
from pathlib import Path
from typing import Any

import pytest

from clary.core.errors import ClaryError
from clary.engine.platform import Platform
from clary.services import stream
from clary.store.objects import BucketRow


@pytest.fixture(autouse=True)
def bucket(platform: Platform) -> None:
    platform.objects.create_bucket(BucketRow("b", "1" * 12, "us-east-1", 0.0))


def put(platform: Platform, key: str, data: bytes) -> None:
    with platform.objects.draft() as draft:
        draft.write(data)
        platform.objects.put(draft, "b", key, {})


def read(platform: Platform, folder: Path, **source: Any) -> list[list[str]]:
    folder.mkdir(exist_ok=True)
    found = stream.items(platform, {"S3DataType": "S3Prefix", **source}, folder)
    return [[Path(one.file).read_text() if one.file else one.text for one in item] for item in found]


def test_objects_are_streamed_in_the_order_of_their_keys(platform: Platform, tmp_path: Path) -> None:
    for key in ("data/b", "data/a", "data/deep/c"):
        put(platform, key, key.encode())
    assert read(platform, tmp_path, S3Uri="s3://b/data/") == [["data/a"], ["data/b"], ["data/deep/c"]]


def test_attributes_come_in_the_order_that_is_asked_for(platform: Platform, tmp_path: Path) -> None:
    put(platform, "image", b"pixels")
    lines = [
        {"label": 1, "image-ref": "s3://b/image", "note": "x"},
        {"label": {"a": 2}, "image-ref": "s3://b/image"},
    ]
    put(platform, "manifest", "\n".join(map(json.dumps, lines)).encode() + b"\n\n")
    source = {"S3DataType": "AugmentedManifestFile", "S3Uri": "s3://b/manifest"}
    assert read(platform, tmp_path, **source, AttributeNames=["image-ref", "label"]) == [
        ["pixels", "1"],
        ["pixels", '{"a": 2}'],
    ]
    with pytest.raises(ClaryError, match="asks for 'note', which line 2 of s3://b/manifest has not"):
        read(platform, tmp_path, **source, AttributeNames=["note"])


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        (b"[1", "each line is a JSON object; line 1 of"),
        (b"3", "each line is a JSON object; line 1 of"),
        (b'{"x-ref": "s3://b/none"}', "names s3://b/none, which does not exist"),
        (b'{"x-ref": "none"}', "is not of the form s3://bucket/key"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_refused(
    platform: Platform, tmp_path: Path, manifest: bytes, words: str
) -> None:
    put(platform, "manifest", manifest)
    with pytest.raises(ClaryError, match=words):
        read(
            platform,
            tmp_path,
            S3DataType="AugmentedManifestFile",
            S3Uri="s3://b/manifest",
            AttributeNames=["x-ref"],
        )
