"""What any algorithm must do, ours or yours: subclass the contract in a test file and fill in its data.

::

    class TestMyAlgorithm(AlgorithmContract):
        algorithm = MyAlgorithm
        hyperparameters = {"k": "3"}
        illegal = ("k", "0")

        def training_data(self): ...
        def fresh_data(self): ...
        def quality(self, predictions, labels): ...
        def reference_quality(self): ...
"""

# ruff: noqa: S101 - these are tests, though they are shipped

import importlib
import io
import json
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from clary.toolkit import media_type
from clary.toolkit.algorithm import Algorithm, AlgorithmType
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.channel import Channel
from clary.toolkit.describe import describe
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import DECODERS, ENCODERS, recordio
from clary.toolkit.host import Host
from clary.toolkit.hyperparameters import REQUIRED
from clary.toolkit.predictions import Predictions
from clary.toolkit.report import Report

Data = tuple[Floats, Floats]
"""Features (rows, features) and labels (rows,)."""


class AlgorithmContract(ABC):
    """The specification of an algorithm in executable form."""

    algorithm: ClassVar[AlgorithmType]
    hyperparameters: ClassVar[Mapping[str, str]]
    illegal: ClassVar[tuple[str, str]]
    """A hyperparameter and a value that breaks its rule."""

    @abstractmethod
    def training_data(self) -> Data:
        """Return the rows to learn from, the same at every call."""

    @abstractmethod
    def fresh_data(self) -> Data:
        """Return rows of the same kind that are not among those learnt from."""

    @abstractmethod
    def quality(self, predictions: Predictions, labels: Floats) -> float:
        """Return how good ``predictions`` of the fresh data are; more is better."""

    @abstractmethod
    def reference_quality(self) -> float:
        """Return the least quality that will do: what a trusted library reaches, less a stated allowance."""

    def test_card_is_complete(self) -> None:
        """Every hyperparameter is described, its default is legal, and every regex finds one value."""
        card = describe(self.algorithm)
        assert card["TrainingChannels"]
        for entry in card["SupportedHyperParameters"]:
            assert len(entry["Description"]) > len("Valid values: ."), entry["Name"]
        for metric in card["MetricDefinitions"]:
            assert re.compile(metric["Regex"]).groups == 1, metric["Name"]
        for name, field in self.algorithm.Params.declared.items():
            if field.default is not REQUIRED and field.default is not None:
                field.parse(self.algorithm.Params.defaults()[name])

    def test_same_data_same_model(self, tmp_path: Path) -> None:
        """Training twice writes the same bytes."""
        written = []
        for attempt in ("first", "second"):
            folder = tmp_path / attempt
            folder.mkdir()
            self._saved(folder, self.algorithm.accepts[0])
            files = sorted(path for path in (folder / "model").rglob("*") if path.is_file())
            written.append([(path.name, path.read_bytes()) for path in files])
        assert written[0]
        assert written[0] == written[1]

    def test_loaded_model_predicts_the_same_whatever_it_was_trained_from(self, tmp_path: Path) -> None:
        """A model loaded from its files answers as the one in memory, for every type of training data."""
        batch = Batch(self.fresh_data()[0])
        answers = []
        for number, content_type in enumerate(self.algorithm.accepts):
            folder = tmp_path / str(number)
            folder.mkdir()
            answers.append(self._saved(folder, content_type).predict(batch))
            answers.append(self.algorithm.load(folder / "model").predict(batch))
        for answer in answers[1:]:
            assert answer.fields.keys() == answers[0].fields.keys()
            for name, column in answer.fields.items():
                np.testing.assert_allclose(column, answers[0].fields[name], rtol=1e-6)

    def test_every_request_type_is_answered_in_every_response_type(self, tmp_path: Path) -> None:
        """All requests that write the same rows get the same answer, whatever its type."""
        model = self._saved(tmp_path, self.algorithm.accepts[0])
        rows = self.fresh_data()[0][:3]
        for accept in self.algorithm.responses:
            answers = {
                ENCODERS[accept](model.predict(DECODERS[request](_request(rows, request))))
                for request in self.algorithm.requests
            }
            assert len(answers) == 1, accept
            assert answers.pop()

    def test_rows_that_do_not_fit_are_refused(self, tmp_path: Path) -> None:
        """A row with one feature too many is the client's mistake."""
        model = self._saved(tmp_path, self.algorithm.accepts[0])
        width = self.fresh_data()[0].shape[1]
        with pytest.raises(ClientError, match=str(width + 1)):
            model.predict(Batch(np.zeros((1, width + 1), np.float32)))

    def test_illegal_hyperparameters_are_named(self) -> None:
        """The message names the hyperparameter, its value, and one that does not exist."""
        name, value = self.illegal
        given = {**self.hyperparameters, name: value, "no_such_thing": "1"}
        with pytest.raises(ClientError) as caught:
            self.algorithm.Params.parse(given)
        assert f"{value!r} is not a valid value of hyperparameter {name!r}" in str(caught.value)
        assert "'no_such_thing' was unexpected" in str(caught.value)

    def test_what_a_platform_adds_is_accepted(self) -> None:
        """Keys that SDKs and tuners add to every job do no harm."""
        added = {"_tuning_objective_metric": "m", "_kvstore": "auto", "_num_gpus": "auto"}
        params = self.algorithm.Params.parse({**self.hyperparameters, **added})
        assert params.tuning_objective == "m"

    def test_log_holds_metrics(self, tmp_path: Path) -> None:
        """Some metric is found in the log, and every value found is a number."""
        stream = io.StringIO()
        self._saved(tmp_path, self.algorithm.accepts[0], Report(stream=stream))
        log = stream.getvalue()
        values = [value for metric in self.algorithm.metrics for value in re.findall(metric.regex, log)]
        assert values
        assert all(math.isfinite(float(value)) for value in values)

    def test_quality_reaches_the_references(self, tmp_path: Path) -> None:
        """The model is as good as a trusted library's."""
        features, labels = self.fresh_data()
        model = self._saved(tmp_path, self.algorithm.accepts[0])
        assert self.quality(model.predict(Batch(features)), labels) >= self.reference_quality()

    def _saved(self, folder: Path, content_type: str, report: Report | None = None) -> Algorithm[Any]:
        """Train on the training data in ``content_type`` and save the model under ``folder``."""
        data = folder / "train"
        data.mkdir()
        (data / "part-0").write_bytes(_training_file(*self.training_data(), content_type))
        model = self.algorithm()
        model.train(
            self.algorithm.Params.parse(self.hyperparameters),
            {"train": Channel("train", data, content_type)},
            report or Report(stream=io.StringIO()),
            Host(),
        )
        (folder / "model").mkdir()
        model.save(folder / "model")
        return model


def _training_file(features: Floats, labels: Floats, content_type: str) -> bytes:
    if content_type == media_type.RECORDIO:
        return recordio.write(features, labels)
    if content_type == media_type.PARQUET:
        return _parquet(features, labels)
    return _lines(np.column_stack([labels, features]))


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
    instances = [{"features": row} for row in rows.tolist()]
    if content_type == media_type.JSON:
        return json.dumps({"instances": instances}).encode()
    return "\n".join(map(json.dumps, instances)).encode()


def _lines(table: Floats) -> bytes:
    return "\n".join(",".join(map(repr, row)) for row in table.tolist()).encode()
