"""The local shelf: files that are linked and not copied."""

from pathlib import Path

import pytest

from clary.store.local_shelf import LocalShelf


@pytest.fixture
def shelf(tmp_path: Path) -> LocalShelf:
    (tmp_path / "shelf").mkdir()
    return LocalShelf(tmp_path / "shelf")


def test_a_file_is_taken_by_link_and_removed(shelf: LocalShelf, tmp_path: Path) -> None:
    file = tmp_path / "draft"
    file.write_bytes(b"bytes")
    shelf.take("0" * 22 + "ab", file)
    shelf.twin("0" * 22 + "ab", "0" * 22 + "cd")
    path = shelf.path("0" * 22 + "cd")
    assert path == tmp_path / "shelf" / "cd" / ("0" * 22 + "cd")
    assert path.stat().st_ino == file.stat().st_ino
    part = shelf.content("0" * 22 + "ab", 1, 3)
    assert (part.path, part.offset, part.length) == (shelf.path("0" * 22 + "ab"), 1, 3)
    shelf.remove(["0" * 22 + "ab", "missing"])
    assert not part.path.exists()
    assert path.read_bytes() == b"bytes"
    with pytest.raises(FileNotFoundError):
        shelf.twin("missing", "twin")
