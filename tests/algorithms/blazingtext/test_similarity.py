"""Vectors are compared with people by ranks, ties and headings included."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from clary.algorithms.blazingtext import similarity
from clary.algorithms.blazingtext.vocabulary import Vocabulary
from clary.algorithms.blazingtext.word_vectors import WordVectors
from clary.toolkit.errors import ClientError
from tests.algorithms.blazingtext.conftest import written

WORDS = [b"a", b"b", b"c", b"d"]
VECTORS = np.random.default_rng(0).normal(0, 1, (4, 3)).astype(np.float32)
MODEL = WordVectors(Vocabulary(WORDS, np.ones(4, np.int64)), VECTORS, (0, 0, 0))


@pytest.mark.parametrize("between", ["\t", ",", " "])
def test_the_correlation_is_that_of_scipy(tmp_path: Path, between: str) -> None:
    pairs = [("a", "b", 9), ("a", "c", 2), ("b", "c", 2), ("c", "d", 5), ("b", "d", 1)]
    lines = [between.join([first, second.upper(), str(worth)]) for first, second, worth in pairs]
    channel = written(tmp_path / "validation", ["Word Word Human", *lines, "a zz 3", ""])
    found = similarity.compared(MODEL, channel)
    directions = dict(zip("abcd", VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True), strict=True))
    alike = [directions[first] @ directions[second] for first, second, _ in pairs]
    assert found["mean_rho"] == pytest.approx(spearmanr(alike, [worth for *_, worth in pairs]).statistic)
    assert found["part-0"]["not_found"] == 1


def test_pairs_that_are_not_known_say_nothing(tmp_path: Path) -> None:
    channel = written(tmp_path / "validation", ["x y 1", "z q 2"])
    assert similarity.compared(MODEL, channel)["mean_rho"] == 0


def test_another_file_is_refused(tmp_path: Path) -> None:
    channel = written(tmp_path / "validation", ["a b 1", "a b"])
    with pytest.raises(ClientError, match="line 2 is not two words and a number"):
        similarity.compared(MODEL, channel)
