"""Checkpoints go to S3 when they have settled, and come back when a job starts."""

import os
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from clary.core import clock
from clary.core.errors import ClaryError
from clary.engine.platform import Platform
from clary.services import checkpoint
from clary.store.keys import Keys
from clary.store.objects import BucketRow

JOB: dict[str, Any] = {"CheckpointConfig": {"S3Uri": "s3://b/saved"}}


@pytest.fixture(autouse=True)
def bucket(platform: Platform) -> None:
    platform.objects.create_bucket(BucketRow("b", "1" * 12, "us-east-1", 0.0))


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "algo-1"
    (folder / "checkpoints/deep").mkdir(parents=True)
    return folder


def kept(platform: Platform) -> dict[str, bytes]:
    listed = platform.objects.list(Keys("b"))
    return {one.key: platform.objects.path(one).read_bytes() for one in listed}


def settle(path: Path, text: str) -> None:
    """Write a file that has not changed for long."""
    path.write_text(text)
    os.utime(path, (1, len(text)))


def test_files_that_have_settled_are_kept_once(platform: Platform, base: Path) -> None:
    settle(base / "checkpoints/deep/one", "1")
    (base / "checkpoints/two").write_text("half")
    checkpoint.keep(platform, JOB, base, ended=False)
    assert kept(platform) == {"saved/deep/one": b"1"}
    before = platform.objects.get("b", "saved/deep/one")
    checkpoint.keep(platform, JOB, base, ended=False)
    assert platform.objects.get("b", "saved/deep/one") == before, "what has not changed is not written again"
    settle(base / "checkpoints/deep/one", "22")
    checkpoint.keep(platform, JOB, base, ended=True)
    assert kept(platform) == {"saved/deep/one": b"22", "saved/two": b"half"}


def test_a_job_that_saves_much_is_kept_little_by_little_and_wholly_at_its_end(
    platform: Platform, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in "abc":
        settle(base / "checkpoints" / name, name)
    ticks = count(step=2 * checkpoint.PATIENCE)
    monkeypatch.setattr(clock, "monotonic", lambda: next(ticks))
    for expected in (["saved/a"], ["saved/a", "saved/b"]):
        checkpoint.keep(platform, JOB, base, ended=False)
        assert list(kept(platform)) == expected
    settle(base / "checkpoints/d", "d")
    checkpoint.keep(platform, JOB, base, ended=True)
    assert list(kept(platform)) == ["saved/a", "saved/b", "saved/c", "saved/d"]


def test_a_job_begins_with_what_was_kept(platform: Platform, base: Path, tmp_path: Path) -> None:
    settle(base / "checkpoints/deep/one", "1")
    checkpoint.keep(platform, JOB, base, ended=True)
    other = tmp_path / "algo-2"
    other.mkdir()
    checkpoint.restore(platform, JOB, other)
    restored = other / "checkpoints/deep/one"
    restored.write_text("changed")
    assert kept(platform) == {"saved/deep/one": b"1"}, "it is a copy"


def test_a_folder_of_the_jobs_own(platform: Platform, base: Path) -> None:
    job = {"CheckpointConfig": {"S3Uri": "s3://b/", "LocalPath": "/opt/ml/mine/here"}}
    checkpoint.check(platform, job)
    checkpoint.restore(platform, job, base)
    (base / "mine/here/x").write_text("x")
    checkpoint.keep(platform, job, base, ended=True)
    assert kept(platform) == {"x": b"x"}


def test_a_bucket_that_is_gone_ends_nothing(
    platform: Platform, base: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (base / "checkpoints/x").write_text("x")
    checkpoint.keep(platform, {"CheckpointConfig": {"S3Uri": "s3://gone/"}}, base, ended=True)
    assert "could not be kept" in caplog.text


def test_without_a_configuration_nothing_happens(platform: Platform, base: Path) -> None:
    (base / "checkpoints/x").write_text("x")
    checkpoint.check(platform, {})
    checkpoint.restore(platform, {}, base)
    checkpoint.keep(platform, {}, base, ended=True)
    assert kept(platform) == {}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"S3Uri": "s3://gone/x"}, "does not exist: gone"),
        ({"LocalPath": "/tmp/x"}, "LocalPath '/tmp/x' is not supported"),
        ({"LocalPath": "/opt/ml"}, "choose a folder below /opt/ml"),
        ({"LocalPath": "/opt/ml/model/x"}, "choose a folder below /opt/ml"),
        ({"LocalPath": "/opt/ml/x/../../y"}, "choose a folder below /opt/ml"),
    ],
)
def test_what_cannot_be_honoured_is_refused(platform: Platform, changes: dict[str, str], words: str) -> None:
    with pytest.raises(ClaryError, match=words):
        checkpoint.check(platform, {"CheckpointConfig": JOB["CheckpointConfig"] | changes})
