"""NumPy's own format is read in pieces, and what is no table of numbers is refused."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from clary.toolkit.errors import ClientError
from clary.toolkit.formats import npy
from clary.toolkit.predictions import Predictions
from clary.toolkit.source import Source


def saved(*arrays: Any, **options: Any) -> bytes:
    stream = io.BytesIO()
    for array in arrays:
        np.save(stream, array, **options)
    return stream.getvalue()


def sources(folder: Path, *contents: bytes) -> list[Source]:
    for number, content in enumerate(contents):
        (folder / f"part-{number}.npy").write_bytes(content)
    return [Source(folder / f"part-{number}.npy") for number in range(len(contents))]


TYPES = st.sampled_from(["<f4", ">f4", "<f8", "<f2", "<i4", "u1", "?"])
TABLES = st.tuples(TYPES, st.integers(1, 9), st.integers(2, 5)).flatmap(
    lambda drawn: hnp.arrays(drawn[0], drawn[1:], elements=None)
)


@given(TABLES, st.booleans())
def test_rows_are_read_back(tmp_path_factory: pytest.TempPathFactory, table: Any, by_column: bool) -> None:
    folder = tmp_path_factory.mktemp("npy")
    content = saved(np.asfortranarray(table) if by_column else table)
    (batch,) = npy.read(sources(folder, content))
    with np.errstate(over="ignore"):
        expected = table.astype(np.float32)
    assert batch.labels is not None
    np.testing.assert_array_equal(batch.labels, expected[:, :1])
    np.testing.assert_array_equal(batch.rows, expected[:, 1:])


def test_large_arrays_come_in_pieces_and_several_follow_each_other(tmp_path: Path) -> None:
    table = np.arange(600_000, dtype=np.float32).reshape(-1, 3)
    batches = list(npy.read(sources(tmp_path, saved(table, table), saved(table)), label_size=0))
    assert len(batches) > 6
    rows = np.concatenate([batch.features for batch in batches])
    np.testing.assert_array_equal(rows, np.concatenate([table] * 3))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "are empty"),
        (b"1,2,3\n4,5,6\n", r"part-0\.npy is no array in NumPy's format"),
        (saved(np.zeros((2, 2)))[:-1], "was cut short"),
        (saved(np.zeros((2, 2)))[:20], "is no array in NumPy's format"),
        (saved(np.zeros(3)), "1 dimensions"),
        (saved(np.array([["a", "b"]])), "values of type <U1, not numbers"),
        (saved(np.array([[None, 1]]), allow_pickle=True), "values of type object"),
        (saved(np.zeros((2, 1))), "found 1 columns where 1 are labels"),
        (saved(np.zeros((2, 2)), np.zeros((2, 3))), "found 3 columns where others have 2"),
    ],
)
def test_what_is_no_table_of_numbers_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(ClientError, match=message):
        list(npy.read(sources(tmp_path, content)))


def test_requests_are_rows_or_one_row() -> None:
    np.testing.assert_array_equal(npy.decode(saved(np.arange(3))).features, [[0, 1, 2]])
    np.testing.assert_array_equal(npy.decode(saved(np.eye(2))).features, np.eye(2))
    assert np.isnan(npy.decode(saved(np.array([np.nan, 1])), missing=True).features[0, 0])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"PK\3\4",
        saved(np.zeros((0, 2))),
        saved(np.zeros((1, 1, 1))),
        saved(np.array(1.0)),
        saved(np.array([np.nan])),
        saved(np.array([{}]), allow_pickle=True),
    ],
)
def test_requests_that_are_no_rows_are_refused(body: bytes) -> None:
    with pytest.raises(ClientError, match="The request body"):
        npy.decode(body)


def test_answers_are_one_row_each() -> None:
    fields = {"score": np.array([[0.25, 0.75], [0.5, 0.5]]), "predicted_label": np.array([1, 0])}
    answer = np.load(io.BytesIO(npy.encode(Predictions(fields))))
    np.testing.assert_array_equal(answer, [[0.25, 0.75, 1], [0.5, 0.5, 0]])
