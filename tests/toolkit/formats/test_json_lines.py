"""Examples in JSON Lines are read in every form, and what is wrong is named with its line."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clary.toolkit.batch import Batch
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import json_lines
from clary.toolkit.source import Source
from clary.toolkit.sparse import Sparse


def read(folder: Path, text: str, *, missing: bool = False) -> list[Batch]:
    (folder / "part-0").write_text(text)
    return list(json_lines.read([Source(folder / "part-0")], missing=missing))


FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)
ROWS = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(FLOATS, min_size=width + 1, max_size=width + 1), min_size=1, max_size=20)
)


@given(ROWS)
def test_rows_are_read_back(tmp_path_factory: pytest.TempPathFactory, rows: list[list[float]]) -> None:
    lines = [json.dumps({"label": row[0], "features": row[1:]}) for row in rows]
    (batch,) = read(tmp_path_factory.mktemp("rows"), "\n".join(lines))
    np.testing.assert_array_equal(batch.features, np.array(rows, np.float32)[:, 1:])
    np.testing.assert_array_equal(batch.labels, np.array(rows, np.float32)[:, :1])


def test_many_lines_come_in_batches(tmp_path: Path) -> None:
    batches = read(tmp_path, '{"features": [1, 2], "label": [3, 4]}\n' * 5000)
    assert [len(batch) for batch in batches] == [2048, 2048, 904]
    assert batches[-1].labels is not None
    assert batches[-1].labels[-1].tolist() == [3, 4]


def test_sparse_and_dense_rows_become_sparse(tmp_path: Path) -> None:
    sparse = '{"data": {"features": {"keys": [1], "shape": [3], "values": [4]}}}\n'
    (batch,) = read(tmp_path, sparse + '{"features": [1, 2, 3]}\n')
    assert isinstance(batch.rows, Sparse)
    assert batch.labels is None
    np.testing.assert_array_equal(batch.features, [[0, 4, 0], [1, 2, 3]])


def test_values_may_be_missing_where_that_is_meant(tmp_path: Path) -> None:
    line = '{"features": [null, 2], "label": 1}'
    (batch,) = read(tmp_path, line, missing=True)
    assert np.isnan(batch.features[0, 0])
    with pytest.raises(ClientError, match="line 1: its features must be a flat list of finite numbers"):
        read(tmp_path, line)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            '{"features": [1, 2, 3], "label": 1}',
            "line 2: it has 3 features and 1 labels, where",
        ),
        ('{"features": [1, 2]}', "line 2: it has 2 features and 0 labels"),
        ('{"label": 1}', "line 2: it has no usable features"),
        ('{"features": [1, "x"], "label": 1}', "line 2: its features must be a flat list"),
        ('{"features": [[1, 2]], "label": 1}', "line 2: its features must be a flat list"),
        ('{"features": [1, 1e39], "label": 1}', "line 2: its features must be"),
        ('{"features": [1, 2], "label": "x"}', "line 2: its label must be"),
        ('{"features": [1, 2], "label": null}', "line 2: its label"),
    ],
)
@pytest.mark.parametrize("missing", [False, True])
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, line: str, message: str, missing: bool) -> None:
    with pytest.raises(ClientError, match=message):
        read(tmp_path, '{"features": [1, 2], "label": 1}\n' + line, missing=missing)


def test_empty_data_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="part-0: the JSON Lines data are empty"):
        read(tmp_path, "\n")
