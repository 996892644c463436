"""Seasonal series for DeepAR, and one thread for torch."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from clary.algorithms.deepar import DeepAR
from clary.toolkit.channel import Channel
from clary.toolkit.host import Host
from tests.algorithms.conftest import trained

Train = Callable[..., tuple[DeepAR, str]]

GIVEN: dict[str, object] = {
    "time_freq": "H",
    "context_length": 12,
    "prediction_length": 6,
    "epochs": 2,
    "mini_batch_size": 16,
    "num_cells": 8,
    "num_layers": 1,
    "dropout_rate": 0,
}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def document(number: int = 0, length: int = 60, **besides: Any) -> dict[str, Any]:
    """Return a series of a daily pattern."""
    hours = np.arange(length)
    target = (number + 2) * (2 + np.sin(2 * np.pi * hours / 24))
    return {"start": "2024-01-01 00:00:00", "target": target.tolist(), **besides}


def written(folder: Path, documents: list[dict[str, Any]]) -> Channel:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "series.json").write_text("".join(json.dumps(each) + "\n" for each in documents))
    return Channel(folder.name, folder)


@pytest.fixture
def train(tmp_path: Path) -> Train:
    """Return a function from documents and hyperparameters to the model and its log."""

    def run(
        documents: list[dict[str, Any]],
        test: list[dict[str, Any]] | None = None,
        host: Host | None = None,
        **given: object,
    ) -> tuple[DeepAR, str]:
        channels = {"train": written(tmp_path / "train", documents)}
        if test is not None:
            channels["test"] = written(tmp_path / "test", test)
        model, log = trained(DeepAR, {**GIVEN, **given}, channels, host or Host())
        assert isinstance(model, DeepAR)
        return model, log

    return run
