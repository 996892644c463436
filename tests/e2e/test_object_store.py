"""Objects in a store elsewhere: one server keeps its bytes in a bucket of another."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Lab, Server, Tumours, csv, free_ports, make_lab, started


@pytest.fixture
def away(server: Server, lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server whose objects lie in a bucket of the shared one."""
    lab.s3.create_bucket(Bucket="shelf")
    empty(lab.s3, "shelf")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, server.variables[name])
    url = f"s3://shelf/one?endpoint={server.variables['AWS_ENDPOINT_URL']}"
    yield from started("--object-store", url)


def empty(s3: Any, bucket: str) -> None:
    for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", ()):
        s3.delete_object(Bucket=bucket, Key=entry["Key"])


def held(lab: Lab) -> list[str]:
    return [entry["Key"] for entry in lab.s3.list_objects_v2(Bucket="shelf").get("Contents", ())]


def test_a_model_is_trained_with_all_bytes_elsewhere(lab: Lab, away: Server, tumours: Tumours) -> None:
    own = make_lab(away)
    job = own.train({"train": own.put_csv(tumours.train), "validation": own.put_csv(csv(tumours.test))})
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    bucket, _, key = job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix("s3://").partition("/")
    artifact = own.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    assert artifact[:2] == b"\x1f\x8b"
    assert len(held(lab)) == 3
    for cached in (away.data / "objects" / "cache").iterdir():
        cached.unlink()
    assert own.s3.get_object(Bucket=bucket, Key=key)["Body"].read() == artifact
    assert own.s3.get_object(Bucket=bucket, Key=key, Range="bytes=0-1")["Body"].read() == b"\x1f\x8b"
    own.s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": key})
    own.s3.delete_object(Bucket=bucket, Key=key)
    assert own.s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == artifact
    assert len(held(lab)) == 3


def test_large_objects_come_and_go_in_parts_and_are_brought_home(
    lab: Lab, away: Server, tmp_path: Path
) -> None:
    own = make_lab(away)
    data = os.urandom(70 * 2**20)
    (tmp_path / "large").write_bytes(data)
    own.s3.upload_file(str(tmp_path / "large"), own.bucket, "large")
    for cached in (away.data / "objects" / "cache").iterdir():
        cached.unlink()
    own.s3.download_file(own.bucket, "large", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == data
    assert len(held(lab)) == 1
    away.clary("export", str(tmp_path / "state.tar"))
    home = Server(tmp_path / "home", free_ports())
    home.clary("import", str(tmp_path / "state.tar"))
    (blob,) = (path for path in home.data.glob("objects/??/*") if path.is_file())
    assert blob.read_bytes() == data
    own.s3.delete_object(Bucket=own.bucket, Key="large")
    assert held(lab) == []


def test_a_data_folder_keeps_to_its_store(lab: Lab, away: Server) -> None:
    away.clary("down")
    refused = away.clary("up", "--detach", "--port", str(away.port), check=False)
    assert refused.returncode == 1
    assert "lie in s3://shelf/one" in refused.stdout + refused.stderr
