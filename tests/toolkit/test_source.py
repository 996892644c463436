"""A source is read plain, through gzip, out of frames and from a pipe."""

import gzip
import io
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clary.toolkit.errors import ClientError
from clary.toolkit.source import MARGIN, Source, names, pieces


def content(source: Source) -> bytes:
    with source.open() as file:
        return file.read()


def frame(payload: bytes) -> bytes:
    return b"\x0a\x23\xd7\xce" + len(payload).to_bytes(4, "little") + payload + bytes(-len(payload) % 4)


def test_files_are_read_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1,2\n")
    source = Source(tmp_path / "a")
    assert source.magic() == b"1,2\n"
    assert content(source) == b"1,2\n"


def test_gzip_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"1,2\n" * 1000))
    assert content(Source(tmp_path / "a.csv.gz")) == b"1,2\n" * 1000


def test_a_pipe_is_opened_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "train_0")
    writer = threading.Thread(target=(tmp_path / "train_0").write_bytes, args=(b"5,6\n",))
    writer.start()
    source = Source(tmp_path / "train_0")
    assert source.magic() == b"5,6\n"
    assert content(source) == b"5,6\n"
    writer.join()


def test_wrapped_objects_come_out_one_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(frame(b"1,2\n3,4") + frame(b"5,6\n") + frame(b"x" * 3_000_000))
    assert content(Source(tmp_path / "a", wrapped=True)) == b"1,2\n3,4\n5,6\n" + b"x" * 3_000_000 + b"\n"


@pytest.mark.parametrize("body", [b"1,2,3,4\n5,6,7,8\n", frame(b"1,2\n")[:-1]])
def test_what_should_be_wrapped_and_is_not_is_refused(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "a").write_bytes(body)
    with pytest.raises(ClientError, match=r"a is not RecordIO, or was cut short.*RecordWrapperType"):
        content(Source(tmp_path / "a", wrapped=True))


def test_few_of_many_names_are_listed(tmp_path: Path) -> None:
    sources = [Source(tmp_path / str(number)) for number in range(7)]
    assert names(sources[:2]) == "0, 1"
    assert names(sources) == "0, 1, 2, 3, 4 and 2 more"


@given(st.binary(max_size=300).map(lambda text: text.replace(b"\x00", b"\n")), st.integers(4, 50))
def test_pieces_end_where_a_line_does_and_are_the_whole_file(content: bytes, size: int) -> None:
    def whole(buffer: bytearray, start: int, stop: int) -> int:
        return max(buffer.rfind(b"\n", start, stop) + 1, start)

    found = []
    for piece in pieces(io.BytesIO(content), size, whole):
        assert isinstance(piece.obj, bytearray)
        assert len(piece.obj) >= len(piece) + 2 * MARGIN
        found.append(bytes(piece))
    assert b"".join(found) == content
    assert all(piece.endswith(b"\n") for piece in found[:-1])
