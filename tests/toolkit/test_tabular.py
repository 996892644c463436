"""A tabular algorithm answers rows in the type that is wanted, in pieces where they are many."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import numpy as np

from clary.toolkit import media_type
from clary.toolkit.batch import Batch
from clary.toolkit.predictions import Predictions
from clary.toolkit.request import Request
from clary.toolkit.tabular import Tabular

TYPES = (media_type.JSON, media_type.CSV, media_type.NPY)


class _Sum(Tabular[Any]):
    """Answers the sum of a row, and when asked for more its length."""

    requests = responses = TYPES

    def train(self, *_: object) -> None:
        raise AssertionError

    def save(self, folder: Path) -> None:
        raise AssertionError

    @classmethod
    def load(cls, folder: Path) -> Self:
        raise AssertionError

    def predict(self, batch: Batch) -> Predictions:
        return Predictions({"sum": batch.features.sum(axis=1)})

    def predict_verbose(self, batch: Batch) -> Predictions:
        rows = batch.features
        return Predictions({"sum": rows.sum(axis=1), "length": np.full(len(rows), rows.shape[1])})


def ask(body: bytes, accept: str) -> bytes | Iterator[bytes]:
    return _Sum().answer(Request("POST", "/invocations", "text/csv", accept, body)).body


def test_rows_are_answered_in_the_wanted_type() -> None:
    assert ask(b"1,2\n3,4", "") == b'{"predictions": [{"sum": 3.0}, {"sum": 7.0}]}'
    assert ask(b"1,2\n3,4", "text/csv") == b"3.0\n7.0\n"


def test_a_verbose_answer_has_more() -> None:
    assert ask(b"1,2", "application/json; verbose=true") == b'{"predictions": [{"sum": 3.0, "length": 2}]}'


def test_many_lines_are_answered_in_pieces() -> None:
    pieces = ask(b"1,2\n" * 5000, "text/csv")
    assert not isinstance(pieces, bytes)
    whole = list(pieces)
    assert len(whole) == 2
    assert b"".join(whole) == b"3.0\n" * 5000


def test_many_rows_are_answered_as_one_array() -> None:
    body = ask(b"1,2\n" * 5000, "application/x-npy")
    assert isinstance(body, bytes)
    np.testing.assert_array_equal(np.load(io.BytesIO(body)), np.full((5000, 1), 3.0))
