"""Documents of some topics, each with words of its own and a few of all, and one thread for torch."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from clary.toolkit.batch import Floats

TOPICS, OWN, COMMON = 4, 8, 6
FEATURES = TOPICS * OWN + COMMON


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def documents(count: int, seed: int = 0) -> tuple[Floats, Floats]:
    """Return counts of words, (count, features), and the main topic of each document."""
    random = np.random.default_rng(seed)
    words = np.zeros((TOPICS, FEATURES))
    for topic in range(TOPICS):
        words[topic, topic * OWN : (topic + 1) * OWN] = 0.8 / OWN
        words[topic, TOPICS * OWN :] = 0.2 / COMMON
    weights = random.dirichlet(np.full(TOPICS, 0.15), count)
    counts = np.array([random.multinomial(60, each @ words) for each in weights], np.float32)
    return counts, weights.argmax(axis=1).astype(np.float32)


def purity(weights: Floats, topics: Floats) -> float:
    """Return the share of documents whose heaviest topic is the one that most with their own have."""
    found = weights.argmax(axis=1)
    counts = np.zeros((TOPICS, weights.shape[1]))
    np.add.at(counts, (topics.astype(int), found), 1)
    return float(counts.max(axis=0).sum() / len(topics))
