"""NumPy's own format: arrays (rows, columns), of which the first columns are labels in training data."""

import io
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from clary.toolkit.batch import Batch, Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.predictions import Predictions
from clary.toolkit.source import Source, names

MAGIC = b"\x93NUM"  # the first four of six bytes

_BLOCK = 512 * 1024  # bytes of rows read at a time
_KINDS = "fiub"  # of numbers: floating, signed, unsigned, true or false
_MATRIX = 2  # dimensions
Array = npt.NDArray[Any]
_Head = tuple[tuple[int, ...], bool, np.dtype[Any]]


def read(sources: Sequence[Source], label_size: int = 1) -> Iterator[Batch]:
    """Yield the rows of ``sources`` some hundred kilobytes at a time; raises ClientError for other arrays.

    A source may hold several arrays one behind the other, as a pipe does.
    """
    columns = 0
    for source in sources:
        with source.open() as file:
            for table in _tables(file, source.name):
                columns = columns or table.shape[1]
                if table.shape[1] != columns or columns <= label_size:
                    others = f"others have {columns}" if columns > label_size else f"{label_size} are labels"
                    raise ClientError(f"{source.name}: found {table.shape[1]} columns where {others}.")
                yield Batch(table[:, label_size:], table[:, :label_size] if label_size else None)
    if not columns:
        raise ClientError(f"{names(sources)}: the data in NumPy's format are empty.")


def decode(body: bytes, *, missing: bool = False) -> Batch:
    """Return the rows of a request, (rows, features) or one row (features,); raises ClientError.

    With ``missing``, NaN is a value that is missing; else it is an error.
    """
    try:
        array = np.lib.format.read_array(io.BytesIO(body), allow_pickle=False)
    except (ValueError, OSError, EOFError, SyntaxError) as error:
        raise ClientError(f"The request body is no array in NumPy's format: {error}.") from error
    if array.ndim not in (1, _MATRIX) or not array.size:
        raise ClientError("The request body must hold one array, (rows, features) or (features,).")
    _check_type(array.dtype, "The request body")
    rows = _floats(array.reshape(-1, array.shape[-1]))
    if not (missing or np.isfinite(rows).all()):
        raise ClientError("The request body holds a NaN or an infinity.")
    return Batch(rows)


def encode(predictions: Predictions) -> bytes:
    """Return an array with a row for each row asked, its fields in order and lists flattened."""
    columns = [column.reshape(len(column), -1) for column in predictions.fields.values()]
    stream = io.BytesIO()
    np.save(stream, np.concatenate(columns, axis=1), allow_pickle=False)
    return stream.getvalue()


def _tables(file: BinaryIO, name: str) -> Iterator[Floats]:
    """Yield the rows of each array of ``file``."""
    while head := _head(file, name):
        (rows, columns), by_column, dtype = head
        if by_column:
            array = _rows(file, columns, rows, dtype, name).T
            yield _floats(np.ascontiguousarray(array))
            continue
        step = max(_BLOCK // max(columns * dtype.itemsize, 1), 1)
        for start in range(0, rows, step):
            table = _rows(file, min(step, rows - start), columns, dtype, name)
            yield _floats(table)


def _head(file: BinaryIO, name: str) -> "_Head | None":
    """Return shape, order and type of the array that begins here; None at the end."""
    start = file.read(8)
    if not start:
        return None
    try:
        first = np.lib.format.read_magic(io.BytesIO(start)) == (1, 0)
        read = np.lib.format.read_array_header_1_0 if first else np.lib.format.read_array_header_2_0
        head = read(file)
    except (ValueError, IndexError, SyntaxError) as error:
        raise ClientError(f"{name} is no array in NumPy's format: {error}.") from error
    if len(head[0]) != _MATRIX:
        raise ClientError(f"{name} holds an array of {len(head[0])} dimensions, not of rows and columns.")
    _check_type(head[2], name)
    return head


def _rows(file: BinaryIO, rows: int, columns: int, dtype: np.dtype[Any], name: str) -> Array:
    size = rows * columns * dtype.itemsize
    content = file.read(size)
    if len(content) < size:
        raise ClientError(f"{name} ends within an array: it was cut short.")
    return np.frombuffer(content, dtype).reshape(rows, columns)


def _check_type(dtype: np.dtype[Any], name: str) -> None:
    if dtype.kind not in _KINDS:
        raise ClientError(f"{name} holds values of type {dtype}, not numbers.")


def _floats(array: Array) -> Floats:
    with np.errstate(over="ignore"):  # what is too large becomes infinite
        return array.astype(np.float32, copy=False)
