"""Subwords and runs of words have the rows that fastText gives them; gensim knows those of subwords."""

import numpy as np
import pytest
from gensim.models.fasttext_inner import compute_ngrams_bytes, ft_hash_bytes
from hypothesis import given
from hypothesis import strategies as st

from clary.algorithms.blazingtext import subwords


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12), st.integers(2, 4))
def test_subwords_are_those_of_gensim(word: str, least: int) -> None:
    expected = [ft_hash_bytes(ngram) % 1000 for ngram in compute_ngrams_bytes(word, least, least + 2)]
    assert sorted(subwords.parts(word.encode(), least, least + 2, 1000)) == sorted(expected)


def test_brackets_alone_are_no_subwords() -> None:
    assert subwords.parts(b"a", 1, 1, 1000) == [subwords.hashed(b"a") % 1000]


def test_rows_of_words_follow_all_words() -> None:
    starts, rows = subwords.rows_of_words([b"ab", b"c"], 3, 3, 10)
    assert starts.tolist() == [0, 3, 5]
    assert rows[[0, 3]].tolist() == [0, 1]
    assert rows[1:3].tolist() == [2 + part for part in subwords.parts(b"ab", 3, 3, 10)]


def test_the_end_of_a_line_has_no_subwords() -> None:
    assert subwords.parts(b"</s>", 3, 6, 10) == []


@pytest.mark.parametrize("length", [2, 3])
def test_runs_are_hashed_as_in_fasttext(length: int) -> None:
    hashes = [subwords.hashed(word.encode()) for word in ("a", "ü", "c", "d")]
    signed = [value - (value >> 31 << 32) for value in hashes]
    line = np.array([0, 0, 0, 1])
    begins, buckets = subwords.runs(np.array(hashes, np.uint32), line, length, 1000)
    expected = []
    for first in range(3):
        value = signed[first]
        for last in range(first + 1, min(first + length, 3)):
            value = (value * 116049371 + signed[last]) % 2**64
            expected.append((first, value % 1000))
    assert sorted(zip(begins.tolist(), buckets.tolist(), strict=True)) == sorted(expected)
