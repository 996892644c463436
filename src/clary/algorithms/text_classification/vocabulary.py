"""The words that a model knows, and texts as their numbers."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Longs = npt.NDArray[np.int64]

LENGTH = 192
"""Words of a text that a model reads."""

_LARGEST = 30_000
_WORD = re.compile(r"\w+|[^\w\s]")
PADDING, UNKNOWN = 0, 1


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words in the order of their numbers, from 2 on; 0 is no word, 1 one that is not known."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Vocabulary":
        """Return the most frequent words of ``texts``."""
        counts = Counter(word for text in texts for word in _split(text))
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return cls(tuple(word for word, _ in ordered[:_LARGEST]))

    def __len__(self) -> int:
        return len(self.words) + 2

    def numbers(self, texts: Sequence[str]) -> Longs:
        """Return the words of each text, (texts, words of the longest), at least one a text."""
        known = {word: number for number, word in enumerate(self.words, 2)}
        rows = [[known.get(word, UNKNOWN) for word in _split(text)[:LENGTH]] or [UNKNOWN] for text in texts]
        found = np.full((len(rows), max(map(len, rows))), PADDING, np.int64)
        for place, row in enumerate(rows):
            found[place, : len(row)] = row
        return found


def _split(text: str) -> list[str]:
    return _WORD.findall(text.lower())
