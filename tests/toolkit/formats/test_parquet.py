"""Parquet is read as rows, label first."""

import gzip
import os
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clary.toolkit.errors import ClientError
from clary.toolkit.formats import parquet
from clary.toolkit.source import Source

pyarrow = pytest.importorskip("pyarrow")
files = pytest.importorskip("pyarrow.parquet")


@pytest.fixture(autouse=True, params=[True, False], ids=["kernel", "numpy"])
def compiled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not request.param:
        monkeypatch.setattr(parquet, "kernels", None)


def written(folder: Path, **columns: Any) -> list[Source]:
    files.write_table(pyarrow.table(columns), folder / "data.parquet")
    return [Source(folder / "data.parquet")]


def test_columns_of_numbers_become_rows(tmp_path: Path) -> None:
    count = 70_000
    sources = written(tmp_path, y=np.arange(count), a=np.arange(count) / 2, b=np.arange(count) % 2 == 0)
    batches = list(parquet.read(sources))
    assert len(batches) > 1
    rows = np.concatenate([batch.features for batch in batches])
    np.testing.assert_array_equal(rows[:, 0], np.arange(count, dtype=np.float32) / 2)
    np.testing.assert_array_equal(rows[:3, 1], [1, 0, 1])
    labels = [batch.labels for batch in batches if batch.labels is not None]
    np.testing.assert_array_equal(np.concatenate(labels)[:, 0], np.arange(count))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"y": [1], "a": ["x"]}, "column 'a': its type is (large_)?string, not a number"),
        ({"y": [1, None], "a": [1, 2]}, "column 'y': it has 1 nulls"),
        ({"y": [1]}, "found 1 columns where a label and features must be"),
        ({"y": np.empty(0), "a": np.empty(0)}, "the Parquet data is empty"),
    ],
)
def test_what_is_no_table_of_numbers_is_refused(
    tmp_path: Path, columns: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError, match=message):
        list(parquet.read(written(tmp_path, **columns)))


def test_nulls_may_be_values_that_are_missing(tmp_path: Path) -> None:
    (batch,) = parquet.read(written(tmp_path, y=[1, 2], a=[None, 3], b=[0.5, None]), missing=True)
    np.testing.assert_array_equal(batch.features, [[np.nan, 0.5], [3, np.nan]])


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"PAR1 and no more")
    with pytest.raises(ClientError, match="a cannot be read as Parquet"):
        list(parquet.read([Source(tmp_path / "a")]))


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "train_0")
    writer = threading.Thread(target=(tmp_path / "train_0").write_bytes, args=(b"PAR1",))
    writer.start()
    with pytest.raises(ClientError, match="train_0: Parquet cannot be read from a pipe"):
        list(parquet.read([Source(tmp_path / "train_0")]))
    writer.join()


def test_without_pyarrow_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ClientError, match=r"pip install 'clary\[parquet\]'"):
        list(parquet.read([Source(tmp_path / "any")]))


def test_pages_that_were_read_are_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_RESIDENT", 1000)
    expected = np.arange(60_000, dtype=np.float32)
    sources = written(tmp_path, y=expected, a=expected * 2)
    rows = np.concatenate([batch.features for batch in parquet.read(sources)])
    np.testing.assert_array_equal(rows[:, 0], expected * 2)


def test_what_gzip_packed_is_read(tmp_path: Path) -> None:
    (source,) = written(tmp_path, y=[1.0, 2.0], a=[3.0, 4.0])
    source.path.write_bytes(gzip.compress(source.path.read_bytes()))
    (batch,) = parquet.read([Source(source.path)])
    np.testing.assert_array_equal(batch.features, [[3], [4]])
