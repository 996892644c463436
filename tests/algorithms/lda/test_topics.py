"""Mixtures are found, with and without the kernel, and are what other libraries find."""

import numpy as np
import pytest

from clary.algorithms.lda import topics as module
from clary.algorithms.lda.topics import Inference, Topics
from clary.toolkit.batch import Floats
from clary.toolkit.sparse import nonzero
from tests.algorithms.lda.conftest import SIDE, documents


@pytest.fixture(params=["kernel", "numpy"], autouse=True)
def compiled(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "numpy":
        monkeypatch.setattr(module, "kernels", None)


def expected(topics: Topics, document: Floats) -> Floats:
    """Return the fixed point for one document by its definition."""
    words = np.flatnonzero(document)
    shares, mixture = np.zeros((len(topics.prior), len(words))), np.ones(len(topics.prior))
    for _ in range(1000):
        shares = (mixture[:, None] - shares) * topics.words[:, words]
        shares /= shares.sum(axis=0)
        mixture = topics.prior + shares @ document[words]
    return mixture.astype(np.float32)


def test_mixtures_are_the_fixed_point(topics: Topics) -> None:
    counts, _ = documents(700, seed=1)
    found = Inference(topics).mixtures(nonzero(counts))
    for number in (0, 350, 699):
        fixed = expected(topics, counts[number])
        np.testing.assert_allclose(found[number], fixed / fixed.sum(), atol=0.005)


def test_mixtures_are_near_those_that_documents_were_drawn_from(topics: Topics) -> None:
    counts, mixtures = documents(300, seed=2)
    found = Inference(topics).mixtures(nonzero(counts))
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)
    assert np.abs(found - mixtures).mean() < 0.03
    np.testing.assert_array_equal(found[:5], Inference(topics).mixtures(nonzero(counts[:5])))


def test_expected_words_add_up_to_all_words(topics: Topics) -> None:
    counts, _ = documents(50)
    found = Inference(topics).expected(nonzero(counts))
    assert found.shape == topics.words.shape
    np.testing.assert_allclose(found.sum(axis=0), counts.sum(axis=0), rtol=1e-4)


def test_documents_without_words_have_the_prior_and_unknown_words_do_no_harm() -> None:
    topics = Topics(np.array([0.2, 0.6], np.float32), np.array([[1, 0, 0], [0, 1, 0]], np.float32))
    rows = nonzero(np.array([[0, 0, 0], [0, 0, 5], [4, 0, 5]], np.float32))
    found = Inference(topics).mixtures(rows)
    np.testing.assert_allclose(found[:2], [[0.25, 0.75]] * 2, rtol=1e-5)
    np.testing.assert_allclose(found[2], [4.2 / 4.8, 0.6 / 4.8], rtol=1e-5)
    assert len(Inference(topics).mixtures(nonzero(np.zeros((0, 3), np.float32)))) == 0


def test_likelihood_is_that_of_the_mixtures(topics: Topics) -> None:
    counts, _ = documents(20)
    rows = nonzero(counts)
    chances = Inference(topics).mixtures(rows) @ topics.words
    assert Inference(topics).log_likelihood(rows) == pytest.approx(
        float((counts * np.log(chances)).sum()), rel=1e-5
    )
    assert counts.shape[1] == SIDE * SIDE
