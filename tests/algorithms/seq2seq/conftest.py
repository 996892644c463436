"""A language that is another one backwards, and one thread for torch."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from clary.algorithms.seq2seq import Seq2Seq
from clary.algorithms.seq2seq.vocabulary import SPECIAL
from clary.toolkit import frame
from clary.toolkit.channel import Channel
from clary.toolkit.formats import record
from clary.toolkit.host import Host
from clary.toolkit.report import Report

Pair = tuple[list[int], list[int]]

WORDS = 6
SOURCE = {token: number for number, token in enumerate([*SPECIAL, *(f"s{word}" for word in range(WORDS))])}
TARGET = {token: number for number, token in enumerate([*SPECIAL, *(f"t{word}" for word in range(WORDS))])}


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def pairs(count: int, seed: int = 0) -> list[Pair]:
    """Return sequences of two or three words, and their translations, word for word from behind."""
    random = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        words = [int(word) + len(SPECIAL) for word in random.integers(0, WORDS, random.integers(2, 4))]
        found.append((words, words[::-1]))
    return found


def texts(pair: Pair) -> tuple[str, str]:
    """Return both sides of a pair in words."""
    source, target = pair
    return " ".join(f"s{number - 4}" for number in source), " ".join(f"t{number - 4}" for number in target)


def records(found: list[Pair]) -> bytes:
    return b"".join(
        frame.framed(record.int32_features("source", source) + record.int32_features("target", target))
        for source, target in found
    )


def channels(folder: Path, train: int = 300) -> dict[str, Channel]:
    """Write all channels below ``folder``."""
    contents = {
        "train/train.rec": records(pairs(train)),
        "validation/val.rec": records(pairs(60, seed=1)),
        "vocab/vocab.src.json": json.dumps(SOURCE).encode(),
        "vocab/vocab.trg.json": json.dumps(TARGET).encode(),
    }
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return {name: Channel(name, folder / name) for name in ("train", "validation", "vocab")}


def trained(given: dict[str, object], found: dict[str, Channel]) -> tuple[Any, str]:
    stream = io.StringIO()
    model = Seq2Seq()
    params = Seq2Seq.Params.parse({name: str(value) for name, value in given.items()})
    model.train(params, found, Report(stream=stream), Host())
    return model, stream.getvalue()
