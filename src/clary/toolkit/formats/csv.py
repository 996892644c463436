"""CSV: numbers between commas, no header; labels in the first columns of training data."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from clary.toolkit.batch import Batch, Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import decimals
from clary.toolkit.media_type import MediaType
from clary.toolkit.predictions import Predictions

_BLOCK = 256 * 1024  # of text, so that what is made of it stays in the cache
_NEWLINE = 10
_LARGEST = float(np.finfo(np.float32).max)


def label_size(kind: MediaType) -> int:
    """Return how many leading columns are labels: the ``label_size`` of the content type, 1 unless given."""
    text = kind.parameters.get("label_size", "1")
    if not text.isdigit():
        raise ClientError(f"label_size={text} in the content type is not a number of columns.")
    return int(text)


def read(files: Sequence[Path], label_size: int = 1) -> Iterator[Batch]:
    """Yield the rows of ``files`` in batches of some hundred kilobytes of text.

    Raises ClientError that names file, line, column and text of the first cell that is not a finite number,
    or the line whose number of columns differs from the lines before it.
    """
    columns = 0
    for path in files:
        line = 1
        for block in _blocks(path):
            table = _table(block, path.name, line)
            columns = columns or table.shape[1]
            if table.shape[1] != columns:
                raise ClientError(
                    f"{path.name}, line {line}: found {table.shape[1]} columns where the lines before "
                    f"have {columns}."
                )
            if columns <= label_size:
                raise ClientError(
                    f"{path.name}, line {line}: found {columns} columns of which {label_size} are labels; "
                    "there are no features."
                )
            line += block.count(b"\n") + 1
            yield Batch(table[:, label_size:], table[:, :label_size] if label_size else None)
    if not columns:
        raise ClientError(f"{', '.join(path.name for path in files)}: the CSV data is empty.")


def decode(body: bytes) -> Batch:
    """Return the rows of a request, one a line, features only; raises ClientError when one is malformed."""
    text = body.strip()
    if not text:
        raise ClientError("The request body is empty; send rows of comma-separated numbers.")
    if b"\n" not in text:
        try:
            row = np.fromstring(text, dtype=np.float32, sep=",")
        except ValueError:
            row = np.empty(0, np.float32)
        if len(row) == text.count(b",") + 1:
            return Batch(row.reshape(1, -1))
    return Batch(_table(text, "The request body", 1))


def encode(predictions: Predictions) -> bytes:
    """Return one line for each row: its fields in order, lists flattened, separated by commas."""
    columns = [column.reshape(len(column), -1).T.tolist() for column in predictions.fields.values()]
    cells = [cell for column in columns for cell in column]
    return "".join(",".join(map(repr, row)) + "\n" for row in zip(*cells, strict=True)).encode()


def _blocks(path: Path) -> Iterator[bytes]:
    """Yield the file in pieces of whole lines, without the last line break of each."""
    with path.open("rb") as file:
        rest = b""
        while piece := file.read(_BLOCK):
            whole, found, rest = (rest + piece).rpartition(b"\n")
            if found and whole.strip():
                yield whole
        if rest.strip():
            yield rest


def _table(text: bytes, source: str, line: int) -> Floats:
    """Return the numbers of ``text`` as an array (lines, columns)."""
    dense = _without_blank_lines(text)
    try:
        values, ends = decimals.parse(dense)
    except ValueError:
        raise ClientError(_complaint(text, source, line)) from None
    breaks = np.flatnonzero(np.frombuffer(dense + b"\n", np.uint8) == _NEWLINE)
    columns = len(ends) // len(breaks)
    regular = columns * len(breaks) == len(ends) and np.array_equal(ends[columns - 1 :: columns], breaks)
    if not regular or not np.isfinite(values).all():
        raise ClientError(_complaint(text, source, line))
    return values.reshape(-1, columns)


def _without_blank_lines(text: bytes) -> bytes:
    """Return the lines with anything on them, each ended by a bare line feed but the last."""
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").rstrip(b"\r")
    if b"\n\n" in text:
        text = re.sub(rb"\n{2,}", b"\n", text)
    return text.strip(b"\n")


def _complaint(text: bytes, source: str, first: int) -> str:
    """Return what is wrong with a text that is known to be malformed, with its place."""
    columns = text.lstrip().partition(b"\n")[0].count(b",") + 1
    for number, line in enumerate(text.split(b"\n"), first):
        if not line.strip():
            continue
        cells = line.decode("utf-8", "replace").rstrip("\r").split(",")
        for column, cell in enumerate(cells, 1):
            if not _finite(cell):
                return f"{source}, line {number}, column {column}: {cell!r} is not a finite number" + (
                    "; the first line looks like a header, which CSV data must not have."
                    if number == 1 and not _finite(cells[-1])
                    else "."
                )
        if len(cells) != columns:
            return (
                f"{source}, line {number}: found {len(cells)} columns where the lines before have {columns}."
            )
    raise AssertionError(text)


def _finite(cell: str) -> bool:
    try:
        return "_" not in cell and abs(float(cell)) <= _LARGEST
    except ValueError:
        return False
