"""Models in fastText's binary format, version 12: what BlazingText calls ``model.bin``.

Little endian: the magic number 793712314 and the version; twelve numbers and a real, the settings; the
dictionary, each entry a text that a zero ends, its count in 64 bits and its kind, 0 a word and 1 a label; a
byte that tells whether what follows is quantized; the table of inputs, its shape in 64 bits and its values;
the same again for that of outputs.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from clary.algorithms.blazingtext.vocabulary import Vocabulary
from clary.toolkit.batch import Floats
from clary.toolkit.errors import ClientError

CBOW, SKIPGRAM, SUPERVISED = 1, 2, 3

_MAGIC, _VERSION = 793712314, 12
_HEAD, _SETTINGS, _DICTIONARY = struct.Struct("<ii"), struct.Struct("<12id"), struct.Struct("<iiiqq")
_ENTRY, _SHAPE = struct.Struct("<qb"), struct.Struct("<qq")
_UPDATES = 100  # lrUpdateRate, which only fastText's own training reads
_BLOCK = 4096  # rows


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a model by fastText's names."""

    dim: int
    ws: int
    epoch: int
    min_count: int
    neg: int
    word_ngrams: int
    loss: int
    model: int
    bucket: int
    minn: int
    maxn: int
    t: float


@dataclass(frozen=True, slots=True)
class FastTextModel:
    """A model as the file has it; ``inputs`` may lie in the file still."""

    settings: Settings
    vocabulary: Vocabulary
    inputs: Floats
    outputs: Floats


def write(path: Path, model: FastTextModel) -> None:
    """Write a model; blocks of zeros, such as rows of buckets never used, take no room on the disk."""
    given, vocabulary = model.settings, model.vocabulary
    numbers = [given.dim, given.ws, given.epoch, given.min_count, given.neg, given.word_ngrams]
    numbers += [given.loss, given.model, given.bucket, given.minn, given.maxn, _UPDATES]
    words, labels = len(vocabulary.words), len(vocabulary.labels)
    with path.open("wb") as file:
        file.write(_HEAD.pack(_MAGIC, _VERSION) + _SETTINGS.pack(*numbers, given.t))
        file.write(_DICTIONARY.pack(words + labels, words, labels, vocabulary.tokens, -1))
        for kind, tokens, counts in (
            (0, vocabulary.words, vocabulary.word_counts),
            (1, vocabulary.labels, vocabulary.label_counts),
        ):
            for token, count in zip(tokens, counts.tolist(), strict=True):
                file.write(token + b"\0" + _ENTRY.pack(count, kind))
        for table in (model.inputs, model.outputs):
            file.write(b"\0" + _SHAPE.pack(*table.shape))
            for at in range(0, len(table), _BLOCK):
                block = np.ascontiguousarray(table[at : at + _BLOCK], "<f4")
                if block.any():
                    file.write(block.tobytes())
                else:
                    file.seek(block.nbytes, 1)
        file.truncate()


def read(path: Path) -> FastTextModel:
    """Return the model in a file, whose inputs stay there; raises ClientError for what is none."""
    try:
        with path.open("rb") as file:
            return _parsed(file, path)
    except (OSError, ValueError, struct.error) as error:
        raise ClientError(f"{path} is not a model that fastText or BlazingText wrote: {error}.") from error


def _parsed(file: BinaryIO, path: Path) -> FastTextModel:
    if _unpacked(file, _HEAD) != (_MAGIC, _VERSION):
        raise ValueError("its first bytes are others, or of another version than 12")
    *numbers, t = _unpacked(file, _SETTINGS)
    dim, ws, epoch, min_count, neg, word_ngrams, loss, model, bucket, minn, maxn, _ = map(int, numbers)
    settings = Settings(dim, ws, epoch, min_count, neg, word_ngrams, loss, model, bucket, minn, maxn, t)
    size, words, labels, tokens, pruned = (int(number) for number in _unpacked(file, _DICTIONARY))
    if pruned >= 0:
        raise ValueError("it is quantized, which is not supported")
    entries = list(_entries(file, size))
    counts = np.array([count for _, count, _ in entries], np.int64)
    kinds = [kind for *_, kind in entries]
    if kinds != [0] * words + [1] * labels:
        raise ValueError("its words and labels are not in order")
    names = [token for token, *_ in entries]
    vocabulary = Vocabulary(names[:words], counts[:words], names[words:], counts[words:], tokens)
    tables = []
    for _ in range(2):
        if file.read(1) != b"\0":
            raise ValueError("it is quantized, which is not supported")
        rows, width = _unpacked(file, _SHAPE)
        at = file.tell()
        table = np.memmap(path, np.dtype("<f4"), "r", at, (int(rows), int(width)))
        file.seek(at + table.nbytes)
        tables.append(table)
    return FastTextModel(settings, vocabulary, tables[0], np.array(tables[1]))


def _unpacked(file: BinaryIO, form: struct.Struct) -> tuple[float, ...]:
    return form.unpack(file.read(form.size))


def _entries(file: BinaryIO, count: int) -> Iterator[tuple[bytes, int, int]]:
    for _ in range(count):
        token = bytearray()
        while (byte := file.read(1)) != b"\0":
            if not byte:
                raise ValueError("it ends within its dictionary")
            token += byte
        number, kind = _ENTRY.unpack(file.read(_ENTRY.size))
        yield bytes(token), number, kind
