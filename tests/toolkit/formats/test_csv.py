"""CSV is read whole, and what is wrong in it is found to the cell."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clary.toolkit import media_type
from clary.toolkit.batch import Batch
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import csv
from clary.toolkit.predictions import Predictions
from clary.toolkit.source import Source


@pytest.fixture(autouse=True, params=[True, False], ids=["kernel", "numpy"])
def compiled(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if not request.param:
            patch.setattr(csv, "kernels", None)
        yield


def read(folder: Path, *texts: str, label_size: int = 1) -> list[Batch]:
    files = []
    for number, text in enumerate(texts):
        files.append(folder / f"part-{number}.csv")
        files[-1].write_bytes(text.encode())
    return list(csv.read([Source(path) for path in files], label_size))


TABLES = st.integers(2, 6).flatmap(
    lambda width: st.lists(
        st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=width, max_size=width),
        min_size=1,
        max_size=30,
    )
)


@given(TABLES, st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_rows_are_read_back(rows: list[list[float]], line_end: str, last: bool) -> None:
    text = line_end.join(",".join(str(np.float32(cell)) for cell in row) for row in rows)
    batch = csv.decode((text + (line_end if last else "")).encode())
    np.testing.assert_array_equal(batch.features, np.array(rows, np.float32))
    assert batch.labels is None


def test_labels_are_the_first_columns(tmp_path: Path) -> None:
    (batch,) = read(tmp_path, "1,2,3\n4,5,6\n")
    np.testing.assert_array_equal(batch.features, [[2, 3], [5, 6]])
    np.testing.assert_array_equal(batch.labels, [[1], [4]])
    (unlabelled,) = read(tmp_path, "1,2,3\n4,5,6\n", label_size=0)
    assert unlabelled.labels is None
    assert unlabelled.features.shape == (2, 3)


def test_large_files_come_in_batches_of_whole_rows(tmp_path: Path) -> None:
    expected = np.arange(300_000, dtype=np.float32).reshape(-1, 3)
    text = "\n".join(",".join(map(str, row)) for row in expected.astype(int).tolist())
    batches = read(tmp_path, text, text + "\n", label_size=0)
    assert len(batches) > 4
    rows = np.concatenate([batch.features for batch in batches])
    np.testing.assert_array_equal(rows, np.concatenate([expected, expected]))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2\n3,x", r"part-0\.csv, line 2, column 2: 'x' is not a finite number\."),
        ("1,2\n3,", r"part-0\.csv, line 2, column 2: '' is not a finite number"),
        ("1,2\nnan,4", "line 2, column 1: 'nan'"),
        ("1,2\n3,1e39", "line 2, column 2: '1e39'"),
        ("1,2\n3,4,5", "line 2: found 3 columns where the lines before have 2"),
        ("1,2\n\n3,x\n4,5\n", "line 3, column 2: 'x'"),
        ("label,size\n1,2", "line 1, column 1: 'label'.*looks like a header"),
        ("nan,nan\n1,2", r"line 1, column 1: 'nan' is not a finite number\."),
        ("1,inf\n1,2", r"line 1, column 2: 'inf' is not a finite number\."),
        ("1\n2", "found 1 columns of which 1 are labels; there are no features"),
        ("", r"part-0\.csv: the CSV data is empty"),
        ("\n\n", "the CSV data is empty"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ClientError, match=message):
        read(tmp_path, text)


GAPS = "1,,2\n3, NaN,nA\r\n,null,-4.5\n"


def test_values_may_be_missing(tmp_path: Path) -> None:
    (tmp_path / "part.csv").write_text(GAPS)
    (batch,) = csv.read([Source(tmp_path / "part.csv")], 0, missing=True)
    expected = [[1, np.nan, 2], [3, np.nan, np.nan], [np.nan, np.nan, -4.5]]
    np.testing.assert_array_equal(batch.features, expected)
    np.testing.assert_array_equal(csv.decode(GAPS.encode(), missing=True).features, expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,,2\n1,none,2\n", "line 2, column 2: 'none' is not a finite number"),
        ("1,,2\n1,inf,2\n", "line 2, column 2: 'inf' is not a finite number"),
        ("1,,2\n1,2\n", "line 2: found 2 columns where the lines before have 3"),
    ],
)
def test_a_missing_value_is_not_just_anything(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "part.csv").write_text(text)
    with pytest.raises(ClientError, match=message):
        list(csv.read([Source(tmp_path / "part.csv")], missing=True))


def test_files_must_agree_on_columns(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match=r"part-1\.csv, line 1: found 3 columns where .* have 2"):
        read(tmp_path, "1,2", "1,2,3")


def test_line_numbers_go_on_across_blocks(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="line 100001, column 2: 'x'"):
        read(tmp_path, "1,2.5\n" * 100_000 + "1,x\n")


def test_blank_lines_are_skipped(tmp_path: Path) -> None:
    batches = read(tmp_path, "\n1,2\n\n\n3,4\n\n", "5,6", label_size=0)
    np.testing.assert_array_equal(
        np.concatenate([batch.features for batch in batches]), [[1, 2], [3, 4], [5, 6]]
    )


CELLS = ("5.", ".5", "-.25", "+7", "-0", "00012.50", "1e-5", "-2.5E+3", " 1.5", "3\t", "4\r", "1e-45", "0.1",
         "1234567890123456", "-1234567890123456", "12345678901234567", "0.12345678901234",
         "-0.1234567890123456789", "99999999999999999999", "16777217", "3.4028234e38")  # fmt: skip


def test_cells_of_every_form_are_what_python_reads(tmp_path: Path) -> None:
    lines = [",".join(CELLS[(at + turn) % len(CELLS)] for at in range(len(CELLS))) for turn in range(40)]
    batches = read(tmp_path, "\r\n".join(lines), label_size=0)
    found = np.concatenate([batch.features for batch in batches])
    expected = [[np.float32(float(cell)) for cell in line.split(",")] for line in lines]
    np.testing.assert_array_max_ulp(found, np.array(expected, np.float32), maxulp=1)


@pytest.mark.parametrize(
    "cell", ["1\v", "\f1", "1\x1c", "1.2.3", "-", ".", "--1", "1-", "1 2", "0x10", "1_0", "\u0661", ":", "/1"]
)
def test_what_is_nearly_a_number_is_refused(tmp_path: Path, cell: str) -> None:
    with pytest.raises(ClientError, match=r"part-0\.csv, line 2, column 2: .* is not a finite number"):
        read(tmp_path, f"1,2.5,3\n10000.25,{cell},12345.678\n4,5,6\n")


def test_a_line_may_be_longer_than_a_block(tmp_path: Path) -> None:
    row = np.arange(200_000) / 8
    (batch,) = read(tmp_path, ",".join(map(str, row)) + "\n" + ",".join(map(str, row + 1)), label_size=0)[:1]
    np.testing.assert_array_equal(batch.features[0], row.astype(np.float32))


@pytest.mark.parametrize("body", [b"", b"  \n"])
def test_empty_request_is_refused(body: bytes) -> None:
    with pytest.raises(ClientError, match="request body is empty"):
        csv.decode(body)


@pytest.mark.parametrize("body", [b"1,2,", b"1,,2", b"1,a"])
def test_malformed_request_is_refused(body: bytes) -> None:
    with pytest.raises(ClientError, match="The request body, line 1, column "):
        csv.decode(body)


def test_label_size_comes_from_the_content_type() -> None:
    assert csv.label_size(media_type.parse("text/csv")) == 1
    assert csv.label_size(media_type.parse("text/csv;label_size=0")) == 0
    with pytest.raises(ClientError, match="label_size=x"):
        csv.label_size(media_type.parse("text/csv;label_size=x"))


def test_answers_are_one_line_a_row() -> None:
    fields = {"score": np.array([[0.25, 0.75], [0.5, 0.5]]), "predicted_label": np.array([1, 0])}
    assert csv.encode(Predictions(fields)) == b"0.25,0.75,1\n0.5,0.5,0\n"


@given(st.lists(st.lists(st.sampled_from(["", "1", "nan"]), min_size=3, max_size=3), min_size=1, max_size=40))
def test_rows_of_nothing_but_gaps_have_room(rows: list[list[str]]) -> None:
    text = "\n".join(",".join(row) for row in rows)
    batch = csv.decode((text + "\n" + "0,0,0").encode(), missing=True)
    expected = [[1.0 if cell == "1" else np.nan for cell in row] for row in rows]
    np.testing.assert_array_equal(batch.features[:-1], expected)


CELLS_AND_BREAKS = st.sampled_from(
    ["1", "-2.5", ",", ",", "\n", " ", "\t", "\r", "nan", "na", "e", ".", "\v", "+"]
)


@given(st.lists(CELLS_AND_BREAKS, max_size=14).map("".join), st.booleans())
def test_kernel_and_numpy_agree_on_any_text(text: str, missing: bool) -> None:
    def decoded() -> object:
        try:
            return csv.decode(text.encode() + b"\n1\n", missing=missing).features.astype(str).tolist()
        except ClientError as error:
            return str(error)

    with pytest.MonkeyPatch.context() as patch:
        here = decoded()
        patch.setattr(csv, "kernels", None)
        assert decoded() == here
