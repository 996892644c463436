"""Text classification keeps the algorithm contract, with logistic regression on TF-IDF as the reference."""

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from clary.algorithms.text_classification import TextClassification
from clary.testing.algorithm_contract import AlgorithmContract
from clary.toolkit.algorithm import Algorithm
from clary.toolkit.channel import Channel
from clary.toolkit.request import Request

pytestmark = pytest.mark.contract

TOPICS = {
    "sport": "goal match team coach season player referee stadium league win",
    "weather": "rain sun cloud storm wind forecast snow degree humid cold",
    "money": "bank price market stock trade profit loan tax budget win",
}
FILLER = [
    "the",
    "a",
    "of",
    "and",
    "to",
    "in",
    "was",
    "is",
    "it",
    "for",
    "on",
    "with",
    "as",
    "by",
    "from",
    "at",
]


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def written(count: int, seed: int) -> list[tuple[str, str]]:
    """Return labels and texts in which few words tell the topic, and some tell another."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        label = list(TOPICS)[number % len(TOPICS)]
        words = [*random.choice(FILLER, 12), *random.choice(TOPICS[label].split(), 3)]
        words.append(random.choice(TOPICS[str(random.choice(list(TOPICS)))].split()))
        random.shuffle(words)
        rows.append((label, " ".join(words).capitalize() + "."))
    return rows


TRAINING, FRESH = written(300, 0), written(150, 1)


class TestTextClassification(AlgorithmContract):
    """The accuracy is not below that of the reference."""

    algorithm = TextClassification
    hyperparameters = MappingProxyType({"epochs": "12", "learning_rate": "0.003"})
    illegal = ("optimizer", "lbfgs")

    def channels(self, folder: Path) -> dict[str, Channel]:
        (folder / "training").mkdir()
        with (folder / "training" / "data.csv").open("w", newline="") as file:
            csv.writer(file).writerows(TRAINING)
        return {"training": Channel("training", folder / "training")}

    def requests(self) -> Sequence[Request]:
        text = FRESH[0][1].encode()
        return (
            Request("POST", "/invocations", "application/x-text", "", text),
            Request("POST", "/invocations", "application/x-text", "application/json;verbose", text),
        )

    def quality(self, model: Algorithm[Any]) -> float:
        right = 0
        for label, text in FRESH:
            request = Request("POST", "/", "application/x-text", "application/json;verbose", text.encode())
            answer = model.answer(request)
            assert isinstance(answer.body, bytes)
            right += json.loads(answer.body)["predicted_label"] == label
        return right / len(FRESH)

    def reference_quality(self) -> float:
        reference = make_pipeline(TfidfVectorizer(), LogisticRegression())
        reference.fit([text for _, text in TRAINING], [label for label, _ in TRAINING])
        return float(reference.score([text for _, text in FRESH], [label for label, _ in FRESH])) - 0.02
