"""BLEU counts runs of one to four tokens, none of them twice, and short translations lose."""

import math

import pytest

from clary.algorithms.seq2seq.bleu import bleu


def test_equal_sequences_have_one() -> None:
    assert bleu([[1, 2, 3, 4, 5], [6, 7, 8, 9]], [[1, 2, 3, 4, 5], [6, 7, 8, 9]]) == pytest.approx(1)


def test_runs_count_as_often_as_they_are_wanted() -> None:
    found, wanted = [[1, 2, 3, 4, 1, 2]], [[1, 2, 3, 4, 5, 6]]
    expected = math.exp(sum(map(math.log, (4 / 6, 3 / 5, 2 / 4, 1 / 3))) / 4)
    assert bleu(found, wanted) == pytest.approx(expected)


def test_short_ones_lose() -> None:
    assert bleu([[1, 2, 3, 4]], [[1, 2, 3, 4, 5, 6]]) == pytest.approx(math.exp(1 - 6 / 4))


def test_without_runs_of_four_there_is_nothing() -> None:
    assert bleu([[1, 2, 3]], [[1, 2, 3]]) == 0
