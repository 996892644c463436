"""Moments of documents, and the topics they tell of.

After Anandkumar, Ge, Hsu, Kakade and Telgarsky, "Tensor decompositions for learning latent variable models"
(2014). Words of one document are drawn independently given its topics, so the second and the third moments of
pairs and triples of words, less what their means make likely, are sums of the topics' own second and third
powers. Whitened by the second moment, the topics are orthonormal, and the third moment is a tensor of topics
by topics by topics however many words there are.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clary.algorithms.lda.decomposition import Doubles, Limits, decompose
from clary.toolkit.blocks import Blocks
from clary.toolkit.sparse import Sparse

_SPARE = 10  # directions beyond those wanted that make the rest exact
_PASSES = 3
_MORE = 1.25  # topics looked for, as a multiple of those wanted
_LEAST = 1e-9  # relative to the greatest eigenvalue: below it a direction is rounding


@dataclass(frozen=True, slots=True)
class Found:
    """Topics as columns, (words, topics), not yet distributions, and the prior of each, (topics,)."""

    topics: Doubles
    prior: Doubles


class Moments:
    """The moments of documents, each of three words or more, in ``blocks`` of sparse rows."""

    def __init__(self, blocks: Blocks, width: int, alpha0: float) -> None:
        self._blocks, self._width, self._alpha0 = blocks, width, alpha0
        self._documents = len(blocks)
        sums = np.zeros((width, 3))
        for rows, weights in self._weighted():
            sums += _transposed(rows, weights)
        self._mean, self._twice, self._thrice = (sums / self._documents).T

    def topics(self, count: int, limits: Limits, random: np.random.Generator) -> Found:
        """Return ``count`` topics, or fewer where the documents do not tell of so many.

        A quarter more are looked for, and those of the smallest prior dropped.
        """
        values, directions = self._principal(min(int(np.ceil(_MORE * count)), self._width), random)
        whitening = directions / np.sqrt(values)
        weights, vectors = decompose(self._third(whitening), limits, random)
        mean = whitening.T @ self._mean
        alpha0 = self._alpha0
        prior = np.square(mean @ vectors) * alpha0 / (alpha0 + 1)
        topics = (directions * np.sqrt(values)) @ (vectors * weights) * (alpha0 + 2) / 2
        kept = np.argsort(-prior, kind="stable")[:count]
        return Found(topics[:, kept], prior[kept])

    def _weighted(self) -> Iterator[tuple[Sparse, Doubles]]:
        """Yield documents, with what a word, a pair and a triple of each counts, (documents, 3)."""
        for block in self._blocks:
            rows = block.rows
            if not isinstance(rows, Sparse):
                raise TypeError("documents are kept as sparse rows")
            words = np.add.reduceat(rows.values, rows.starts[:-1], dtype=np.float64)
            weights = 1 / np.cumprod(words[:, None] - np.arange(3), axis=1)
            yield rows, weights

    def _second(self, columns: Doubles) -> Doubles:
        """Return the product of the second moment with ``columns``, (words, any)."""
        found = np.zeros(columns.shape)
        for rows, weights in self._weighted():
            found += _transposed(rows, _product(rows, columns) * weights[:, 1:2])
        likely = np.outer(self._mean, self._mean @ columns) * self._alpha0 / (self._alpha0 + 1)
        found /= self._documents
        found -= self._twice[:, None] * columns + likely
        return found

    def _principal(self, count: int, random: np.random.Generator) -> tuple[Doubles, Doubles]:
        """Return the greatest eigenvalues of the second moment and their vectors, (words, count).

        Randomized subspace iteration needs products only (Halko, Martinsson and Tropp, 2011).
        """
        basis = random.normal(size=(self._width, min(count + _SPARE, self._width)))
        for _ in range(_PASSES):
            basis, _ = np.linalg.qr(self._second(basis))
        small = basis.T @ self._second(basis)
        values, vectors = np.linalg.eigh((small + small.T) / 2)
        order = np.arange(len(values))[::-1][:count]
        order = order[values[order] > _LEAST * values[-1]] if values[-1] > 0 else order[:0]
        return values[order], basis @ vectors[:, order]

    def _third(self, whitening: Doubles) -> Doubles:
        """Return the third moment, whitened, (size, size, size)."""
        size, alpha0 = whitening.shape[1], self._alpha0
        triples, pairs = np.zeros((size, size, size)), np.zeros((size, size))
        repeated = np.zeros(whitening.shape)
        for rows, weights in self._weighted():
            found = _product(rows, whitening)
            once = found * weights[:, 2:]
            for number, column in enumerate(once.T):
                triples[number] += (found * column[:, None]).T @ found
            pairs += found.T @ (found * weights[:, 1:2])
            repeated += _transposed(rows, once)
        mean = whitening.T @ self._mean
        pairs = pairs / self._documents - (whitening * self._twice[:, None]).T @ whitening
        same = _cubed(whitening, whitening, repeated / self._documents)
        likely = np.multiply.outer(pairs, mean)
        moment = triples / self._documents - _turned(same)
        moment += 2 * _cubed(whitening * self._thrice[:, None], whitening, whitening)
        moment -= alpha0 / (alpha0 + 2) * _turned(likely)
        certain = np.multiply.outer(np.outer(mean, mean), mean)
        moment += 2 * alpha0**2 / ((alpha0 + 1) * (alpha0 + 2)) * certain
        return moment


def _product(rows: Sparse, columns: Doubles) -> Doubles:
    return rows.dot(columns.astype(np.float32)).astype(np.float64)


def _transposed(rows: Sparse, columns: Doubles) -> npt.NDArray[np.float32]:
    return rows.gradient(columns.astype(np.float32), np.empty((rows.width, columns.shape[1]), np.float32))


def _cubed(first: Doubles, second: Doubles, third: Doubles) -> Doubles:
    """Return the sum over words of the outer products of three rows, (size, size, size)."""
    return np.stack([(first * column[:, None]).T @ second for column in third.T], axis=2)


def _turned(tensor: Doubles) -> Doubles:
    """Return the sum of a tensor that is symmetric in its first two places over the places of the third."""
    return tensor + tensor.transpose(0, 2, 1) + tensor.transpose(2, 1, 0)
