"""The cache: fetched once, the longest unused first to go."""

import os
from pathlib import Path

import pytest

from clary.store.blob_cache import BlobCache


@pytest.fixture
def cache(tmp_path: Path) -> BlobCache:
    return BlobCache(tmp_path / "cache", limit=100)


def thirty_bytes(path: Path) -> None:
    path.write_bytes(b"x" * 30)


def names(tmp_path: Path) -> set[str]:
    return {path.name for path in (tmp_path / "cache").iterdir()}


def test_a_blob_is_fetched_once(cache: BlobCache, tmp_path: Path) -> None:
    asked: list[Path] = []

    def write(path: Path) -> None:
        asked.append(path)
        path.write_bytes(b"bytes")

    assert cache.find("blob") is None
    first = cache.fetch("blob", write)
    assert cache.fetch("blob", write) == first == cache.find("blob")
    assert (len(asked), first.read_bytes(), first.stat().st_mode & 0o777) == (1, b"bytes", 0o444)
    cache.drop("blob")
    cache.drop("blob")
    assert names(tmp_path) == set()


def test_a_fetch_that_fails_leaves_nothing(cache: BlobCache, tmp_path: Path) -> None:
    def write(path: Path) -> None:
        path.write_bytes(b"half")
        raise FileNotFoundError

    with pytest.raises(FileNotFoundError):
        cache.fetch("blob", write)
    assert names(tmp_path) == set()


def test_what_is_there_is_added_by_link(cache: BlobCache, tmp_path: Path) -> None:
    file = tmp_path / "draft"
    file.write_bytes(b"bytes")
    cache.add("blob", file)
    cache.add("blob", file)
    found = cache.find("blob")
    assert found is not None
    assert found.stat().st_ino == file.stat().st_ino


def test_the_longest_unused_goes_first(cache: BlobCache, tmp_path: Path) -> None:
    for index in range(4):
        path = cache.fetch(f"{index}", thirty_bytes)
        os.utime(path, (index, index)) if index < 3 else None
    assert names(tmp_path) == {"1", "2", "3"}
    cache.find("1")
    cache.fetch("4", thirty_bytes)
    assert names(tmp_path) == {"1", "3", "4"}
