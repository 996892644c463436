"""Vectors of words by skip-gram, CBOW, and skip-gram in batches that share negatives.

Mikolov et al., "Distributed Representations of Words and Phrases and their Compositionality" (2013); batches
of Ji et al., "Parallelizing Word2Vec in Shared and Distributed Memory" (2016), which BlazingText took up.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from clary.algorithms.blazingtext import subwords
from clary.algorithms.blazingtext.corpus import Corpus, Ints
from clary.algorithms.blazingtext.pace import Pace
from clary.algorithms.blazingtext.params import BATCH_SKIPGRAM, BlazingTextParams
from clary.algorithms.blazingtext.steps import Sampling
from clary.algorithms.blazingtext.tables import Tables
from clary.algorithms.blazingtext.vocabulary import DROPPED, Vocabulary
from clary.toolkit.batch import Floats
from clary.toolkit.cluster import Cluster
from clary.toolkit.report import Report

_SEED = 17
_MODES = ("skipgram", "cbow", BATCH_SKIPGRAM)
_POWER = 0.75
_LEAST_PLACES, _PLACES_PER_WORD = 2**17, 16
_MERGES = 10
"""How often in a pass hosts bring their tables together."""


class WordVectors:
    """The vectors of a vocabulary, and of what else is made of its subwords.

    ``vectors`` are those of the words and then of the buckets, (words + buckets, dim).
    """

    def __init__(self, vocabulary: Vocabulary, vectors: Floats, form: tuple[int, int, int]) -> None:
        self.vocabulary, self.vectors = vocabulary, vectors
        self.min_char, self.max_char, self.buckets = form

    def of(self, words: Sequence[bytes]) -> Floats:
        """Return the vectors of words, (words, dim): zeros for unknown ones that have no subwords."""
        found = np.zeros((len(words), self.vectors.shape[1]), np.float32)
        for each, word in enumerate(words):
            number = self.vocabulary.numbers.get(word)
            parts = subwords.parts(word, self.min_char, self.max_char, self.buckets) if self.buckets else []
            rows = [] if number is None else [number]
            rows += [len(self.vocabulary.words) + part for part in parts]
            if rows:
                found[each] = self.vectors[rows].mean(axis=0)
        return found


def learnt(
    corpus: Corpus, params: BlazingTextParams, report: Report, cluster: Cluster
) -> tuple[WordVectors, Tables]:
    """Return the vectors of the words in the text of all hosts."""
    vocabulary = Vocabulary.of(corpus, cluster, params.min_count, labelled=False)
    words = len(vocabulary.words)
    report.info(f"Vocabulary of {words} words from {vocabulary.tokens} tokens")
    buckets = params.buckets if params.subwords else 0
    tables = Tables(words + buckets, words, params.vector_dim)
    random = np.random.default_rng(_SEED)
    spread = 0.5 / params.vector_dim
    for at in range(0, words, 4096):
        room = tables.vectors[at : min(at + 4096, words)]
        room[:] = random.uniform(-spread, spread, room.shape)
    rows = None
    if buckets:
        rows = subwords.rows_of_words(vocabulary.words, params.min_char, params.max_char, buckets)
    sampling = Sampling(
        _MODES.index(params.mode), params.negative_samples, params.batch_size, _noise(vocabulary), rows
    )
    _Learner(corpus, vocabulary, params, cluster).learn(tables, sampling, report)
    form = (params.min_char, params.max_char, buckets)
    return WordVectors(vocabulary, tables.vectors, form), tables


class _Learner:
    """Goes over the text, in parts of as many tokens on each host, after each of which tables are merged."""

    def __init__(
        self, corpus: Corpus, vocabulary: Vocabulary, params: BlazingTextParams, cluster: Cluster
    ) -> None:
        self._corpus, self._params, self._cluster = corpus, params, cluster
        self._numbers = vocabulary.renumbering(corpus)
        share = vocabulary.word_counts / max(int(vocabulary.word_counts.sum()), 1)
        share = params.sampling_threshold / share
        self._kept = np.append(np.sqrt(share) + share, [1.0, 1.0]).astype(np.float32)  # a break, at -1, stays
        self._random = np.random.default_rng((_SEED, cluster.rank))

    def learn(self, tables: Tables, sampling: Sampling, report: Report) -> None:
        """Move ``tables`` in all passes."""
        pace = Pace(report, self._params.learning_rate, len(self._corpus) * self._params.epochs)
        merges = _MERGES if self._cluster.size > 1 else 1
        for _ in range(self._params.epochs):
            for part in range(merges):
                before = _copied(tables) if self._cluster.size > 1 else ()
                bounds = [len(self._corpus) * edge // merges for edge in (part, part + 1)]
                for block in self._corpus.blocks(pace.block, *bounds):
                    if report.stopping:
                        break
                    tables.learn_words(*self._sampled(block), sampling, pace.rate())
                    pace.went(len(block))
                _merge(tables, before, self._cluster)
            if self._cluster.total(float(report.stopping)):
                break
        pace.end()

    def _sampled(self, block: Ints) -> tuple[Ints, Ints]:
        """Return the words to learn from, of frequent ones a part, and how far their windows go."""
        numbers = self._numbers[block]
        keep = self._random.random(len(numbers), np.float32) < self._kept[numbers]
        keep &= numbers != DROPPED
        numbers = np.ascontiguousarray(numbers[keep])
        reach = self._random.integers(1, self._params.window_size + 1, len(numbers), np.int32)
        return numbers, reach


def _noise(vocabulary: Vocabulary) -> Ints:
    """Return words as often as they are to be drawn as negatives, in a power of two of places."""
    wanted = max(_LEAST_PLACES, _PLACES_PER_WORD * len(vocabulary.words))
    places = 1 << (wanted - 1).bit_length()
    sums = np.cumsum(vocabulary.word_counts**_POWER)
    edges = np.round(sums / sums[-1] * places).astype(np.int64)
    return np.repeat(np.arange(len(edges), dtype=np.int32), np.diff(edges, prepend=0))


def _copied(tables: Tables) -> tuple[Floats, ...]:
    return tables.inputs.copy(), tables.outputs.copy()


def _merge(tables: Tables, before: Sequence[Floats], cluster: Cluster) -> None:
    """Move each row by the mean of what the hosts that have touched it moved it by."""
    for now, old in zip((tables.inputs, tables.outputs), before, strict=False):
        for at in _slices(len(now)):
            change: Floats = np.subtract(now[at], old[at])
            touched = cluster.merge(np.asarray(change.any(axis=1), np.int32))
            now[at] = old[at] + cluster.merge(change) / np.maximum(touched, 1)[:, None]


def _slices(rows: int) -> Iterator[slice]:
    return (slice(at, at + 65536) for at in range(0, rows, 65536))
