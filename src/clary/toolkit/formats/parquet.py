"""Parquet: columns of numbers, the label first; read by pyarrow, which an installation may have or not."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from clary.toolkit.batch import Batch, Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.source import Source, names

if TYPE_CHECKING:
    import pyarrow as pa

MAGIC = b"PAR1"

_ROWS = 16_384
_BUFFER = 256 * 1024  # bytes of a column read ahead, where otherwise all of a row group would be
_LEAST = 2  # columns: the label and a feature


def read(sources: Sequence[Source]) -> Iterator[Batch]:
    """Yield the rows of ``sources`` in batches; raises ClientError for what is not a table of numbers."""
    columns = 0
    for source in sources:
        for part in _parts(source):
            columns = columns or part.num_columns
            if part.num_columns != columns or columns < _LEAST:
                expected = (
                    f"the files before have {columns}"
                    if columns >= _LEAST
                    else "a label and features must be"
                )
                raise ClientError(f"{source.name}: found {part.num_columns} columns where {expected}.")
            table = _table(part, source)
            yield Batch(table[:, 1:], table[:, :1])
    if not columns:
        raise ClientError(f"{names(sources)}: the Parquet data is empty.")


def _parts(source: Source) -> "Iterator[pa.RecordBatch]":
    """Yield a source some thousand rows at a time."""
    try:
        import pyarrow as pa  # noqa: PLC0415 - 55 MB that most installations do without
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError:
        raise ClientError(
            "Parquet data need the package pyarrow where Clary is installed: pip install 'clary[parquet]'."
        ) from None
    with source.open() as file:
        if not file.seekable():
            raise ClientError(
                f"{source.name}: Parquet cannot be read from a pipe: use File or FastFile mode."
            )
        try:
            with pq.ParquetFile(file, pre_buffer=False, buffer_size=_BUFFER) as table:
                _check_types(table.schema_arrow, pa.types, source)
                yield from table.iter_batches(_ROWS, use_threads=False)
        except pa.ArrowException as error:
            raise ClientError(f"{source.name} cannot be read as Parquet: {error}.") from error


def _check_types(schema: "pa.Schema", types: Any, source: Source) -> None:
    for name, kind in zip(schema.names, schema.types, strict=True):
        if not (types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind)):
            raise ClientError(f"{source.name}, column {name!r}: its type is {kind}, not a number.")


def _table(part: "pa.RecordBatch", source: Source) -> Floats:
    """Return the columns as rows, (rows, columns)."""
    table = np.empty((part.num_rows, part.num_columns), np.float32)
    for number, column in enumerate(part.columns):
        if column.null_count:
            raise ClientError(
                f"{source.name}, column {part.schema.names[number]!r}: it has {column.null_count} nulls: "
                "fill or drop them."
            )
        table[:, number] = _numbers(column)
    return table


def _numbers(column: Any) -> Floats:
    if str(column.type) != "float":
        column = column.cast("float32", safe=False)
    # Not to_numpy: it would import pandas where that is installed, which takes longer than most files.
    values = np.frombuffer(column.buffers()[1], np.float32)
    return values[column.offset : column.offset + len(column)]
