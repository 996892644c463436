"""A channel finds its files and reads them as their content type says."""

import io
import os
import threading
from pathlib import Path

import numpy as np
import pytest

from clary.toolkit import media_type
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import READERS, recordio
from clary.toolkit.frame import framed


def npy_of(rows: object) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.array(rows, np.float32))
    return stream.getvalue()


ACCEPTS = (media_type.RECORDIO, media_type.CSV)


def test_nested_files_are_read_in_order_and_marks_are_not(tmp_path: Path) -> None:
    for name in ("b", "a/c", ".hidden", ".folder/d", ".amazon.manifest", "x.manifest", "_SUCCESS"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    files = Channel("train", tmp_path).files()
    assert [str(path.relative_to(tmp_path)) for path in files] == ["a/c", "b"]


def test_an_empty_channel_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="Channel 'train' holds no files"):
        Channel("train", tmp_path).files()


@pytest.mark.parametrize("content_type", [None, "application/x-recordio-protobuf"])
def test_recordio_is_read_and_recognised(tmp_path: Path, content_type: str | None) -> None:
    (tmp_path / "data").write_bytes(recordio.write(np.ones((2, 3), np.float32)))
    (batch,) = Channel("train", tmp_path, content_type).batches(ACCEPTS)
    assert batch.features.shape == (2, 3)


@pytest.mark.parametrize("content_type", [None, "text/csv", "text/csv;label_size=1"])
def test_csv_is_read_and_taken_for_granted(tmp_path: Path, content_type: str | None) -> None:
    (tmp_path / "data").write_text("1,2,3\n")
    (batch,) = Channel("train", tmp_path, content_type).batches(ACCEPTS)
    assert batch.features.shape == (1, 2)


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("text/libsvm", b"1 0:2 1:3\n4 0:5 1:6\n"),
        ("text/x-libsvm; indexing_mode=1", b"1 1:2 2:3\n4 1:5 2:6\n"),
        ("application/jsonlines", b'{"features": [2, 3], "label": 1}\n{"features": [5, 6], "label": 4}\n'),
        ("application/x-npy", npy_of([[1, 2, 3], [4, 5, 6]])),
        (None, npy_of([[1, 2, 3], [4, 5, 6]])),
    ],
)
def test_other_formats_are_read(tmp_path: Path, content_type: str | None, content: bytes) -> None:
    (tmp_path / "data").write_bytes(content)
    (batch,) = Channel("train", tmp_path, content_type).batches(tuple(READERS))
    np.testing.assert_array_equal(batch.features, [[2, 3], [5, 6]])
    np.testing.assert_array_equal(batch.labels, [[1], [4]])


def test_other_content_types_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("1 1:2")
    with pytest.raises(
        ClientError, match=r"'text/libsvm' of channel 'train'.*application/x-recordio-protobuf"
    ):
        list(Channel("train", tmp_path, "text/libsvm").batches(ACCEPTS))


def test_parquet_is_recognised(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(pyarrow.table({"y": [1.0], "x": [2.0]}), tmp_path / "data")
    (batch,) = Channel("train", tmp_path).batches((*ACCEPTS, media_type.PARQUET))
    assert batch.features.tolist() == [[2.0]]


@pytest.mark.parametrize("content_type", [None, "text/csv", "application/x-recordio-protobuf"])
def test_a_pipe_of_each_pass_is_read(tmp_path: Path, content_type: str | None) -> None:
    table = np.arange(40_000, dtype=np.float32).reshape(-1, 4)
    lines = "\n".join(",".join(map(str, row)) for row in table.tolist()).encode()
    body = recordio.write(table[:, 1:], table[:, 0]) if content_type == media_type.RECORDIO else lines
    channel = Channel("train", tmp_path / "train", content_type, pipe=True)
    for number in range(2):
        os.mkfifo(tmp_path / f"train_{number}")
        writer = threading.Thread(target=(tmp_path / f"train_{number}").write_bytes, args=(body,))
        writer.start()
        batches = list(channel.batches(ACCEPTS, number))
        writer.join()
        np.testing.assert_array_equal(np.concatenate([batch.features for batch in batches]), table[:, 1:])


def test_wrapped_records_are_recordio(tmp_path: Path) -> None:
    (tmp_path / "train_0").write_bytes(recordio.write(np.ones((2, 3), np.float32)))
    channel = Channel("train", tmp_path / "train", media_type.RECORDIO, pipe=True, wrapped=True)
    (batch,) = channel.batches(ACCEPTS)
    assert batch.features.shape == (2, 3)


@pytest.mark.parametrize("content_type", [None, "text/csv"])
def test_wrapped_csv_is_unwrapped(tmp_path: Path, content_type: str | None) -> None:
    payload = b"1,2,3\n4,5,6"
    frame = recordio.MAGIC + len(payload).to_bytes(4, "little") + payload + b"\0"
    (tmp_path / "train_0").write_bytes(frame * 2)
    channel = Channel("train", tmp_path / "train", content_type, pipe=True, wrapped=True)
    (batch,) = channel.batches(ACCEPTS)
    assert batch.features.tolist() == [[2, 3], [5, 6]] * 2


def test_attributes_of_a_manifest_come_line_by_line(tmp_path: Path) -> None:
    values = [b"a cat\nsat", b"[1, 2]", b"a dog", b"[3]"]
    (tmp_path / "train_0").write_bytes(b"".join(map(framed, values)))
    channel = Channel("train", tmp_path / "train", pipe=True, wrapped=True)
    assert list(channel.attributes(2)) == [(values[0], values[1]), (values[2], values[3])]
    with pytest.raises(ClientError, match="AttributeNames must name 3 attributes"):
        list(channel.attributes(3))
