"""A model of an earlier job is found packed and unpacked."""

import tarfile
from pathlib import Path

import pytest

from clary.toolkit import artifact
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError


def test_files_are_found_where_they_are_and_in_archives(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "model.json").write_text("{}")
    with artifact.opened(Channel("model", tmp_path / "plain")) as folder:
        assert (folder / "model.json").read_text() == "{}"
    (tmp_path / "packed").mkdir()
    with tarfile.open(tmp_path / "packed" / "model.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "plain" / "model.json", "model.json")
    with artifact.opened(Channel("model", tmp_path / "packed")) as folder:
        assert (folder / "model.json").read_text() == "{}"
    assert not folder.exists()


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.tar.gz").write_bytes(b"no archive")
    channel = Channel("model", tmp_path)
    with pytest.raises(ClientError, match=r"model\.tar\.gz of channel .model. is no"):
        artifact.opened(channel).__enter__()
