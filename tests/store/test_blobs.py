"""Blobs: drafts that are kept or vanish."""

import errno
import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from clary.core.errors import ClaryError
from clary.store.blobs import Blobs


def keep(blobs: Blobs, data: bytes) -> str:
    with blobs.draft() as draft:
        draft.write(data)
        return blobs.keep(draft)


def settled(blobs: Blobs, data: bytes) -> str:
    name = keep(blobs, data)
    with blobs.fate(name):
        return name


def marks(tmp_path: Path) -> list[str]:
    return [path.name for path in (tmp_path / "objects" / "drafts").iterdir()]


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


@pytest.mark.parametrize("trouble", [0, errno.EXDEV, errno.EOPNOTSUPP])
def test_files_are_appended_to_a_draft(blobs: Blobs, trouble: int, monkeypatch: pytest.MonkeyPatch) -> None:
    if trouble:
        monkeypatch.setattr(os, "copy_file_range", _raising(trouble))
    pieces = [blobs.path(keep(blobs, data)) for data in (b"one ", b"", b"two")]
    with blobs.draft() as draft:
        for piece in pieces:
            draft.append(piece)
        name = blobs.keep(draft)
    assert (draft.size, blobs.path(name).read_bytes()) == (7, b"one two")
    with pytest.raises(FileNotFoundError), blobs.draft() as draft:
        draft.append(blobs.path("missing"))


def test_a_disk_that_is_full_is_no_reason_to_copy_in_another_way(
    blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = keep(blobs, b"x")
    monkeypatch.setattr(os, "copy_file_range", _raising(errno.ENOSPC))
    with blobs.draft() as draft, pytest.raises(OSError, match="No space left"):
        draft.append(blobs.path(name))


def _raising(number: int) -> Callable[..., int]:
    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    return refuse


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


def test_what_is_kept_is_marked_until_its_fate_is_settled(blobs: Blobs, tmp_path: Path) -> None:
    name = keep(blobs, b"kept")
    assert marks(tmp_path) == [name]
    with blobs.fate(name):
        assert marks(tmp_path) == [name]
    assert files(tmp_path / "objects") == [blobs.path(name)]


def test_what_is_spent_goes_with_the_commit(blobs: Blobs, tmp_path: Path) -> None:
    old, new = settled(blobs, b"old"), keep(blobs, b"new")
    with blobs.fate(new) as fate:
        fate.spend([old])
        assert blobs.path(old).exists()
        assert set(marks(tmp_path)) == {old, new}
    assert files(tmp_path / "objects") == [blobs.path(new)]


def test_a_refused_commit_leaves_what_was_there(blobs: Blobs, tmp_path: Path) -> None:
    old, new = settled(blobs, b"old"), keep(blobs, b"new")
    with pytest.raises(ClaryError), blobs.fate(new) as fate:
        fate.spend([old])
        raise ClaryError("PreconditionFailed", "no", 412)
    assert files(tmp_path / "objects") == [blobs.path(old)]


def test_a_database_that_goes_away_leaves_both_to_the_next_start(blobs: Blobs, tmp_path: Path) -> None:
    old, new = settled(blobs, b"old"), keep(blobs, b"new")
    with pytest.raises(ClaryError), blobs.fate(new) as fate:
        fate.spend([old])
        raise ClaryError("ServiceUnavailable", "away", 503)
    assert set(marks(tmp_path)) == {old, new}
    assert blobs.path(old).exists()
    assert blobs.path(new).exists()


def test_a_sweep_settles_what_a_crash_left_open(blobs: Blobs, tmp_path: Path) -> None:
    committed, lost, old = keep(blobs, b"committed"), keep(blobs, b"lost"), settled(blobs, b"old")
    with pytest.raises(OSError, match="crash"), blobs.fate(lost) as fate:
        fate.spend([old])
        raise OSError("crash")
    (tmp_path / "objects" / "drafts" / "half").write_bytes(b"half")
    asked: list[str] = []

    def named(names: Sequence[str]) -> set[str]:
        asked.extend(names)
        return {committed, old} & set(names)

    assert blobs.sweep(named) == 2
    assert set(asked) == {committed, lost, old, "half"}
    assert set(files(tmp_path / "objects")) == {blobs.path(committed), blobs.path(old)}
    assert blobs.sweep(named) == 0


def test_a_sweep_asks_for_a_few_names_at_a_time(blobs: Blobs, tmp_path: Path) -> None:
    for number in range(1201):
        (tmp_path / "objects" / "drafts" / f"{number:024d}").touch()
    sizes: list[int] = []

    def named(names: Sequence[str]) -> set[str]:
        sizes.append(len(names))
        return set()

    assert blobs.sweep(named) == 1201
    assert max(sizes) <= 500
    assert marks(tmp_path) == []
