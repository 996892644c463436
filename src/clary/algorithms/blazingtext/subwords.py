"""Parts of words and runs of words, by the hash that gives them their rows in fastText.

Bojanowski et al., "Enriching Word Vectors with Subword Information" (2017), and Joulin et al., "Bag of Tricks
for Efficient Text Classification" (2017).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from clary.algorithms.blazingtext.corpus import END, Ints, Longs

_OFFSET, _PRIME, _WORD = 2166136261, 16777619, 0xFFFFFFFF
_RUN = np.uint64(116049371)
_SIGN, _BELOW_ZERO = 0x80, 0xFFFFFF00
_CONTINUES = 0xC0  # the two high bits of a byte within a character of UTF-8 are 10

_MIXED = tuple(byte | (_BELOW_ZERO if byte & _SIGN else 0) for byte in range(256))
"""Each byte as the signed one that fastText takes it for."""


def hashed(token: bytes) -> int:
    """Return the 32-bit FNV-1a hash of a token, over signed bytes."""
    value = _OFFSET
    for byte in token:
        value = (value ^ _MIXED[byte]) * _PRIME & _WORD
    return value


def parts(word: bytes, least: int, most: int, buckets: int) -> list[int]:
    """Return the buckets of the subwords of ``least`` to ``most`` characters of a word; its end has none."""
    if word == END or not most:
        return []
    marked = b"<" + word + b">"
    starts = [at for at, byte in enumerate(marked) if byte & _CONTINUES != _SIGN]
    bounds = [*starts, len(marked)]
    found = []
    for first in range(len(starts)):
        value = _OFFSET
        for length in range(1, min(most, len(starts) - first) + 1):
            last = first + length
            for byte in marked[bounds[last - 1] : bounds[last]]:
                value = (value ^ _MIXED[byte]) * _PRIME & _WORD
            bracket = length == 1 and (first == 0 or last == len(starts))
            if length >= least and not bracket:
                found.append(value % buckets)
    return found


def rows_of_words(words: Sequence[bytes], least: int, most: int, buckets: int) -> tuple[Longs, Ints]:
    """Return the rows that make up each word: its own and those of its subwords, beyond all words."""
    rows = [
        [number, *(len(words) + part for part in parts(word, least, most, buckets))]
        for number, word in enumerate(words)
    ]
    starts = np.zeros(len(words) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=starts[1:])
    return starts, np.concatenate(rows).astype(np.int32)


def runs(hashes: npt.NDArray[np.uint32], line: Longs, length: int, buckets: int) -> tuple[Longs, Longs]:
    """Return the runs of 2 to ``length`` words within lines: where each begins, and its bucket.

    ``hashes`` are those of the words, ``line`` the number of the line of each.
    """
    signed = hashes.astype(np.int32).astype(np.int64).astype(np.uint64)
    value = signed.copy()
    begins, buckets_of = [], []
    for extra in range(1, length):
        count = len(value) - 1
        if count < 1:
            break
        value = value[:count] * _RUN + signed[extra:]
        within = np.flatnonzero(line[:count] == line[extra:])
        begins.append(within)
        buckets_of.append((value[within] % np.uint64(buckets)).astype(np.int64))
    if not begins:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    return np.concatenate(begins), np.concatenate(buckets_of)
