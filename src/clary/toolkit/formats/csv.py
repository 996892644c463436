"""CSV: numbers between commas, no header; labels in the first columns of training data."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from clary.toolkit.batch import Batch, Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.media_type import MediaType
from clary.toolkit.predictions import Predictions

_BLOCK = 4 * 1024 * 1024
_COMMA, _NEWLINE = 44, 10


def label_size(kind: MediaType) -> int:
    """Return how many leading columns are labels: the ``label_size`` of the content type, 1 unless given."""
    text = kind.parameters.get("label_size", "1")
    if not text.isdigit():
        raise ClientError(f"label_size={text} in the content type is not a number of columns.")
    return int(text)


def read(files: Sequence[Path], label_size: int = 1) -> Iterator[Batch]:
    """Yield the rows of ``files`` in batches of a few megabytes of text.

    Raises ClientError that names file, line, column and text of the first cell that is not a finite number,
    or the line whose number of columns differs from the lines before it.
    """
    columns = 0
    for path in files:
        line = 1
        for block in _blocks(path):
            table = _table(block, f"{path.name}", line)
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
            line += len(table)
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
            if found:
                yield whole
        if rest.strip():
            yield rest


def _table(text: bytes, source: str, line: int) -> Floats:
    """Return the numbers of ``text`` as an array (lines, columns)."""
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").rstrip(b"\r")
    text = text.rstrip(b"\n")
    codes = np.frombuffer(text, np.uint8)
    breaks = np.flatnonzero(codes == _NEWLINE)
    separators = np.flatnonzero((codes == _COMMA) | (codes == _NEWLINE))
    rows, cells = len(breaks) + 1, len(separators) + 1
    columns = cells // rows
    if rows * columns != cells or not np.array_equal(separators[columns - 1 :: columns], breaks):
        raise ClientError(_complaint(text, source, line))
    try:
        values = np.fromstring(text.replace(b"\n", b","), dtype=np.float32, sep=",")
    except ValueError:
        raise ClientError(_complaint(text, source, line)) from None
    if len(values) != cells or not np.isfinite(values).all():
        raise ClientError(_complaint(text, source, line))
    return values.reshape(rows, columns)


def _complaint(text: bytes, source: str, first: int) -> str:
    """Return what is wrong with a text that is known to be malformed, with its place."""
    columns = text.partition(b"\n")[0].count(b",") + 1
    for number, line in enumerate(text.split(b"\n"), first):
        cells = line.decode("utf-8", "replace").split(",")
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
        return bool(np.isfinite(np.float32(cell)))
    except ValueError:
        return False
