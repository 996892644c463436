"""A linear learner trained in memory."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from clary.algorithms.linear_learner import LinearLearner
from clary.toolkit.batch import Floats
from clary.toolkit.channel import Channel
from clary.toolkit.formats import recordio
from clary.toolkit.host import Host
from clary.toolkit.report import Report

Train = Callable[..., tuple[LinearLearner, str]]


@pytest.fixture
def train(tmp_path: Path) -> Train:
    """Return a function from channels of (features, labels) to the trained model and its log."""

    def run(
        hyperparameters: dict[str, object], report: Report | None = None, **data: tuple[Floats, Floats]
    ) -> tuple[LinearLearner, str]:
        stream = io.StringIO()
        channels = {}
        for name, (features, labels) in data.items():
            folder = tmp_path / name
            folder.mkdir(exist_ok=True)
            (folder / "data").write_bytes(recordio.write(features, labels))
            channels[name] = Channel(name, folder)
        model = LinearLearner()
        params = LinearLearner.Params.parse({name: str(value) for name, value in hyperparameters.items()})
        model.train(params, channels, report or Report(stream=stream), Host())
        return model, stream.getvalue()

    return run
