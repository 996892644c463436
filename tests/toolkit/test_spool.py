"""A spool keeps every row with its label, in memory and in a file, dense and sparse."""

from pathlib import Path

import numpy as np
import pytest

from clary.toolkit import examples, media_type, sparse, spool
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.examples import DenseExamples, Examples, SparseExamples
from clary.toolkit.formats import recordio
from clary.toolkit.sparse import Longs
from clary.toolkit.spool import Spool
from clary.toolkit.table import Table


@pytest.fixture(autouse=True)
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "SEGMENT", 4000)


def everything(table: Table) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Return label, features and ones of all rows, in the order of the batches."""
    parts = []
    for batch in table.batches(100, np.random.default_rng(0)):
        if isinstance(batch, SparseExamples):
            parts.append(np.column_stack([batch.labels, batch.rows.dense()]))
        elif isinstance(batch, DenseExamples):
            parts.append(batch.table.copy())
    return np.concatenate(parts)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("in_memory", [10**9, 5000, 0])
def test_rows_come_out_shuffled_with_their_labels(in_memory: int, compressed: bool) -> None:
    made = Spool(1, in_memory=in_memory)
    rows = np.arange(1, 3001, dtype=np.float32).reshape(-1, 3)
    for at in range(0, 1000, 100):
        part = rows[at : at + 100]
        made.append(sparse.compressed(part) if compressed else part, part[:, 0] * 2)
    table = made.table()
    assert len(table) == 1000
    assert len(table.segments) > 3
    found = everything(table)
    assert not np.array_equal(found[:, 1:-1], rows)
    np.testing.assert_array_equal(found[:, 1] * 2, found[:, 0])
    np.testing.assert_array_equal(found[:, -1], 1)
    np.testing.assert_array_equal(found[np.argsort(found[:, 1]), 1:-1], rows)


@pytest.mark.parametrize("in_memory", [10**9, 0])
@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("first", [0, 1])
def test_sparse_and_dense_rows_may_come_in_turn(
    in_memory: int, compiled: bool, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not compiled:
        monkeypatch.setattr(examples, "kernels", None)
    made = Spool(1, in_memory=in_memory)
    rows = np.arange(1, 6001, dtype=np.float32).reshape(-1, 3)
    for turn, at in enumerate(range(0, 2000, 500), first):
        part = rows[at : at + 500]
        made.append(sparse.compressed(part) if turn % 2 else part, part[:, 0] * 2)
    found = everything(made.table())
    np.testing.assert_array_equal(found[np.argsort(found[:, 1]), 1:-1], rows)
    np.testing.assert_array_equal(found[:, 1] * 2, found[:, 0])


FILES = {
    media_type.CSV: b"1,0,2\n3,4,0\n",
    media_type.JSON_LINES: b'{"features": [0, 2], "label": 1}\n{"features": [4, 0], "label": 3}\n',
    media_type.LIBSVM: b"1 1:2\n3 0:4\n",
    media_type.RECORDIO: recordio.write(np.array([[0, 2], [4, 0]], np.float32), np.array([1, 3], np.float32)),
}


@pytest.mark.parametrize("content_type", FILES)
@pytest.mark.parametrize("in_memory", [10**9, 0])
def test_every_format_can_be_kept(tmp_path: Path, content_type: str, in_memory: int) -> None:
    (tmp_path / "data").write_bytes(FILES[content_type])
    made = Spool(1, in_memory=in_memory)
    for batch in Channel("train", tmp_path, content_type).batches(tuple(FILES)):
        assert batch.labels is not None
        made.append(batch.rows, batch.labels[:, 0])
    found = everything(made.table())
    np.testing.assert_array_equal(found[np.argsort(found[:, 0])], [[1, 0, 2, 1], [3, 4, 0, 1]])


def test_the_same_seed_gives_the_same_order() -> None:
    tables = []
    for _ in range(2):
        made = Spool(7)
        made.append(np.arange(50, dtype=np.float32)[:, None], np.zeros(50, np.float32))
        tables.append(everything(made.table()))
    np.testing.assert_array_equal(tables[0], tables[1])


def test_every_segment_is_finished_once_before_it_is_kept() -> None:
    def tripled(rows: Examples, order: Longs) -> Examples:
        taken = rows.take(order)
        assert isinstance(taken, DenseExamples)
        taken.features[:] *= 3
        return taken

    made = Spool(1, tripled, in_memory=0)
    made.append(np.ones((4000, 2), np.float32), np.zeros(4000, np.float32))
    np.testing.assert_array_equal(everything(made.table())[:, 1:-1], 3)


def test_a_wide_row_is_a_segment_of_its_own() -> None:
    made = Spool(1)
    made.append(np.ones((3, 5000), np.float32), np.zeros(3, np.float32))
    assert [len(segment) for segment in made.table().segments] == [1, 1, 1]


def test_no_rows_are_no_table() -> None:
    with pytest.raises(ClientError, match="no rows"):
        Spool(1).table()
