"""Vectors of words in the two formats of word2vec: ``vectors.txt`` and ``vectors.bin``."""

from pathlib import Path

import numpy as np

from clary.algorithms.blazingtext.vocabulary import Vocabulary
from clary.toolkit.batch import Floats
from clary.toolkit.errors import ClientError

TEXT, BINARY = "vectors.txt", "vectors.bin"


def write(folder: Path, words: list[bytes], vectors: Floats) -> None:
    """Write both: the numbers of words and of values, then each word and its values."""
    head = b"%d %d\n" % vectors.shape
    row = " ".join(["%.6g"] * vectors.shape[1])
    with (folder / TEXT).open("wb") as text, (folder / BINARY).open("wb") as binary:
        text.write(head)
        binary.write(head)
        for word, vector in zip(words, vectors, strict=True):
            text.write(word + b" " + (row % tuple(vector.tolist())).encode() + b"\n")
            binary.write(word + b" " + vector.astype("<f4").tobytes() + b"\n")


def read(folder: Path) -> tuple[Vocabulary, Floats]:
    """Return words and vectors, (words, dim), of the binary one; raises ClientError when it is none."""
    path = folder / BINARY
    try:
        content = path.read_bytes()
        head, _, rest = content.partition(b"\n")
        count, width = map(int, head.split())
        return _parsed(rest, count, width)
    except (OSError, ValueError) as error:
        raise ClientError(f"{path} does not hold vectors as word2vec writes them: {error}.") from error


def _parsed(content: bytes, count: int, width: int) -> tuple[Vocabulary, Floats]:
    words, vectors = [], np.empty((count, width), np.float32)
    at = 0
    for number in range(count):
        end = content.index(b" ", at)
        words.append(content[at:end].lstrip(b"\n"))
        vectors[number] = np.frombuffer(content, "<f4", width, end + 1)
        at = end + 1 + 4 * width
    return Vocabulary(words, np.zeros(count, np.int64)), vectors
