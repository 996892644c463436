"""The steps of learning are the same by the kernels and by NumPy."""

import numpy as np
import pytest

from clary.algorithms.blazingtext import tables, tree
from clary.algorithms.blazingtext.steps import BATCH_SKIPGRAM, CBOW, SKIPGRAM, Sampling
from clary.algorithms.blazingtext.tables import Tables
from clary.toolkit.native import kernels

pytestmark = pytest.mark.skipif(kernels is None, reason="there is no C compiler")

WORDS, WIDTH = 30, 20


def made(outputs: int = WORDS) -> Tables:
    random = np.random.default_rng(1)
    found = Tables(WORDS, outputs, WIDTH)
    found.vectors[:] = random.normal(0, 0.1, found.vectors.shape)
    found.targets[:] = random.normal(0, 0.1, found.targets.shape)
    return found


def agree(first: Tables, second: Tables) -> None:
    assert not np.array_equal(first.inputs, made(len(first.outputs)).inputs)
    np.testing.assert_allclose(first.inputs, second.inputs, atol=2e-5)
    np.testing.assert_allclose(first.outputs, second.outputs, atol=2e-5)
    assert not first.inputs[:, WIDTH:].any()


@pytest.mark.parametrize("mode", [SKIPGRAM, CBOW, BATCH_SKIPGRAM])
@pytest.mark.parametrize("subwords", [False, True])
def test_words(mode: int, subwords: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    words = WORDS // 2 if subwords else WORDS
    tokens = random.integers(-1, words, 120, np.int32)
    reach = random.integers(1, 5, 120, np.int32)
    rows = None
    if subwords:
        counts = random.integers(1, 4, words)
        starts = np.append(0, np.cumsum(counts))
        rows = (starts, random.integers(0, WORDS, starts[-1], np.int32))
    sampling = Sampling(mode, 4, 3, random.integers(0, words, 64, np.int32), rows)
    by_kernel, by_numpy = made(), made()
    by_kernel.learn_words(tokens, reach, sampling, 0.05)
    by_kernel.learn_words(tokens, reach, sampling, 0.02)
    monkeypatch.setattr(tables, "kernels", None)
    by_numpy.learn_words(tokens, reach, sampling, 0.05)
    by_numpy.learn_words(tokens, reach, sampling, 0.02)
    agree(by_kernel, by_numpy)


@pytest.mark.parametrize("hierarchical", [False, True])
def test_texts(hierarchical: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    starts = np.append(0, np.cumsum(random.integers(0, 6, 40)))
    texts = (starts, random.integers(0, WORDS, starts[-1], np.int32))
    labels = random.integers(0, 7, 40, np.int32)
    paths = tree.paths(np.arange(7, 0, -1)) if hierarchical else None
    by_kernel, by_numpy = made(7), made(7)
    by_kernel.learn_texts(texts, labels, paths, 0.1)
    monkeypatch.setattr(tables, "kernels", None)
    by_numpy.learn_texts(texts, labels, paths, 0.1)
    agree(by_kernel, by_numpy)
