"""The words and labels that a model knows."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from clary.algorithms.blazingtext.corpus import END, LABEL, Corpus, Ints, Longs
from clary.toolkit.cluster import Cluster
from clary.toolkit.errors import ClientError

DROPPED = -2
"""In place of a token that is not known."""

BREAK = -1
"""In place of the end of a line, where that is no word."""


@dataclass(slots=True)
class Vocabulary:
    """Words and labels, the most frequent first, and how often each occurs."""

    words: list[bytes]
    word_counts: Longs
    labels: list[bytes] = field(default_factory=list)
    label_counts: Longs = field(default_factory=lambda: np.empty(0, np.int64))
    tokens: int = 0
    """Tokens of the text that it was learnt from, unknown ones included."""
    numbers: dict[bytes, int] = field(init=False)
    """The number of each word, and that of each label beyond them."""

    def __post_init__(self) -> None:
        self.numbers = {token: number for number, token in enumerate([*self.words, *self.labels])}

    @classmethod
    def of(cls, corpus: Corpus, cluster: Cluster, min_count: int, *, labelled: bool) -> "Vocabulary":
        """Return what occurs ``min_count`` times in the text of all hosts, and all labels if ``labelled``.

        The end of a line is a word of texts that have labels, as in fastText. Raises ClientError when no word
        is left.
        """
        tokens, counts = _of_all_hosts(corpus, cluster)
        total = int(counts.sum())
        is_label = np.array([labelled and token.startswith(LABEL) for token in tokens])
        kept = (counts >= max(min_count, 1)) & ~is_label
        kept[0] &= labelled
        words, labels = _ordered(np.flatnonzero(kept), counts), _ordered(np.flatnonzero(is_label), counts)
        if not len(words):
            raise ClientError(
                f"No word occurs {min_count} times in channel 'train': lower hyperparameter 'min_count', or "
                "check that the data are text, one sentence a line."
            )
        return cls(_taken(tokens, words), counts[words], _taken(tokens, labels), counts[labels], tokens=total)

    def renumbering(self, corpus: Corpus) -> Ints:
        """Return the number here of each token of ``corpus``, ``DROPPED`` where it has none."""
        get = self.numbers.get
        table = np.fromiter((get(token, DROPPED) for token in corpus.tokens), np.int32)
        if END not in self.numbers:
            table[0] = BREAK
        return table


def _of_all_hosts(corpus: Corpus, cluster: Cluster) -> tuple[list[bytes], Longs]:
    """Return the tokens of all hosts, the same list on each, and their counts."""
    if cluster.size == 1:
        return corpus.tokens, corpus.counts
    text = np.frombuffer(b"".join(token + b"\n" for token in corpus.tokens), np.uint8)
    tokens = cluster.gather(text).tobytes().split(b"\n")[:-1]
    counts = cluster.gather(corpus.counts)
    union: dict[bytes, int] = {}
    numbers = np.fromiter((union.setdefault(token, len(union)) for token in tokens), np.int64, len(tokens))
    return list(union), np.bincount(numbers, counts).astype(np.int64)


def _ordered(chosen: Longs, counts: Longs) -> Longs:
    return chosen[np.argsort(-counts[chosen], kind="stable")]


def _taken(tokens: list[bytes], chosen: Iterable[int]) -> list[bytes]:
    return [tokens[number] for number in chosen]
