"""BLEU, how alike translations are to what they should be (Papineni et al., 2002)."""

import math
from collections import Counter
from collections.abc import Sequence

_LONGEST = 4


def bleu(found: Sequence[Sequence[int]], wanted: Sequence[Sequence[int]]) -> float:
    """Return the BLEU of sequences, one reference each, from 0 to 1."""
    right, told = [0] * _LONGEST, [0] * _LONGEST
    for one, other in zip(found, wanted, strict=True):
        for length in range(1, _LONGEST + 1):
            first, second = _runs(one, length), _runs(other, length)
            right[length - 1] += sum((first & second).values())
            told[length - 1] += sum(first.values())
    if min(right) == 0:
        return 0.0
    precision = sum(math.log(part / whole) for part, whole in zip(right, told, strict=True)) / _LONGEST
    short = sum(map(len, wanted)) / max(sum(map(len, found)), 1)
    return math.exp(precision + min(0.0, 1 - short))


def _runs(tokens: Sequence[int], length: int) -> Counter[tuple[int, ...]]:
    return Counter(tuple(tokens[at : at + length]) for at in range(len(tokens) - length + 1))
