"""Slices of files on their way out."""

from pathlib import Path

import pytest

from clary.core.exchange import FileSlice
from clary.wire.file_reader import FileReader, opened
from clary.wire.http import Response


@pytest.fixture
def blob(tmp_path: Path) -> Path:
    path = tmp_path / "blob"
    path.write_bytes(bytes(range(256)) * 4096)
    return path


def test_a_small_slice_is_read_at_once(blob: Path) -> None:
    response = opened(Response(206, {}, FileSlice(blob, 3, 5)))
    assert response.body == bytes([3, 4, 5, 6, 7])
    assert response.headers["content-length"] == "5"


def test_a_large_slice_is_read_piece_by_piece(blob: Path) -> None:
    response = opened(Response(200, {}, FileSlice(blob, 1, 1_000_000)))
    assert isinstance(response.body, FileReader)
    content = b"".join(iter(lambda: response.body.read(300_000), b""))  # type: ignore[union-attr]
    response.body.close()
    assert content == blob.read_bytes()[1:1_000_001]
    assert response.headers["content-length"] == "1000000"


def test_a_file_that_is_shorter_than_promised(blob: Path) -> None:
    reader = FileReader(FileSlice(blob, 256 * 4096 - 5, 10))
    assert len(reader.read(100)) == 5
    with pytest.raises(OSError, match="shorter"):
        reader.read(100)
    reader.close()


def test_a_small_file_that_is_shorter_than_promised(blob: Path) -> None:
    with pytest.raises(OSError, match="shorter"):
        opened(Response(200, {}, FileSlice(blob, 256 * 4096 - 5, 10)))


def test_other_bodies_stay_as_they_are() -> None:
    response = Response(200, {}, b"abc")
    assert opened(response) is response
