"""RecordIO-protobuf: what is written is read back, and foreign records are read as well."""

import struct
import warnings
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from clary.toolkit.errors import ClientError
from clary.toolkit.formats import recordio
from clary.toolkit.predictions import Predictions
from clary.toolkit.source import Source
from clary.toolkit.sparse import Sparse


@pytest.fixture(autouse=True, params=[True, False], ids=["kernel", "python"])
def compiled(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if not request.param:
            patch.setattr(recordio, "kernels", None)
        yield


@pytest.fixture(scope="module")
def common() -> Any:
    """Return the SDK's own writer and reader of records."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sagemaker.amazon import common
    return common


FLOATS = st.floats(width=32, allow_nan=False)
TABLES = arrays.arrays(np.float32, arrays.array_shapes(min_dims=2, max_dims=2, max_side=200), elements=FLOATS)


@given(TABLES, st.booleans())
def test_dense_records_are_read_back(table: npt.NDArray[np.float32], labelled: bool) -> None:
    labels = table[:, 0].copy() if labelled else None
    batch = recordio.decode(recordio.write(table, labels))
    np.testing.assert_array_equal(batch.features, table)
    if labelled:
        assert batch.labels is not None
        np.testing.assert_array_equal(batch.labels[:, 0], table[:, 0])
    else:
        assert batch.labels is None


@given(
    st.lists(st.dictionaries(st.integers(0, 299), FLOATS, max_size=20), min_size=1, max_size=20),
    st.integers(300, 400),
)
def test_sparse_records_become_dense(rows: list[dict[int, float]], width: int) -> None:
    expected = np.zeros((len(rows), width), np.float32)
    for number, row in enumerate(rows):
        for key, value in row.items():
            expected[number, key] = value
    np.testing.assert_array_equal(recordio.decode(recordio.write_sparse(rows, width)).features, expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, int])
def test_the_sdks_records_are_read(common: Any, dtype: type) -> None:
    table: npt.NDArray[Any] = np.arange(-6, 6).reshape(4, 3).astype(dtype)
    stream = BytesIO()
    common.write_numpy_to_dense_tensor(stream, table, table[:, 0])
    batch = recordio.decode(stream.getvalue())
    np.testing.assert_array_equal(batch.features, table)
    assert batch.labels is not None
    np.testing.assert_array_equal(batch.labels[:, 0], table[:, 0])


def test_ours_are_read_by_the_sdk_and_equal_its_own(common: Any) -> None:
    table = np.arange(6, dtype=np.float32).reshape(2, 3)
    stream = BytesIO()
    common.write_numpy_to_dense_tensor(stream, table, table[:, 0])
    assert recordio.write(table, table[:, 0]) == stream.getvalue()
    answer = recordio.encode(
        Predictions({"score": np.array([[0.25, 0.75]]), "predicted_label": np.array([1])})
    )
    (record,) = common.read_records(BytesIO(answer))
    assert list(record.label["score"].float32_tensor.values) == [0.25, 0.75]
    assert list(record.label["predicted_label"].float32_tensor.values) == [1.0]


def test_uid_and_metadata_are_repeated_in_the_answer(common: Any) -> None:
    from sagemaker.amazon.record_pb2 import Record

    record = Record()
    record.features["values"].float32_tensor.values.extend([1, 2])
    record.uid, record.metadata = "abc123", "{}"
    stream = BytesIO()
    common._write_recordio(stream, record.SerializeToString())
    batch = recordio.decode(stream.getvalue())
    np.testing.assert_array_equal(batch.features, [[1, 2]])
    answer = recordio.encode(Predictions({"score": np.array([0.5])}, echoes=batch.echoes))
    (answered,) = common.read_records(BytesIO(answer))
    assert (answered.uid, answered.metadata) == ("abc123", "{}")
    assert answered.label["score"].float32_tensor.values[0] == 0.5


def test_mixed_records_fall_back_to_the_scan() -> None:
    dense = np.ones((3, 4), np.float32)
    body = recordio.write(dense) + recordio.write_sparse([{0: 2.0}], 4)
    features = recordio.decode(body).features
    np.testing.assert_array_equal(features, [[1] * 4] * 3 + [[2, 0, 0, 0]])


def test_files_are_read_one_after_the_other(tmp_path: Path) -> None:
    table = np.arange(80_000, dtype=np.float32).reshape(-1, 4)
    paths = [tmp_path / "matrix_0.pbr", tmp_path / "matrix_1.pbr", tmp_path / "matrix_2.pbr"]
    for path, part in zip(paths, (table[:15_000], table[:0], table[15_000:]), strict=True):
        path.write_bytes(recordio.write(part, part[:, 0]) if len(part) else b"")
    batches = list(recordio.read([Source(path) for path in paths]))
    np.testing.assert_array_equal(np.concatenate([batch.features for batch in batches]), table)


def test_large_sparse_files_are_read_block_by_block_and_stay_sparse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordio, "_BLOCK", 128 * 1024)
    rows = [{number % 50: 1.0, 999_000 + number % 7: float(number)} for number in range(20_000)]
    (tmp_path / "data").write_bytes(recordio.write_sparse(rows, 1_000_000))
    assert (tmp_path / "data").stat().st_size > 4 * 128 * 1024
    number = 0
    for batch in recordio.read([Source(tmp_path / "data")]):
        assert isinstance(batch.rows, Sparse)
        assert batch.rows.width == 1_000_000
        assert batch.rows.indices[:2].tolist() == [number % 50, 999_000 + number % 7]
        assert batch.rows.values[:2].tolist() == [1.0, number]
        number += len(batch)
    assert number == 20_000


@pytest.mark.parametrize("dtype", [np.float64, np.int64])
def test_other_types_and_labels_are_read_alike(common: Any, dtype: type) -> None:
    from scipy.sparse import csr_matrix

    table: npt.NDArray[Any] = np.array([[0, 2, 0, -3], [1, 0, 0, 0], [0, 0, 0, 0]], dtype)
    stream = BytesIO()
    common.write_spmatrix_to_sparse_tensor(stream, csr_matrix(table), np.array([1, 0, 1], dtype))
    batch = recordio.decode(stream.getvalue())
    np.testing.assert_array_equal(batch.features, table)
    assert batch.labels is not None
    np.testing.assert_array_equal(batch.labels[:, 0], [1, 0, 1])


def test_files_must_agree_on_features(tmp_path: Path) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    for width, path in enumerate(paths, 1):
        path.write_bytes(recordio.write(np.ones((2, width), np.float32)))
    with pytest.raises(ClientError, match="b: found records of 2 features where the ones before have 1"):
        list(recordio.read([Source(path) for path in paths]))


GOOD = recordio.write(np.ones((1, 2), np.float32))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "empty"),
        (b"1,2,3,4", "byte 0 does not start a record"),
        (GOOD[:6], "ends within the head"),
        (GOOD[:-4], "ends within a record"),
        (GOOD + b"rest", f"byte {len(GOOD)} does not start a record"),
        (recordio.MAGIC + struct.pack("<I", 4) + b"\xff" * 4, "not an aialgs.data.Record"),
        (recordio.MAGIC + struct.pack("<I", 0), "hold no 'values'"),
        (recordio.write_sparse([{7: 1.0}], 4), "one key below the shape for each value"),
        (
            recordio.write_sparse([{0: 1.0}], 4) + recordio.write_sparse([{0: 1.0}], 5),
            "record 1: 5 features and no label, unlike the records before",
        ),
    ],
)
def test_malformed_records_are_explained(body: bytes, message: str) -> None:
    with pytest.raises(ClientError, match=message):
        recordio.decode(body)


def test_an_empty_channel_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with pytest.raises(ClientError, match="the RecordIO data is empty"):
        list(recordio.read([Source(tmp_path / "empty")]))
