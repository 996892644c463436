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
from clary.store.blobs import Blobs
from clary.store.database import Database
from clary.store.objects import BucketRow, Objects
from clary.store.stored import unguarded
from clary.store.versions import Removal
from tests.postgres import Postgres


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


def in_postgresql(settings: Settings, postgres: Postgres, folder: Path) -> Settings:
    return replace(settings, postgresql=postgres.url(), folder=folder)


def held(settings: Settings) -> dict[str, bytes]:
    """Return what objects the server on ``settings`` would answer."""
    database = Database(settings.database)
    objects = parts.objects(settings, database)
    found = {key: objects.get("box", key) for key in ("key", "twin", "late")}
    there = {key: objects.path(stored).read_bytes() for key, stored in found.items() if stored is not None}
    database.close()
    return there


def test_what_is_read_is_what_was_written(settings: Settings, short_path: Path) -> None:
    target = short_path / "state.tar"
    archive.write(settings, target, silent)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600, "it holds keys"
    other = Settings(short_path / "to")
    archive.read(target, other, silent)
    assert identity(other) == identity(settings)
    assert (other.data / "logs/group/stream").read_bytes() == b"1\tline\n"
    assert held(other) == {"key": b"bytes"}
    assert not list(other.data.glob("import-*"))


@pytest.mark.postgres
def test_a_server_moves_to_postgresql_and_back(
    settings: Settings, postgres: Postgres, short_path: Path
) -> None:
    archive.write(settings, short_path / "there.tar", silent)
    there = in_postgresql(Settings(short_path / "to"), postgres, short_path / "shared")
    archive.read(short_path / "there.tar", there, silent)
    assert held(there) == {"key": b"bytes"}
    assert (short_path / "shared/logs/group/stream").read_bytes() == b"1\tline\n"
    archive.write(there, short_path / "back.tar", silent)
    back = Settings(short_path / "back")
    archive.read(short_path / "back.tar", back, silent)
    assert held(back) == {"key": b"bytes"}
    assert identity(back) == identity(settings)
    assert not [path for folder in ("to", "shared") for path in (short_path / folder).glob("*port-*")]


@pytest.mark.postgres
def test_the_shared_folder_has_to_be_the_servers_own(
    settings: Settings, postgres: Postgres, short_path: Path
) -> None:
    archive.write(settings, short_path / "there.tar", silent)
    there = in_postgresql(Settings(short_path / "to"), postgres, short_path / "shared")
    archive.read(short_path / "there.tar", there, silent)
    with pytest.raises(ClaryError, match="--shared DIR"):
        archive.write(replace(there, folder=short_path / "elsewhere"), short_path / "no.tar", silent)
    assert not (short_path / "no.tar").exists()


def test_rows_in_postgresql_are_asked_for(settings: Settings, short_path: Path) -> None:
    assert replace(settings, postgresql="postgresql://ada@host/db").server
    with pytest.raises(ClaryError, match="--database URL"):
        archive.write(settings, short_path / "state.tar", silent)


def test_a_copy_that_shares_its_bytes_is_an_object_of_its_own(settings: Settings, short_path: Path) -> None:
    database = Database(settings.database)
    objects = parts.objects(settings, database)
    stored = objects.get("box", "key")
    assert stored is not None
    objects.copy(stored, "box", "twin", {}, unguarded)
    database.close()
    archive.write(settings, short_path / "state.tar", silent)
    other = Settings(short_path / "to")
    archive.read(short_path / "state.tar", other, silent)
    assert held(other) == {"key": b"bytes", "twin": b"bytes"}


def test_objects_that_come_and_go_meanwhile_hold_nobody_up(
    settings: Settings, short_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(settings.database)
    objects = parts.objects(settings, database)
    path = Blobs.path

    def replaced(blobs: Blobs, name: str) -> Path:
        """Replace the object between the reading of its row and the link to its bytes, once."""
        monkeypatch.undo()
        objects.remove("box", [Removal("key")])
        put(objects, "late", b"newer")
        return path(blobs, name)

    monkeypatch.setattr(Blobs, "path", replaced)
    archive.write(settings, short_path / "state.tar", silent)
    database.close()
    other = Settings(short_path / "to")
    archive.read(short_path / "state.tar", other, silent)
    assert held(other) == {"late": b"newer"}


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
