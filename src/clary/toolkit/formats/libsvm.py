"""libsvm: a label and the features that are not zero, ``label[:weight] [qid:group] index:value ...`` a line.

Indices are counted from 0, so that data which count from 1 have a first feature that is always zero; with
``indexing_mode=1`` in the content type, as in the URIs of XGBoost, they are counted from 1. What follows a
``#`` is a comment. Source: the README of LIBSVM, and XGBoost's "Text Input Format of DMatrix".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from clary.toolkit.batch import Batch, Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import decimals
from clary.toolkit.media_type import MediaType
from clary.toolkit.native import Kernels, kernels
from clary.toolkit.source import MARGIN, Source, names, pieces
from clary.toolkit.sparse import Longs, Sparse

Array = npt.NDArray[Any]
Ints = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

_BLOCK = 256 * 1024  # of text, so that what is made of it stays in the cache
_KEPT = 128 * 1024 * 1024  # bytes of rows
_NEWLINE, _COLON, _BLANK, _ZERO = b"\n: 0"
_LARGEST = float(np.finfo(np.float32).max)
_LARGEST_INDEX = 2**31 - 2
_LARGEST_GROUP = 10**18 - 1
_GROUP = b" 9999999999:"  # what stands for qid where all are numbers; no index is as long
_BLANKS = re.compile(rb"[ \t\r]+")
_UNLABELLED = re.compile(rb"(?m)^(?=[ \t]*\d+:)")
_BREAKS = re.compile(rb" ?\n[ \n]*")
_COMMENT = re.compile(rb"#[^\n]*")
_NUMBER = re.compile(rb"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_STRANGE = re.compile(rb"[^\d\n :.+eqid-]", re.IGNORECASE)  # which no number has
_COMMAS = bytes.maketrans(b" :", b",,")


def indexing_mode(kind: MediaType) -> int:
    """Return what the first feature is called: the ``indexing_mode`` of the content type, 0 unless given."""
    text = kind.parameters.get("indexing_mode", "0")
    if text not in ("0", "1"):
        raise ClientError(f"indexing_mode={text} in the content type is neither 0 nor 1.")
    return int(text)


def read(sources: Sequence[Source], first: int = 0) -> Iterator[Batch]:
    """Yield the rows of ``sources``, all of the width that the greatest index anywhere tells.

    Where the rows found on the way to it are too many to be kept, all are read once more. ``first`` is what
    the first feature is called, 0 or 1. Raises ClientError that names file and line of what is malformed, and
    for a pipe.
    """
    for source in sources:
        if source.path.is_fifo():
            raise ClientError(
                f"{source.name}: libsvm cannot be read from a pipe, as its number of features is known at "
                "the end: use File or FastFile mode."
            )
    width, size = 0, 0
    kept: list[Batch] = []
    for batch in parts(sources, first):
        width, size = max(width, batch.rows.shape[1]), size + batch.rows.nbytes
        kept = [*kept, batch] if size <= _KEPT else []
    for batch in kept or parts(sources, first):
        yield batch.fitted(width)


def parts(sources: Sequence[Source], first: int = 0) -> Iterator[Batch]:
    """Yield the rows of ``sources`` in one pass, each batch as wide as its own greatest index tells."""
    found = False
    for source in sources:
        line = 1
        with source.open() as file:
            for piece in pieces(file, _BLOCK, _whole_lines):
                batch, lines = _rows(piece, source.name, line, first)
                line += lines
                if len(batch):
                    found = True
                    yield batch
    if not found:
        raise ClientError(f"{names(sources)}: the libsvm data is empty.")


def decode(body: bytes) -> Batch:
    """Return the rows of a request, which may begin with a label or not; raises ClientError.

    Nobody weighs the rows of a request, so what has a colon in the place of a label is a feature.
    """
    text = memoryview(_UNLABELLED.sub(b"0 ", body))
    batch = _rows(text, "The request body", 1, 0)[0] if body.strip() else None
    if not batch:
        raise ClientError("The request body is empty; send rows of the form 'label index:value ...'.")
    return batch


def write(rows: Sparse, labels: Floats) -> bytes:
    """Return the lines of ``rows`` with their ``labels``, (rows,)."""
    pairs = list(zip(rows.indices.tolist(), rows.values.tolist(), strict=True))
    spans = zip(rows.starts[:-1].tolist(), rows.starts[1:].tolist(), strict=True)
    lines = (
        " ".join([repr(label), *(f"{index}:{value!r}" for index, value in pairs[start:stop])])
        for label, (start, stop) in zip(labels.tolist(), spans, strict=True)
    )
    return "".join(f"{line}\n" for line in lines).encode()


def _whole_lines(buffer: bytearray, start: int, stop: int) -> int:
    """Return where the last whole line of ``buffer[start:stop]`` ends; ``start`` if there is none."""
    return max(buffer.rfind(b"\n", start, stop) + 1, start)


def _rows(text: memoryview, source: str, line: int, first: int) -> tuple[Batch, int]:
    """Return the rows of ``text``, and how many lines it has."""
    if text[-1] != _NEWLINE:
        text = memoryview(bytes(MARGIN) + text + b"\n" + bytes(MARGIN))[MARGIN:-MARGIN]
    content = bytes(text)
    found = _by_kernel(text, content, kernels) if kernels else _by_numpy(content)
    if found is None:
        raise ClientError(_complaint(content, source, line))
    if first and len(found.indices):
        if not found.indices.min():
            raise ClientError(f"{source}: it has a feature 0, but indexing_mode=1 counts features from 1.")
        found.indices -= 1
    return found.batch(), content.count(b"\n")


@dataclass(slots=True)
class _Found:
    """What some lines hold: per row where its features start, label, weight and group; then the features."""

    starts: Longs
    labels: Floats
    weights: Floats | None
    groups: Longs | None
    indices: Ints
    values: Floats

    def batch(self) -> Batch:
        """Return it as rows that end with the greatest index."""
        width = int(self.indices.max()) + 1 if len(self.indices) else 0
        return Batch(
            Sparse(self.starts, self.indices, self.values, width),
            self.labels[:, None],
            weights=self.weights,
            groups=self.groups,
            open_ended=True,
        )


_NOTHING = _Found(
    np.zeros(1, np.int64), np.empty(0, np.float32), None, None, np.empty(0, np.int32), np.empty(0, np.float32)
)


def _by_kernel(text: memoryview, content: bytes, compiled: Kernels) -> _Found | None:
    """Return what the kernel reads; None where the text is malformed."""
    lines, pairs = content.count(b"\n"), content.count(b":")
    starts, groups = np.empty(lines + 1, np.int64), np.empty(lines, np.int64)
    labels, weights, values = (np.empty(size, np.float32) for size in (lines, lines, pairs))
    indices, counts = np.empty(pairs, np.int32), np.zeros(2, np.int64)
    arrays = (starts, indices, values, labels, weights, groups, counts)
    codes = np.frombuffer(text, np.uint8)
    rows = compiled.libsvm(codes.ctypes.data, len(text), *(array.ctypes.data for array in arrays))
    if rows < 0:
        return None
    used = int(starts[rows])
    weighted, grouped = counts.tolist()
    return _Found(
        starts[: rows + 1],
        labels[:rows],
        weights[:rows] if weighted else None,
        groups[:rows] if grouped else None,
        indices[:used],
        values[:used],
    )


def _by_numpy(content: bytes) -> _Found | None:
    """Return what is read by whole arrays; None where the text is malformed."""
    text = _BREAKS.sub(b"\n", _BLANKS.sub(b" ", _COMMENT.sub(b"", content))).strip(b" \n")
    if not text:
        return _NOTHING
    if _STRANGE.search(text) or _GROUP in text:
        return None
    try:
        return _Cells(text.replace(b" qid:", _GROUP)).found()
    except ValueError:
        return None


class _Cells:
    """The numbers of a text in which one blank, colon or line feed sets each apart from the next."""

    def __init__(self, text: bytes) -> None:
        self._codes = np.frombuffer(text + b"\n", np.uint8)
        self._values, self._ends = decimals.parse(text.translate(_COMMAS))
        self._starts = np.append(0, self._ends[:-1] + 1)
        after = self._codes[self._ends]
        before = np.append(np.uint8(_NEWLINE), after[:-1])
        self._label, self._key, second = (before == mark for mark in (_NEWLINE, _BLANK, _COLON))
        self._weight = second & np.append(False, self._label[:-1])
        self._value = second & ~self._weight
        if not (after[self._key] == _COLON).all() or (after[second] == _COLON).any():
            raise ValueError("something is no pair")
        if not np.isfinite(self._values).all():
            raise ValueError("something is not finite")

    def found(self) -> _Found:
        """Return what the text holds; raises ValueError where it is malformed."""
        rows = int(np.count_nonzero(self._label))
        row = np.cumsum(self._label) - 1
        keys = self._integers(self._key)
        is_group = keys == int(_GROUP[1:-1])
        ahead = np.flatnonzero(self._key)[is_group] - 1
        if not (self._label | self._weight)[ahead].all() or (keys[~is_group] > _LARGEST_INDEX).any():
            raise ValueError("a group is not first, or an index is too large")
        counts = np.bincount(row[self._key][~is_group], minlength=rows)
        return _Found(
            np.append(0, np.cumsum(counts)),
            self._values[self._label],
            self._of_rows(self._weight, row, self._values[self._weight], np.ones(rows, np.float32)),
            self._groups(row, ahead + 2, rows),
            keys[~is_group].astype(np.int32),
            self._values[self._value][~is_group],
        )

    def _groups(self, row: Longs, places: Longs, rows: int) -> Longs | None:
        chosen = np.zeros(len(row), np.bool_)
        chosen[places] = True
        return self._of_rows(chosen, row, self._integers(chosen), np.zeros(rows, np.int64))

    @staticmethod
    def _of_rows(chosen: Mask, row: Longs, values: Array, every: Array) -> Array | None:
        """Return ``every`` with the ``values`` of the rows that have some; None where no row has."""
        if not len(values):
            return None
        every[row[chosen]] = values
        return every

    def _integers(self, chosen: Mask) -> Longs:
        """Return the numbers of the cells ``chosen``, which must be of one to eighteen digits."""
        ends = self._ends[chosen]
        lengths = ends - self._starts[chosen]
        longest = int(lengths.max(initial=0))
        if longest > len(str(_LARGEST_GROUP)):
            raise ValueError("too many digits")
        total = np.zeros(len(ends), np.int64)
        for place in range(longest):
            there = lengths > place
            digits = self._codes[ends[there] - 1 - place].astype(np.int64) - _ZERO
            if ((digits < 0) | (digits > 9)).any():
                raise ValueError("not a digit")
            total[there] += digits * 10**place
        return total


def _complaint(content: bytes, source: str, line: int) -> str:
    """Return what is wrong with a text that is known to be malformed, with its place."""
    for number, each in enumerate(content.split(b"\n"), line):
        cells = [cell for cell in _BLANKS.split(_COMMENT.sub(b"", each)) if cell]
        for place, cell in enumerate(cells):
            shown = cell.decode("utf-8", "replace")
            if place == 0 and not all(map(_finite, cell.split(b":", 1))):
                return f"{source}, line {number}: {shown!r} is not a label, nor label:weight."
            if place and not _is_pair(cell, may_be_group=place == 1):
                return f"{source}, line {number}: {shown!r} is not index:value."
    raise AssertionError(content)


def _finite(cell: bytes) -> bool:
    return _NUMBER.fullmatch(cell) is not None and abs(float(cell)) <= _LARGEST


def _is_pair(cell: bytes, *, may_be_group: bool) -> bool:
    key, _, value = cell.partition(b":")
    if key == b"qid":
        return may_be_group and value.isdigit() and int(value) <= _LARGEST_GROUP
    return key.isdigit() and int(key) <= _LARGEST_INDEX and _finite(value)
