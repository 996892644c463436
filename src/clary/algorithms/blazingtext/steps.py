"""The steps of learning in NumPy, for where the kernels were not compiled; they do what ``words.c`` does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clary.algorithms.blazingtext.corpus import Ints, Longs
from clary.toolkit.batch import Floats

SKIPGRAM, CBOW, BATCH_SKIPGRAM = range(3)

_GOLDEN, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_SHIFTS = tuple(map(np.uint64, (30, 27, 31)))
_FAR = 8.0

Pair = tuple[Floats, Floats]
"""The tables of inputs and outputs."""

State = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How examples are made of sentences: the mode, its sizes, and the words that negatives are drawn from.

    ``noise`` has a power of two of places. ``subwords`` are, where words have any, where the rows of each
    word start, (words + 1,), and these rows.
    """

    mode: int
    negatives: int
    batch: int
    noise: Ints
    subwords: tuple[Longs, Ints] | None = None

    def rows(self, word: int) -> Ints:
        """Return the rows that make up a word."""
        if self.subwords is None:
            return np.array([word], np.int32)
        starts, rows = self.subwords
        return rows[starts[word] : starts[word + 1]]


@dataclass(frozen=True, slots=True)
class Paths:
    """The ways to labels in the tree of a hierarchical softmax: ``nodes``, and whether to go right there."""

    starts: Longs
    nodes: Ints
    sides: Floats


def through_words(
    tables: Pair, sentences: tuple[Ints, Ints], sampling: Sampling, rate: float, state: State
) -> None:
    """Go through sentences, whose words ``state`` gives negatives to."""
    tokens, reach = sentences
    breaks = np.flatnonzero(tokens < 0)
    for start, stop in zip([0, *(breaks + 1)], [*breaks, len(tokens)], strict=True):
        for at in range(start, stop):
            before = tokens[max(start, at - reach[at]) : at]
            window = np.concatenate([before[::-1], tokens[at + 1 : min(stop, at + reach[at] + 1)]])
            _window(tables, (tokens[at], window), sampling, rate, state)


def _window(tables: Pair, seen: tuple[int, Ints], sampling: Sampling, rate: float, state: State) -> None:
    word, window = seen
    size = {SKIPGRAM: 1, CBOW: max(len(window), 1)}.get(sampling.mode, sampling.batch)
    for at in range(0, len(window), size):
        rows = [sampling.rows(each) for each in window[at : at + size]]
        if sampling.mode == CBOW:
            rows = [np.concatenate(rows)]
        drawn = sampling.noise[_drawn(state, sampling.negatives) & np.uint64(len(sampling.noise) - 1)]
        wanted = np.append(np.float32(1), np.zeros(len(drawn), np.float32))
        valid = np.append(True, drawn != word)

        def slopes(scores: Floats, wanted: Floats = wanted, valid: npt.NDArray[np.bool_] = valid) -> Floats:
            return rate * valid * (wanted - _logistic(scores))

        for own, back in zip(rows, _moved(tables, rows, np.append(word, drawn), slopes), strict=True):
            np.add.at(tables[0], own, back)


def through_texts(
    tables: Pair, texts: tuple[Longs, Ints], labels: Ints, paths: Paths | None, rate: float
) -> None:
    """Go through texts, each the mean of some rows, whose labels are to be told."""
    starts, rows = texts
    every = np.arange(len(tables[1]), dtype=np.int32)
    for text, label in enumerate(labels):
        own = rows[starts[text] : starts[text + 1]]
        if not len(own):
            continue
        if paths is None:
            targets, wanted, squash = every, (every == label).astype(np.float32), softmax
        else:
            span = slice(paths.starts[label], paths.starts[label + 1])
            targets, wanted, squash = paths.nodes[span], paths.sides[span], _logistic

        def slopes(
            scores: Floats, wanted: Floats = wanted, squash: Callable[[Floats], Floats] = squash
        ) -> Floats:
            return rate * (wanted - squash(scores))

        (back,) = _moved(tables, [own], targets, slopes)
        np.add.at(tables[0], own, back / len(own))


def _moved(tables: Pair, inputs: Sequence[Ints], targets: Ints, slopes: Callable[[Floats], Floats]) -> Floats:
    """Move the targets of hidden layers, each the mean of rows; return what moves each layer."""
    hidden = np.stack([tables[0][rows].mean(axis=0) for rows in inputs])
    seen = tables[1][targets]
    steep = slopes(hidden @ seen.T).astype(np.float32)
    np.add.at(tables[1], targets, steep.T @ hidden)
    return np.asarray(steep @ seen, np.float32)


def softmax(scores: Floats) -> Floats:
    """Return probabilities, in the last dimension."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)


def _logistic(scores: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(scores, -_FAR, _FAR))), np.float32)


def _drawn(state: State, count: int) -> State:
    """Return the next numbers of Steele, Lea and Flood's SplitMix64."""
    words: State = state[0] + np.uint64(_GOLDEN) * np.arange(1, count + 1, dtype=np.uint64)
    state[0] = words[-1]
    words = (words ^ words >> _SHIFTS[0]) * np.uint64(_FIRST)
    words = (words ^ words >> _SHIFTS[1]) * np.uint64(_SECOND)
    return words ^ words >> _SHIFTS[2]
