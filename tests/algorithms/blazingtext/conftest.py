"""Texts whose structure is known: sentences about one of some topics, each with words of its own."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clary.algorithms.blazingtext import BlazingText
from clary.toolkit.channel import Channel
from clary.toolkit.host import Host
from clary.toolkit.report import Report

Train = Callable[..., tuple[Any, str]]

TOPICS, WORDS = 6, 8


def sentences(count: int, seed: int = 0, *, labelled: bool = False) -> list[str]:
    """Return sentences of nine words of one topic, such as ``t3w5``, with some that belong to none."""
    random = np.random.default_rng(seed)
    found = []
    for topic in random.integers(0, TOPICS, count):
        words = [f"t{topic}w{word}" for word in random.integers(0, WORDS, 9)]
        words += [f"any{word}" for word in random.integers(0, WORDS, 4)]
        random.shuffle(words)
        found.append(" ".join([f"__label__{topic}", *words] if labelled else words))
    return found


def topics_kept(words: list[str], vectors: Any) -> float:
    """Return the share of words of topics whose seven nearest words are of their own topic."""
    directions = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    alike = directions @ directions.T - 2 * np.eye(len(words))
    own = [row for row, word in enumerate(words) if word.startswith("t")]
    near = np.argsort(-alike, axis=1)[:, : WORDS - 1]
    return float(np.mean([words[other][:2] == words[row][:2] for row in own for other in near[row]]))


def written(folder: Path, lines: list[str]) -> Channel:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "part-0").write_text("".join(line + "\n" for line in lines))
    return Channel(folder.name, folder, "text/plain")


@pytest.fixture
def train_text(tmp_path: Path) -> Train:
    """Return a function from lines of channels to the trained model and its log."""

    def run(given: dict[str, object], **lines: list[str]) -> tuple[Any, str]:
        channels = {name: written(tmp_path / name, found) for name, found in lines.items()}
        stream = io.StringIO()
        model = BlazingText()
        params = BlazingText.Params.parse({name: str(value) for name, value in given.items()})
        model.train(params, channels, Report(stream=stream), Host())
        return model, stream.getvalue()

    return run
