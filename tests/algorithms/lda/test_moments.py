"""Moments tell the topics and priors of documents, and whitening makes the second moment the identity."""

import numpy as np
import pytest

from clary.algorithms.lda.decomposition import Limits
from clary.algorithms.lda.moments import Moments
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.blocks import Blocks
from clary.toolkit.sparse import nonzero
from tests.algorithms.lda.conftest import SIDE, TOPICS, bars, documents

LIMITS = Limits(restarts=5, iterations=1000, tolerance=1e-9)


def blocks_of(counts: Floats, parts: int = 1) -> Blocks:
    blocks = Blocks(size=1)
    for part in np.array_split(counts, parts):
        blocks.append(Batch(nonzero(part)))
    return blocks


def test_topics_and_priors_are_found() -> None:
    counts, _ = documents(6000)
    found = Moments(blocks_of(counts), SIDE * SIDE, 1.0).topics(TOPICS, LIMITS, np.random.default_rng(0))
    np.testing.assert_allclose(found.topics.sum(axis=0), 1, atol=0.2)
    assert found.prior == pytest.approx(1 / TOPICS, abs=0.05)
    distances = np.abs(found.topics.T[:, None] - bars()[None]).sum(axis=2)
    assert sorted(distances.argmin(axis=1)) == list(range(TOPICS))
    assert distances.min(axis=1).max() < 0.3


def test_half_of_the_topics_are_those_of_the_greatest_priors() -> None:
    random = np.random.default_rng(0)
    prior = np.array([0.4, 0.3, 0.075, 0.075, 0.075, 0.075])
    counts = [random.multinomial(60, random.dirichlet(prior) @ bars().astype(float)) for _ in range(6000)]
    blocks = blocks_of(np.array(counts, np.float32))
    found = Moments(blocks, SIDE * SIDE, 1.0).topics(3, LIMITS, np.random.default_rng(0))
    assert found.prior[0] == pytest.approx(0.4, abs=0.08)
    assert found.prior[1] == pytest.approx(0.3, abs=0.08)
    nearest = np.abs(found.topics.T[:2, None] - bars()[None]).sum(axis=2).argmin(axis=1)
    assert nearest.tolist() == [0, 1]


def test_blocks_make_no_difference() -> None:
    counts, _ = documents(300)
    whole, parts = (
        Moments(blocks_of(counts, number), SIDE * SIDE, 1.0).topics(TOPICS, LIMITS, np.random.default_rng(0))
        for number in (1, 7)
    )
    np.testing.assert_allclose(whole.prior, parts.prior, rtol=1e-3)
    np.testing.assert_allclose(whole.topics, parts.topics, atol=1e-3)


def test_documents_that_are_alike_tell_of_no_more_topics_than_there_are() -> None:
    counts = np.tile(np.array([[3, 2, 0, 1]], np.float32), (50, 1))
    found = Moments(blocks_of(counts), 4, 1.0).topics(3, LIMITS, np.random.default_rng(0))
    assert found.topics.shape[1] < 3
    assert np.isfinite(found.topics).all()
