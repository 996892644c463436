"""CSV: numbers between commas, no header; labels in the first columns of training data."""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from clary.toolkit.batch import Batch, Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import decimals
from clary.toolkit.media_type import MediaType
from clary.toolkit.native import Kernels, kernels
from clary.toolkit.predictions import Predictions
from clary.toolkit.source import MARGIN, Source, names, pieces

_BLOCK = 256 * 1024  # of text, so that what is made of it stays in the cache
_NEWLINE = 10
_STRANGE = (b"\v", b"\f", b"\n\r", b",\r", b"+n", b"+N", b"-n", b"-N")  # what Python reads and CSV has not
_BLANK_LINES = re.compile(rb"^[ \t\r]+$", re.MULTILINE)
_LARGEST = float(np.finfo(np.float32).max)
_NOTHING = ("", "nan", "na", "null")  # cells without a value, in any case of letters


def label_size(kind: MediaType) -> int:
    """Return how many leading columns are labels: the ``label_size`` of the content type, 1 unless given."""
    text = kind.parameters.get("label_size", "1")
    if not text.isdigit():
        raise ClientError(f"label_size={text} in the content type is not a number of columns.")
    return int(text)


def read(sources: Sequence[Source], label_size: int = 1, *, missing: bool = False) -> Iterator[Batch]:
    """Yield the rows of ``sources`` in batches of some hundred kilobytes of text.

    With ``missing``, empty cells, ``nan``, ``na`` and ``null`` become NaN; else they are errors. Raises
    ClientError that names file, line, column and text of the first cell that is not a finite number, or the
    line whose number of columns differs from the lines before it.
    """
    columns = 0
    for source in sources:
        for table, line in _tables(source, missing=missing):
            columns = columns or table.shape[1]
            if table.shape[1] != columns:
                raise ClientError(
                    f"{source.name}, line {line}: found {table.shape[1]} columns where the lines before "
                    f"have {columns}."
                )
            if columns <= label_size:
                raise ClientError(
                    f"{source.name}, line {line}: found {columns} columns of which {label_size} are labels; "
                    "there are no features."
                )
            yield Batch(table[:, label_size:], table[:, :label_size] if label_size else None)
    if not columns:
        raise ClientError(f"{names(sources)}: the CSV data is empty.")


def decode(body: bytes, *, missing: bool = False) -> Batch:
    """Return the rows of a request, one a line, features only; raises ClientError when one is malformed.

    ``missing`` is as in ``read``.
    """
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
    return Batch(_table(memoryview(text), "The request body", 1, missing=missing)[0])


def encode(predictions: Predictions) -> bytes:
    """Return one line for each row: its fields in order, lists flattened, separated by commas."""
    columns = [column.reshape(len(column), -1).T.tolist() for column in predictions.fields.values()]
    cells = [cell for column in columns for cell in column]
    return "".join(",".join(map(repr, row)) + "\n" for row in zip(*cells, strict=True)).encode()


def _tables(source: Source, *, missing: bool) -> Iterator[tuple[Floats, int]]:
    """Yield the numbers of a source, some lines at a time, and the number of the first of these lines."""
    line = 1
    with source.open() as file:
        for piece in pieces(file, _BLOCK, _whole_lines):
            table, lines = _table(piece, source.name, line, missing=missing)
            if len(table):
                yield table, line
            line += lines


def _whole_lines(buffer: bytearray, start: int, stop: int) -> int:
    """Return where the last whole line of ``buffer[start:stop]`` ends; ``start`` if there is none."""
    return max(buffer.rfind(b"\n", start, stop) + 1, start)


def _table(text: memoryview, source: str, line: int, *, missing: bool) -> tuple[Floats, int]:
    """Return the numbers of ``text`` as an array (rows, columns), and how many lines there are."""
    if text[-1] != _NEWLINE:
        text = memoryview(bytes(MARGIN) + text + b"\n" + bytes(MARGIN))[MARGIN:-MARGIN]
    if kernels:
        table, lines = _table_by_kernel(text, kernels, missing=missing)
    else:
        content = bytes(text)
        table, lines = _table_by_numpy(content, missing=missing), content.count(b"\n")
    if table is None:
        raise ClientError(_complaint(bytes(text), source, line, missing=missing))
    return table, lines


