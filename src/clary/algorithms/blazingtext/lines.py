"""Lines of tokens as the rows that a classifier adds up: words, subwords, and runs of words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clary.algorithms.blazingtext import subwords
from clary.algorithms.blazingtext.corpus import END, LABEL, Ints, Longs
from clary.algorithms.blazingtext.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Form:
    """What rows a model has beside those of its words: runs of words, and subwords where it has any."""

    word_ngrams: int
    buckets: int
    min_char: int = 0
    max_char: int = 0


@dataclass(frozen=True, slots=True)
class Texts:
    """Lines: where the rows of each start, (lines + 1,), these rows, and the labels with their lines."""

    starts: Longs
    rows: Ints
    labels: Ints
    lines_of_labels: Longs

    def __len__(self) -> int:
        return len(self.starts) - 1


class Lines:
    """Turns numbers of ``tokens`` into rows; unknown words count in runs of words, as in fastText."""

    def __init__(self, vocabulary: Vocabulary, tokens: Sequence[bytes], form: Form) -> None:
        self._vocabulary, self._form = vocabulary, form
        self._hashes = np.array([subwords.hashed(token) for token in tokens], np.uint32)
        self._is_label = np.array([token.startswith(LABEL) for token in tokens])
        numbers = vocabulary.numbers
        self._labels = np.array([numbers.get(token, -1) for token in tokens], np.int32) - len(
            vocabulary.words
        )
        rows = [self._rows(token) for token in tokens]
        self._starts = np.cumsum([0, *map(len, rows)])
        self._parts = np.array([row for each in rows for row in each], np.int32)
        self._end = tokens.index(END)

    def of(self, block: Ints) -> Texts:
        """Return whole lines of numbers as texts."""
        line = np.cumsum(block == self._end) - (block == self._end)
        count = int(line[-1]) + 1
        is_label = self._is_label[block]
        labels, lines_of_labels = self._labels[block[is_label]], line[is_label]
        known = labels >= 0
        words, line = block[~is_label], line[~is_label]
        rows, lines_of_rows = self._expanded(words, line)
        if self._form.word_ngrams > 1:
            hashes, form = self._hashes[words], self._form
            begins, buckets = subwords.runs(hashes, line, form.word_ngrams, form.buckets)
            rows = np.concatenate([rows, (buckets + len(self._vocabulary.words)).astype(np.int32)])
            lines_of_rows = np.concatenate([lines_of_rows, line[begins]])
            order = np.argsort(lines_of_rows, kind="stable")
            rows, lines_of_rows = rows[order], lines_of_rows[order]
        starts = np.searchsorted(lines_of_rows, np.arange(count + 1))
        return Texts(starts.astype(np.int64), rows, labels[known], lines_of_labels[known])

    def _rows(self, token: bytes) -> list[int]:
        if token.startswith(LABEL):
            return []
        number, form, words = self._vocabulary.numbers.get(token), self._form, len(self._vocabulary.words)
        parts = subwords.parts(token, form.min_char, form.max_char, form.buckets) if form.max_char else []
        return [*([] if number is None else [number]), *(words + part for part in parts)]

    def _expanded(self, words: Ints, line: Longs) -> tuple[Ints, Longs]:
        """Return the rows of each word one after another, and the line of each row."""
        counts = np.diff(self._starts)[words]
        ends = np.cumsum(counts)
        places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(
            self._starts[words] - ends + counts, counts
        )
        return self._parts[places], np.repeat(line, counts)


def chosen(texts: Texts, random: np.random.Generator) -> Ints:
    """Return one label for each text, of several any; -1 where there is none."""
    counts = np.bincount(texts.lines_of_labels, minlength=len(texts))
    firsts = np.cumsum(counts) - counts
    found = np.full(len(texts), -1, np.int32)
    some = counts > 0
    picks = firsts + (random.random(len(texts)) * counts).astype(np.int64)
    found[some] = texts.labels[picks[some]]
    return found


def hits(texts: Texts, told: npt.NDArray[np.int64]) -> int:
    """Return how many texts have the label that is ``told`` of them."""
    return len(np.unique(texts.lines_of_labels[texts.labels == told[texts.lines_of_labels]]))


def labelled(texts: Texts) -> int:
    """Return how many texts have a label."""
    return len(np.unique(texts.lines_of_labels))
