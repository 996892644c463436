"""A job that was interrupted goes on from its checkpoint to the very same model."""

import io
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clary.algorithms.linear_learner import LinearLearner
from clary.toolkit.channel import Channel
from clary.toolkit.checkpoints import Checkpoints
from clary.toolkit.formats import recordio
from clary.toolkit.host import Host
from clary.toolkit.report import Report, is_worth_a_line

GIVEN = {"predictor_type": "binary_classifier", "epochs": "6", "early_stopping_patience": "6"}


class _Interrupted(Exception):  # noqa: N818 - it is no error
    """The machine was taken away."""


class _Until(Report):
    """Ends the job in the way a power cut does, after an epoch."""

    def __init__(self, epoch: int) -> None:
        super().__init__(stream=io.StringIO())
        self._last = epoch

    def progress(self, percent: int) -> None:
        super().progress(percent)
        self._last -= 1
        if self._last < 0:
            raise _Interrupted


def trained(folder: Path, report: Report, checkpoints: Checkpoints | None = None, **more: str) -> Any:
    random = np.random.default_rng(0)
    features = random.normal(size=(4000, 5)).astype(np.float32)
    labels = (features[:, 0] + random.normal(size=4000) > 0).astype(np.float32)
    (folder / "train").mkdir(exist_ok=True)
    (folder / "train" / "data").write_bytes(recordio.write(features, labels))
    model = LinearLearner()
    params = LinearLearner.Params.parse({**GIVEN, **more})
    channels = {"train": Channel("train", folder / "train")}
    model.train(params, channels, report, Host(checkpoints=checkpoints))
    assert model.model is not None
    return model.model.weights


def test_the_model_is_that_of_a_job_without_interruption(tmp_path: Path) -> None:
    expected = trained(tmp_path, Report(stream=io.StringIO()))
    checkpoints = Checkpoints(tmp_path / "checkpoints", "algo-1")
    with pytest.raises(_Interrupted):
        trained(tmp_path, _Until(3), checkpoints)
    log = io.StringIO()
    found = trained(tmp_path, Report(stream=log), checkpoints)
    assert "Resumed from the checkpoint after epoch 2" in log.getvalue()
    assert "epoch=2," not in log.getvalue()
    assert "epoch=3, train" in log.getvalue()
    np.testing.assert_array_equal(found, expected)


def test_other_hyperparameters_start_anew(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "checkpoints", "algo-1")
    trained(tmp_path, Report(stream=io.StringIO()), checkpoints)
    log = io.StringIO()
    trained(tmp_path, Report(stream=log), checkpoints, mini_batch_size="500")
    assert "training starts anew" in log.getvalue()
    assert "epoch=0, train" in log.getvalue()


def test_a_million_epochs_are_few_lines() -> None:
    told = [epoch for epoch in range(1_000_000) if is_worth_a_line(epoch)]
    assert told[:1000] == list(range(1000))
    assert len(told) < 5000
    assert max(later / earlier for earlier, later in pairwise(told[1000:])) < 1.011
