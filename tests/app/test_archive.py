"""The whole state of a server, into one file and out of it."""

import json
import stat
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from clary.app import archive, parts
from clary.app.settings import Settings, identity
from clary.core.errors import ClaryError
from clary.store.database import Database
from clary.store.objects import BucketRow, Objects


@pytest.fixture
def settings(short_path: Path) -> Settings:
    """A data folder with an object, a log and keys."""
    made = Settings(short_path / "from")
    made.prepare()
    identity(made)
    database = Database(made.database)
    database.migrate()
    objects = parts.objects(made, database)
    objects.create_bucket(BucketRow("box", made.account, made.region, 0.0))
    put(objects, "key", b"bytes")
    database.close()
    (made.data / "logs/group").mkdir(parents=True)
    (made.data / "logs/group/stream").write_bytes(b"1\tline\n")
    return made


def put(objects: Objects, key: str, data: bytes) -> None:
    with objects.draft() as draft:
        draft.write(data)
        objects.put(draft, "box", key, {})


def silent(what: str) -> None:
    assert what


def test_what_is_read_is_what_was_written(settings: Settings, short_path: Path) -> None:
    target = short_path / "state.tar"
    archive.write(settings, target, silent)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600, "it holds keys"
    other = Settings(short_path / "to")
    archive.read(target, other, silent)
    assert identity(other) == identity(settings)
    assert (other.data / "logs/group/stream").read_bytes() == b"1\tline\n"
    database = Database(other.database)
    objects = parts.objects(other, database)
    stored = objects.get("box", "key")
    assert stored is not None
    assert objects.path(stored).read_bytes() == b"bytes"
    database.close()
    assert not list(other.data.glob("import-*"))


def test_objects_in_a_store_elsewhere_are_not_copied(settings: Settings, short_path: Path) -> None:
    elsewhere = replace(settings, object_store="s3://box")
    with pytest.raises(ClaryError, match="lie in s3://box"):
        archive.write(elsewhere, short_path / "state.tar", silent)


def test_rows_in_postgresql_are_not_copied(settings: Settings, short_path: Path) -> None:
    assert replace(settings, postgresql="postgresql://ada@host/db").server
    with pytest.raises(ClaryError, match="pg_dump"):
        archive.write(settings, short_path / "state.tar", silent)


def test_a_folder_in_use_is_left_alone(settings: Settings, short_path: Path) -> None:
    target = short_path / "state.tar"
    archive.write(settings, target, silent)
    with pytest.raises(ClaryError, match="has a server's data already"):
        archive.read(target, settings, silent)


@pytest.mark.parametrize(("name", "message"), [("../../out", "relative"), ("x", "manifest")])
def test_an_archive_of_somebody_else_is_refused(short_path: Path, name: str, message: str) -> None:
    source, other = short_path / "odd.tar", Settings(short_path / "to")
    (short_path / "file").write_bytes(b"x")
    with tarfile.open(source, "w") as odd:
        odd.add(short_path / "file", f"objects/{name}" if name != "x" else name)
    with pytest.raises(ClaryError, match=message):
        archive.read(source, other, silent)
    assert not (short_path / "out").exists()


def test_an_archive_of_another_release_says_so(settings: Settings, short_path: Path) -> None:
    source = short_path / "old.tar"
    (short_path / "manifest.json").write_text(json.dumps({"format": 1, "schema": "0000", "clary": "0.0"}))
    with tarfile.open(source, "w") as old:
        old.add(short_path / "manifest.json", "manifest.json")
    with pytest.raises(ClaryError, match=r"Clary 0\.0"):
        archive.read(source, Settings(short_path / "to"), silent)


def test_what_is_no_archive_is_said_to_be_none(short_path: Path) -> None:
    (short_path / "text").write_text("not a tar file")
    with pytest.raises(ClaryError, match="cannot be read as an archive"):
        archive.read(short_path / "text", Settings(short_path / "to"), silent)
