"""What any algorithm must do, ours or yours: subclass the contract in a test file and fill in its data.

::

    class TestMyAlgorithm(AlgorithmContract):
        algorithm = MyAlgorithm
        hyperparameters = {"k": "3"}
        illegal = ("k", "0")

        def channels(self, folder): ...
        def requests(self): ...
        def quality(self, model): ...
        def reference_quality(self): ...

Of an algorithm that reads and answers rows of numbers, ``TabularContract`` asks less and tests more.
"""

# ruff: noqa: S101 - these are tests, though they are shipped

import io
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from clary.toolkit import media_type
from clary.toolkit.algorithm import Algorithm, AlgorithmType
from clary.toolkit.channel import Channel
from clary.toolkit.describe import describe
from clary.toolkit.errors import ClientError
from clary.toolkit.host import Host
from clary.toolkit.hyperparameters import REQUIRED
from clary.toolkit.report import Report
from clary.toolkit.request import Request


@dataclass(frozen=True, slots=True)
class Trained:
    """A model in memory, the folder that it was saved into, and the log of its training."""

    model: Algorithm[Any]
    folder: Path
    log: str


class AlgorithmContract(ABC):
    """The specification of an algorithm in executable form."""

    algorithm: ClassVar[AlgorithmType]
    hyperparameters: ClassVar[Mapping[str, str]]
    illegal: ClassVar[tuple[str, str]]
    """A hyperparameter and a value that breaks its rule."""

    @abstractmethod
    def channels(self, folder: Path) -> dict[str, Channel]:
        """Write the data to learn from below ``folder``, the same at every call, and return the channels."""

    @abstractmethod
    def requests(self) -> Sequence[Request]:
        """Return requests of the hosted model, in all types it reads and all types it answers."""

    @abstractmethod
    def quality(self, model: Algorithm[Any]) -> float:
        """Return how good the model is on data that it has not seen; more is better."""

    @abstractmethod
    def reference_quality(self) -> float:
        """Return the least quality that will do: what a trusted library reaches, less a stated allowance."""

    @pytest.fixture(scope="class")
    @classmethod
    def trained(cls, tmp_path_factory: pytest.TempPathFactory) -> Trained:
        """Train once for all tests of the class."""
        return cls().train(tmp_path_factory.mktemp("trained"))

    def train(self, folder: Path) -> Trained:
        """Train below ``folder`` and save the model."""
        return self.train_on(self.channels(folder), folder / "model")

    def train_on(self, channels: Mapping[str, Channel], folder: Path) -> Trained:
        """Train on ``channels`` and save the model into ``folder``."""
        stream = io.StringIO()
        model = self.algorithm()
        model.train(
            self.algorithm.Params.parse(self.hyperparameters), channels, Report(stream=stream), Host()
        )
        folder.mkdir()
        model.save(folder)
        return Trained(model, folder, stream.getvalue())

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

    def test_same_data_same_model(self, trained: Trained, tmp_path: Path) -> None:
        """Training twice writes the same bytes."""
        first, second = _files(trained.folder), _files(self.train(tmp_path).folder)
        assert first
        assert first == second

    def test_loaded_model_answers_the_same(self, trained: Trained) -> None:
        """A model loaded from its files answers every request as the one in memory."""
        loaded = self.algorithm.load(trained.folder)
        for request in self.requests():
            expected = trained.model.answer(request)
            answer = loaded.answer(request)
            assert answer.content_type == expected.content_type
            body = _whole(answer.body)
            assert body
            assert body == _whole(expected.body)

    def test_every_type_is_asked_and_answered(self, trained: Trained) -> None:
        """The requests are in all types that the algorithm says it reads, the answers in all it writes."""
        requests = self.requests()
        asked = {media_type.parse(request.content_type).name for request in requests}
        answered = {media_type.parse(trained.model.answer(request).content_type).name for request in requests}
        assert asked == set(self.algorithm.requests)
        assert answered == set(self.algorithm.responses)

    def test_types_that_are_not_known_are_refused(self, trained: Trained) -> None:
        """What cannot be read answers 415, what cannot be written 406, and both name the type."""
        request = self.requests()[0]
        for status, unknown in (
            (415, replace(request, content_type="font/x-none")),
            (406, replace(request, accept="font/x-none")),
        ):
            with pytest.raises(ClientError, match="font/x-none") as caught:
                trained.model.answer(unknown)
            assert caught.value.status == status

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

    def test_log_holds_metrics(self, trained: Trained) -> None:
        """Some metric is found in the log, and every value found is a number."""
        shown = trained.log.replace("\t", "#011")  # as the platform's log has it
        values = [value for metric in self.algorithm.metrics for value in re.findall(metric.regex, shown)]
        assert values
        assert all(math.isfinite(float(value.partition("#011")[0])) for value in values)

    def test_quality_reaches_the_references(self, trained: Trained) -> None:
        """The model is as good as a trusted library's."""
        assert self.quality(trained.model) >= self.reference_quality()


def _files(folder: Path) -> list[tuple[str, bytes]]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [(path.relative_to(folder).as_posix(), path.read_bytes()) for path in files]


def _whole(body: Any) -> bytes:
    return body if isinstance(body, bytes) else b"".join(body)
