"""libsvm is read with labels, weights and groups, and what is wrong in it is named with its line."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clary.toolkit import media_type
from clary.toolkit.batch import Batch
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import libsvm
from clary.toolkit.source import Source
from clary.toolkit.sparse import Sparse


@pytest.fixture(autouse=True, params=[True, False], ids=["kernel", "numpy"])
def compiled(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if not request.param:
            patch.setattr(libsvm, "kernels", None)
        yield


def sources(folder: Path, *texts: str) -> list[Source]:
    files = [folder / f"part-{number}.libsvm" for number in range(len(texts))]
    for path, text in zip(files, texts, strict=True):
        path.write_bytes(text.encode())
    return [Source(path) for path in files]


def sparse(batch: Batch) -> Sparse:
    assert isinstance(batch.rows, Sparse)
    return batch.rows


FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)
ROWS = st.lists(
    st.tuples(FLOATS, st.dictionaries(st.integers(0, 2**31 - 2), FLOATS, max_size=6)), min_size=1, max_size=30
)


@given(ROWS, st.sampled_from([" ", "  ", "\t", " \t "]), st.sampled_from(["\n", "\r\n", " \n\n"]))
def test_rows_are_read_back(rows: list[tuple[float, dict[int, float]]], blank: str, end: str) -> None:
    lines = [
        blank.join(
            [str(np.float32(label)), *(f"{index}:{np.float32(value)}" for index, value in row.items())]
        )
        for label, row in rows
    ]
    batch = libsvm.decode(end.join(lines).encode())
    found = sparse(batch)
    assert found.starts.tolist() == np.cumsum([0, *(len(row) for _, row in rows)]).tolist()
    assert found.indices.tolist() == [index for _, row in rows for index in row]
    values = np.array([value for _, row in rows for value in row.values()], np.float32)
    np.testing.assert_array_max_ulp(found.values, values)
    assert batch.labels is not None
    np.testing.assert_array_max_ulp(batch.labels[:, 0], np.array([label for label, _ in rows], np.float32))
    assert found.width == max((index + 1 for _, row in rows for index in row), default=0)


@given(st.lists(st.tuples(FLOATS, FLOATS, st.integers(0, 10**18 - 1)), min_size=1, max_size=20))
def test_weights_and_groups_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[float, float, int]]
) -> None:
    text = "\n".join(
        f"{np.float32(label)}:{np.float32(weight)} qid:{group} 3:1" for label, weight, group in rows
    )
    (batch,) = libsvm.read(sources(tmp_path_factory.mktemp("rows"), text + "\n"))
    assert batch.weights is not None
    assert batch.groups is not None
    np.testing.assert_array_max_ulp(batch.weights, np.array([weight for _, weight, _ in rows], np.float32))
    assert batch.groups.tolist() == [group for *_, group in rows]


PIECES = st.sampled_from(
    ["1", "-2.5", "0", ":", " ", "\t", "\n", "\r", "qid:", "#", "e", "+", ".", "9" * 12, ",", "x", "\v"]
)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_kernel_and_numpy_agree_on_any_text(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("any")

    def read() -> list[Any]:
        try:
            batch = next(libsvm.read(sources(folder, text + "\n")))
        except ClientError as error:
            return [str(error)]
        rows = sparse(batch)
        arrays = (rows.starts, rows.indices, batch.weights, batch.groups)
        return [rows.width, *(None if array is None else array.tolist() for array in arrays)]

    with pytest.MonkeyPatch.context() as patch:
        here = read()
        patch.setattr(libsvm, "kernels", None)
        assert read() == here


def test_comments_and_blank_lines_are_left_out(tmp_path: Path) -> None:
    text = "# made by hand\n\n 1 0:2 # first\n\n0:0.5 qid:7 2:1#last\n#\n"
    (batch,) = libsvm.read(sources(tmp_path, text))
    np.testing.assert_array_equal(batch.features, [[2, 0, 0], [0, 0, 1]])
    np.testing.assert_array_equal(batch.labels, [[1], [0]])
    assert batch.weights is not None
    assert batch.weights.tolist() == [1, 0.5]
    assert batch.groups is not None
    assert batch.groups.tolist() == [0, 7]


def test_rows_without_weights_and_groups_have_none(tmp_path: Path) -> None:
    (batch,) = libsvm.read(sources(tmp_path, "1 0:2\n0\n"))
    assert batch.weights is None
    assert batch.groups is None
    assert batch.rows.shape == (2, 1)


def test_all_batches_are_as_wide_as_the_greatest_index_anywhere(tmp_path: Path) -> None:
    many = "".join(f"{number % 2} 1:{number}.25 5:0.125\n" for number in range(60_000))
    batches = list(libsvm.read(sources(tmp_path, many, "1 9:1\n")))
    assert len(batches) > 3
    assert {batch.rows.shape[1] for batch in batches} == {10}
    values = np.concatenate([sparse(batch).values for batch in batches])
    np.testing.assert_array_equal(values[:-1:2], np.arange(60_000) + 0.25)
    assert [batch.rows.shape[1] for batch in libsvm.parts(sources(tmp_path, "1 1:1", "1 9:1"))] == [2, 10]


def test_more_rows_than_are_kept_are_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libsvm, "_KEPT", 100)
    batches = list(libsvm.read(sources(tmp_path, "1 0:1\n" * 20, "1 4:1\n" * 20)))
    assert [batch.rows.shape for batch in batches] == [(20, 5), (20, 5)]


def test_features_may_be_counted_from_one(tmp_path: Path) -> None:
    kind = media_type.parse("text/x-libsvm; indexing_mode=1")
    assert kind.name == media_type.LIBSVM
    (batch,) = libsvm.read(sources(tmp_path, "1 1:2 3:4\n"), libsvm.indexing_mode(kind))
    np.testing.assert_array_equal(batch.features, [[2, 0, 4]])
    with pytest.raises(ClientError, match="it has a feature 0, but indexing_mode=1"):
        list(libsvm.read(sources(tmp_path, "1 0:2\n"), 1))
    with pytest.raises(ClientError, match="indexing_mode=2 in the content type"):
        libsvm.indexing_mode(media_type.parse("text/libsvm;indexing_mode=2"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 0:1\nx 0:1", r"part-0\.libsvm, line 2: 'x' is not a label, nor label:weight\."),
        ("1 0:1\n1: 0:1", "line 2: '1:' is not a label"),
        ("1\t:1", "line 1: ':1' is not index:value"),
        ("1 :1", "line 1: ':1' is not index:value"),
        ("1 0:1\n\n1 2", "line 3: '2' is not index:value"),
        ("1 0:x", "line 1: '0:x' is not index:value"),
        ("1 0:nan", "line 1: '0:nan' is not index:value"),
        ("1 0:1e39", "line 1: '0:1e39' is not index:value"),
        ("1 -1:1", "line 1: '-1:1' is not index:value"),
        ("1 2147483647:1", "line 1: '2147483647:1' is not index:value"),
        ("1 9999999999:1", "line 1: '9999999999:1' is not index:value"),
        ("1 0:1 qid:1", "line 1: 'qid:1' is not index:value"),
        ("1 qid:1 qid:1", "line 1: 'qid:1' is not index:value"),
        ("1,2 0:1", "line 1: '1,2' is not a label"),
        ("1 0: 5", "line 1: '0:' is not index:value"),
        ("1 0:1:2", "line 1: '0:1:2' is not index:value"),
        ("", r"part-0\.libsvm: the libsvm data is empty"),
        ("# nothing\n\n", "the libsvm data is empty"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ClientError, match=message):
        list(libsvm.read(sources(tmp_path, text)))


def test_line_numbers_go_on_across_blocks(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="line 100001: '1:x'"):
        list(libsvm.read(sources(tmp_path, "1 1:2.5\n" * 100_000 + "1 1:x\n")))


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "train_0")
    with pytest.raises(ClientError, match="libsvm cannot be read from a pipe"):
        list(libsvm.read([Source(tmp_path / "train_0")]))


@pytest.mark.parametrize("body", [b"", b" \n"])
def test_an_empty_request_is_refused(body: bytes) -> None:
    with pytest.raises(ClientError, match="request body is empty"):
        libsvm.decode(body)


def test_requests_may_have_labels_or_not() -> None:
    for body in (b"0:1 2:3\n 1:4", b"7 0:1 2:3\n0 1:4\n"):
        np.testing.assert_array_equal(libsvm.decode(body).features, [[1, 0, 3], [0, 4, 0]])


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    (batch,) = libsvm.read(sources(tmp_path, "1 0:2.5 7:1e-3\n0\n-1 3:4\n"))
    assert batch.labels is not None
    text = libsvm.write(sparse(batch), batch.labels[:, 0])
    np.testing.assert_array_equal(libsvm.decode(text).features, batch.features)
