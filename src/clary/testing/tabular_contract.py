"""What any algorithm that reads and answers rows of numbers must do, ours or yours.

::

    class TestMyAlgorithm(TabularContract):
        algorithm = MyAlgorithm
        hyperparameters = {"k": "3"}
        illegal = ("k", "0")

        def training_data(self): ...
        def fresh_data(self): ...
        def score(self, predictions, labels): ...
        def reference_quality(self): ...
"""

# ruff: noqa: S101 - these are tests, though they are shipped

import importlib
import io
import json
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clary.testing.algorithm_contract import AlgorithmContract, Trained
from clary.toolkit import media_type, sparse
from clary.toolkit.algorithm import Algorithm
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import DECODERS, ENCODERS, libsvm, recordio
from clary.toolkit.predictions import Predictions
from clary.toolkit.request import Request
from clary.toolkit.tabular import Tabular

Data = tuple[Floats, Floats]
"""Features (rows, features) and labels (rows,)."""


class TabularContract(AlgorithmContract):
    """The specification of a tabular algorithm in executable form."""

    @abstractmethod
    def training_data(self) -> Data:
        """Return the rows to learn from, the same at every call."""

    @abstractmethod
    def fresh_data(self) -> Data:
        """Return rows of the same kind that are not among those learnt from."""

    @abstractmethod
    def score(self, predictions: Predictions, labels: Floats) -> float:
        """Return how good ``predictions`` of the fresh data are; more is better."""

    def channels(self, folder: Path) -> dict[str, Channel]:
        """Write the training data in the type that the algorithm prefers."""
        return self.channels_of(folder, self.algorithm.accepts[0])

    def channels_of(self, folder: Path, content_type: str) -> dict[str, Channel]:
        """Write the training data in ``content_type``."""
        data = folder / "train"
        data.mkdir()
        (data / "part-0").write_bytes(_training_file(*self.training_data(), content_type))
        return {"train": Channel("train", data, content_type)}

    def requests(self) -> Sequence[Request]:
        """Return three fresh rows in every type, asking for every type."""
        rows = self.fresh_data()[0][:3]
        return [
            Request("POST", "/invocations", given, wanted, _request(rows, given))
            for given in self.algorithm.requests
            for wanted in self.algorithm.responses
        ]

    def quality(self, model: Algorithm[Any]) -> float:
        """Return the score of what the model predicts for the fresh data."""
        features, labels = self.fresh_data()
        return self.score(_tabular(model).predict(Batch(features)), labels)

    def test_model_is_the_same_whatever_it_was_trained_from(self, trained: Trained, tmp_path: Path) -> None:
        """Every type of training data makes the model of the first one."""
        batch = Batch(self.fresh_data()[0])
        expected = _tabular(trained.model).predict(batch)
        for number, content_type in enumerate(self.algorithm.accepts[1:]):
            folder = tmp_path / str(number)
            folder.mkdir()
            other = self.train_on(self.channels_of(folder, content_type), folder / "model")
            answer = _tabular(other.model).predict(batch)
            assert answer.fields.keys() == expected.fields.keys()
            for name, column in answer.fields.items():
                np.testing.assert_allclose(column, expected.fields[name], rtol=1e-6)

    def test_every_request_type_is_answered_the_same(self, trained: Trained) -> None:
        """All requests that write the same rows get the same answer, whatever their type."""
        model = _tabular(trained.model)
        rows = self.fresh_data()[0][:3]
        for accept in self.algorithm.responses:
            answers = {
                ENCODERS[accept](model.predict(DECODERS[request](_request(rows, request))))
                for request in self.algorithm.requests
            }
            assert len(answers) == 1, accept
            assert answers.pop()

    def test_rows_that_do_not_fit_are_refused(self, trained: Trained) -> None:
        """A row with one feature too many is the client's mistake."""
        width = self.fresh_data()[0].shape[1]
        with pytest.raises(ClientError, match=str(width + 1)):
            _tabular(trained.model).predict(Batch(np.zeros((1, width + 1), np.float32)))


def _tabular(model: Algorithm[Any]) -> Tabular[Any]:
    assert isinstance(model, Tabular)
    return model


def _training_file(features: Floats, labels: Floats, content_type: str) -> bytes:
    if content_type == media_type.RECORDIO:
        return recordio.write(features, labels)
    if content_type == media_type.PARQUET:
        return _parquet(features, labels)
    if content_type == media_type.LIBSVM:
        return libsvm.write(sparse.compressed(features), labels)
    if content_type == media_type.JSON_LINES:
        rows = zip(features.tolist(), labels.tolist(), strict=True)
        return "\n".join(json.dumps({"features": row, "label": label}) for row, label in rows).encode()
    table = np.column_stack([labels, features])
    return _npy(table) if content_type == media_type.NPY else _lines(table)


def _parquet(features: Floats, labels: Floats) -> bytes:
    pyarrow = pytest.importorskip("pyarrow")
    columns = [labels, *np.ascontiguousarray(features.T)]
    table = pyarrow.table({f"column_{number}": column for number, column in enumerate(columns)})
    stream = io.BytesIO()
    importlib.import_module("pyarrow.parquet").write_table(table, stream)
    return stream.getvalue()


def _request(rows: Floats, content_type: str) -> bytes:
    if content_type == media_type.RECORDIO:
        return recordio.write(rows)
    if content_type == media_type.CSV:
        return _lines(rows)
    if content_type == media_type.LIBSVM:
        return libsvm.write(sparse.compressed(rows), np.zeros(len(rows), np.float32))
    if content_type == media_type.NPY:
        return _npy(rows)
    instances = [{"features": row} for row in rows.tolist()]
    if content_type == media_type.JSON:
        return json.dumps({"instances": instances}).encode()
    return "\n".join(map(json.dumps, instances)).encode()


def _npy(table: Floats) -> bytes:
    stream = io.BytesIO()
    np.save(stream, table)
    return stream.getvalue()


def _lines(table: Floats) -> bytes:
    return "\n".join(",".join(map(repr, row)) for row in table.tolist()).encode()
