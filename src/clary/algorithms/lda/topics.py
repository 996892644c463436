"""Topics: the chances of words in each of them, and how much of each is in a document."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clary.toolkit.batch import Floats
from clary.toolkit.native import Kernels, kernels
from clary.toolkit.sparse import Sparse

_LANES = 8  # topics that the kernel takes at a time
_BLOCK = 512  # documents that are taken at a time without it
_ROUNDS = 100
_TOLERANCE = 1e-4  # of a mixture, in terms of the document's words


@dataclass(frozen=True, slots=True)
class Topics:
    """``prior``, (topics,), and ``words``, (topics, vocabulary), each row of which adds up to 1."""

    prior: Floats
    words: Floats


class Inference:
    """Finds mixtures by fixed-point iteration: the prior, plus the words expected of each topic.

    What a word is expected to come from depends on its chances in each topic and on what the rest of the
    document has of the topics: zero-order collapsed variational inference (Asuncion, Welling, Smyth and Teh,
    "On smoothing and inference for topic models", 2009).
    """

    def __init__(self, topics: Topics) -> None:
        count, vocabulary = topics.words.shape
        padded = -(-count // _LANES) * _LANES
        self._count = count
        self._words = np.zeros((vocabulary, padded), np.float32)
        self._words[:, :count] = topics.words.T
        self._prior = np.zeros(padded, np.float32)
        self._prior[:count] = topics.prior

    def mixtures(self, rows: Sparse) -> Floats:
        """Return the share of each topic in each document, (documents, topics), adding up to 1."""
        found = self._found(rows, None)[:, : self._count]
        found /= found.sum(axis=1, keepdims=True)
        return found

    def log_likelihood(self, rows: Sparse) -> float:
        """Return the logarithm of the chance of all words, given the mixtures of their documents."""
        mixtures, total = self.mixtures(rows), 0.0
        for at in range(0, len(rows), _BLOCK):
            part = rows.slice(at, min(at + _BLOCK, len(rows)))
            words = self._words[part.indices, : self._count]
            chances = np.sum(mixtures[at + part.numbers()] * words, axis=1, dtype=np.float64)
            total += float(part.values @ np.log(np.maximum(chances, np.finfo(np.float64).tiny)))
        return total

    def expected(self, rows: Sparse) -> Floats:
        """Return how often each word is expected to come from each topic, (topics, vocabulary)."""
        sums = np.zeros_like(self._words)
        self._found(rows, sums)
        return sums[:, : self._count].T

    def _found(self, rows: Sparse, sums: Floats | None) -> Floats:
        mixtures = np.ones((len(rows), self._words.shape[1]), np.float32)
        if kernels:
            self._find_compiled(kernels, rows, mixtures, sums)
            return mixtures
        for at in range(0, len(rows), _BLOCK):
            part = rows.slice(at, min(at + _BLOCK, len(rows)))
            self._find(part, mixtures[at : at + _BLOCK], sums)
        return mixtures

    def _find_compiled(self, compiled: Kernels, rows: Sparse, mixtures: Floats, sums: Floats | None) -> None:
        longest = int(np.diff(rows.starts).max(initial=0))
        room = np.empty((1 + longest, len(self._prior)), np.float32)
        tolerance = np.array([_TOLERANCE], np.float32)
        ends = 0 if sums is None else sums.ctypes.data
        pointers = (rows.starts, rows.indices, rows.values)
        compiled.topic_mixtures(
            *(each.ctypes.data for each in pointers),
            len(rows),
            self._words.ctypes.data,
            self._prior.ctypes.data,
            len(self._prior),
            _ROUNDS,
            tolerance.ctypes.data,
            mixtures.ctypes.data,
            ends,
            room.ctypes.data,
        )

    def _find(self, rows: Sparse, mixtures: Floats, sums: Floats | None) -> None:
        """Do the same for all documents at a time; those that are done stay as they are."""
        words, numbers = self._words[rows.indices], rows.numbers()
        totals = np.bincount(numbers, rows.values, len(rows)) + self._prior.sum()
        once = np.minimum(rows.values, 1)[:, None]
        shares, going = np.zeros_like(words), np.ones(len(rows), bool)
        for _ in range(_ROUNDS):
            fresh = _normalised(np.maximum(mixtures[numbers] - once * shares, 0) * words)
            shares = np.where(going[numbers, None], fresh, shares)
            found = self._prior + _added(numbers, shares * rows.values[:, None], len(rows))
            change = np.abs(found - mixtures).max(axis=1)
            mixtures[going] = found[going]
            going &= change > _TOLERANCE * totals
            if not going.any():
                break
        if sums is not None:
            sums += _added(rows.indices, shares * rows.values[:, None], len(sums))


def _normalised(shares: Floats) -> Floats:
    """Make each row add up to 1, unless all of it is 0."""
    totals = shares.sum(axis=1, keepdims=True)
    np.divide(shares, totals, out=shares, where=totals > 0)
    return shares


def _added(places: npt.NDArray[np.integer], shares: Floats, count: int) -> Floats:
    """Return the sum of the shares of each place, (count, topics)."""
    order = np.argsort(places, kind="stable")
    found = np.zeros((count, shares.shape[1]), np.float32)
    filled, starts = np.unique(places[order], return_index=True)
    if len(filled):
        found[filled] = np.add.reduceat(shares[order], starts, axis=0)
    return found
