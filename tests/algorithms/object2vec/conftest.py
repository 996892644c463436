"""Pairs of sequences that go together when they are of one topic, and one thread for torch."""

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from clary.algorithms.object2vec import Object2Vec
from clary.toolkit.channel import Channel
from clary.toolkit.host import Host
from clary.toolkit.report import Report

Train = Callable[..., tuple[Any, str]]
Entry = dict[str, Any]

TOPICS, OWN = 4, 10
VOCABULARY = TOPICS * OWN


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def pairs(count: int, seed: int = 0) -> list[Entry]:
    """Return pairs of up to seven tokens each, half of one topic, with label 1, half of two."""
    random = np.random.default_rng(seed)
    found = []
    for number in range(count):
        first = int(random.integers(TOPICS))
        second = first if number % 2 else (first + int(random.integers(1, TOPICS))) % TOPICS
        made = [topic * OWN + random.integers(0, OWN, random.integers(3, 8)) for topic in (first, second)]
        found.append({"in0": made[0].tolist(), "in1": made[1].tolist(), "label": number % 2})
    return found


def written(folder: Path, entries: list[Entry]) -> Channel:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "part-0").write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return Channel(folder.name, folder, "application/jsonlines")


@pytest.fixture
def train_pairs(tmp_path: Path) -> Train:
    """Return a function from pairs in channels to the trained model and its log."""

    def run(given: dict[str, object], **entries: Any) -> tuple[Any, str]:
        channels = {
            name: found if isinstance(found, Channel) else written(tmp_path / name, found)
            for name, found in entries.items()
        }
        stream = io.StringIO()
        model = Object2Vec()
        params = Object2Vec.Params.parse({name: str(value) for name, value in given.items()})
        model.train(params, channels, Report(stream=stream), Host())
        return model, stream.getvalue()

    return run
