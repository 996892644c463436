"""Blobs: drafts that are kept or vanish."""

import hashlib
import os
import time
from pathlib import Path

import pytest

from clary.store.blobs import Blobs


def keep(blobs: Blobs, data: bytes) -> str:
    with blobs.draft() as draft:
        draft.write(data)
        return blobs.keep(draft)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_kept_draft_is_a_read_only_file_with_its_digest(blobs: Blobs) -> None:
    with blobs.draft() as draft:
        draft.write(b"one ")
        draft.write(b"two")
        name = blobs.keep(draft)
    assert (draft.size, draft.md5.hexdigest()) == (7, hashlib.md5(b"one two").hexdigest())
    assert blobs.path(name).read_bytes() == b"one two"
    assert blobs.path(name).stat().st_mode & 0o777 == 0o444


def test_a_draft_that_is_not_kept_vanishes(blobs: Blobs, tmp_path: Path) -> None:
    with pytest.raises(ConnectionError), blobs.draft() as draft:
        draft.write(b"half of ")
        raise ConnectionError
    with blobs.draft() as draft:
        draft.write(b"unwanted")
    assert files(tmp_path / "objects") == []


def test_removing_twice_is_no_error_and_an_open_reader_keeps_its_bytes(blobs: Blobs) -> None:
    name = keep(blobs, b"bytes")
    with blobs.path(name).open("rb") as reader:
        blobs.remove([name])
        blobs.remove([name])
        assert reader.read() == b"bytes"


def test_a_link_outlives_what_it_was_made_of(blobs: Blobs) -> None:
    name = keep(blobs, b"bytes")
    twin = blobs.link(name)
    assert blobs.path(twin).stat().st_ino == blobs.path(name).stat().st_ino
    blobs.remove([name])
    assert blobs.path(twin).read_bytes() == b"bytes"
    with pytest.raises(FileNotFoundError):
        blobs.link(name)


def test_a_sweep_takes_old_drafts_only(blobs: Blobs, tmp_path: Path) -> None:
    kept = keep(blobs, b"kept")
    crashed = tmp_path / "objects" / "drafts" / "crashed"
    crashed.write_bytes(b"half")
    os.utime(crashed, (1000, 1000))
    with blobs.draft() as draft:
        draft.write(b"under way")
        assert blobs.sweep(time.time() - 60) == 1
        assert draft.path.exists()
    assert not crashed.exists()
    assert blobs.path(kept).exists()