def _table_by_kernel(text: memoryview, compiled: Kernels, *, missing: bool) -> tuple[Floats | None, int]:
    """Return the numbers, None when the text is malformed, and how many lines there are."""
    # A separator after each cell, and something in it unless it may be missing.
    cells = np.empty(len(text) if missing else len(text) // 2 + 1, np.float32)
    shape = np.zeros(2, np.int64)
    codes = np.frombuffer(text, np.uint8)
    rows = compiled.csv(codes.ctypes.data, len(text), int(missing), cells.ctypes.data, shape.ctypes.data)
    columns, lines = shape.tolist()
    return None if rows < 0 else cells[: rows * columns].reshape(rows, columns), lines


def _table_by_numpy(text: bytes, *, missing: bool) -> Floats | None:
    """Return the numbers; None when the text is malformed."""
    dense = _without_blank_lines(text)
    if not dense:
        return np.empty((0, 0), np.float32)
    if dense.startswith(b"\r") or any(mark in dense for mark in _STRANGE):
        return None
    try:
        values, ends = decimals.parse(dense)
    except ValueError:
        return _table_with_gaps(dense) if missing else None
    breaks = np.flatnonzero(np.frombuffer(dense + b"\n", np.uint8) == _NEWLINE)
    columns = len(ends) // len(breaks)
    regular = columns * len(breaks) == len(ends) and np.array_equal(ends[columns - 1 :: columns], breaks)
    if not regular or np.isinf(values).any() or not (missing or np.isfinite(values).all()):
        return None
    return values.reshape(-1, columns)


def _table_with_gaps(dense: bytes) -> Floats | None:
    """Return the numbers of lines in which some cells have no value; None when the text is malformed."""
    rows = [line.decode("utf-8", "replace").split(",") for line in dense.split(b"\n")]
    if any(len(row) != len(rows[0]) or not all(_sound(cell, missing=True) for cell in row) for row in rows):
        return None
    numbers = [["nan" if cell.strip().lower() in _NOTHING else cell for cell in row] for row in rows]
    return np.array(numbers, np.float64).astype(np.float32)


def _without_blank_lines(text: bytes) -> bytes:
    """Return the lines with anything on them, each ended by a bare line feed but the last."""
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").rstrip(b"\r")
    if b" \n" in text or b"\t\n" in text:
        text = _BLANK_LINES.sub(b"", text)
    if b"\n\n" in text:
        text = re.sub(rb"\n{2,}", b"\n", text)
    return text.strip(b"\n")


def _complaint(text: bytes, source: str, first: int, *, missing: bool) -> str:
    """Return what is wrong with a text that is known to be malformed, with its place."""
    columns = text.lstrip().partition(b"\n")[0].count(b",") + 1
    for number, line in enumerate(text.split(b"\n"), first):
        if not line.strip(b" \t\r"):
            continue
        cells = line.decode("utf-8", "replace").rstrip("\r").split(",")
        for column, cell in enumerate(cells, 1):
            if not _sound(cell, missing=missing):
                header = number == 1 and _is_word(cell) and _is_word(cells[-1])
                return f"{source}, line {number}, column {column}: {cell!r} is not a finite number" + (
                    "; the first line looks like a header, which CSV data must not have." if header else "."
                )
        if len(cells) != columns:
            return (
                f"{source}, line {number}: found {len(cells)} columns where the lines before have {columns}."
            )
    raise AssertionError(text)


def _sound(cell: str, *, missing: bool) -> bool:
    if cell.strip() != cell.lstrip(" \t").rstrip(" \t\r"):  # Python takes more for blanks
        return False
    if missing and cell.strip().lower() in _NOTHING:
        return True
    try:
        return "_" not in cell and cell.isascii() and abs(float(cell)) <= _LARGEST
    except ValueError:
        return False


def _is_word(cell: str) -> bool:
    """Tell whether a cell is text; ``nan`` and ``inf``, which stand for numbers, are not."""
    try:
        float(cell)
    except ValueError:
        return bool(cell.strip())
    return False
