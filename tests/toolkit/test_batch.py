"""A batch keeps together what belongs to its rows, and fits rows that end early to a model."""

from pathlib import Path

import numpy as np
import pytest

from clary.toolkit.batch import Batch
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import libsvm
from clary.toolkit.source import Source


def test_taken_rows_keep_what_belongs_to_them(tmp_path: Path) -> None:
    (tmp_path / "rows").write_text("1:0.5 qid:3 0:1\n2:0.25 qid:4 1:2\n3:1 qid:5 0:7\n")
    (whole,) = libsvm.read([Source(tmp_path / "rows")])
    batch = whole.take(np.array([2, 0]))
    np.testing.assert_array_equal(batch.features, [[7, 0], [1, 0]])
    assert batch.labels is not None
    assert batch.weights is not None
    assert batch.groups is not None
    assert batch.labels.tolist() == [[3], [1]]
    assert batch.weights.tolist() == [1, 0.5]
    assert batch.groups.tolist() == [5, 3]
    echoed = Batch(np.eye(2, dtype=np.float32), echoes=[b"a", b"b"]).take(np.array([1]))
    assert echoed.echoes == [b"b"]
    assert echoed.labels is None


def test_rows_that_end_early_are_fitted_to_a_model() -> None:
    batch = libsvm.decode(b"1 0:1\n2 1:2\n")
    np.testing.assert_array_equal(batch.fitted(4).features, [[1, 0, 0, 0], [0, 2, 0, 0]])
    assert batch.fitted(2) is batch
    with pytest.raises(ClientError, match="Each row must have 1 features, as in training; got 2"):
        batch.fitted(1)
    with pytest.raises(ClientError, match="must have 3 features, as in training; got 2"):
        Batch(np.eye(2, dtype=np.float32)).fitted(3)
