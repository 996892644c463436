"""Documents drawn from topics that are bars of a square of words."""

import numpy as np
import pytest

from clary.algorithms.lda.topics import Topics
from clary.toolkit.batch import Floats

SIDE, TOPICS, LENGTH = 4, 6, 60


def bars() -> Floats:
    """Return a topic for each row of a square and for some columns, (TOPICS, SIDE * SIDE)."""
    words = np.zeros((2 * SIDE, SIDE, SIDE), np.float32)
    for number in range(SIDE):
        words[number, number] = words[SIDE + number, :, number] = 1 / SIDE
    return words.reshape(2 * SIDE, -1)[:TOPICS]


def documents(count: int, seed: int = 0, alpha0: float = 1.0) -> tuple[Floats, Floats]:
    """Return counts of words, (count, words), and the mixtures that they were drawn from."""
    random, topics = np.random.default_rng(seed), bars().astype(float)
    mixtures = random.dirichlet(np.full(len(topics), alpha0 / len(topics)), count)
    counts = [random.multinomial(LENGTH, mixture @ topics) for mixture in mixtures]
    return np.array(counts, np.float32), mixtures.astype(np.float32)


@pytest.fixture
def topics() -> Topics:
    """Return the topics that the documents are drawn from."""
    words = bars() + np.float32(1e-3)
    return Topics(np.full(TOPICS, 1 / TOPICS, np.float32), words / words.sum(axis=1, keepdims=True))
