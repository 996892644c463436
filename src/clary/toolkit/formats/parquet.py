"""Parquet: columns of numbers, the label first; read by pyarrow, which an installation may have or not."""

import mmap
import os
from collections.abc import Iterator, Sequence
from io import BufferedReader
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from clary.toolkit.batch import Batch, Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.native import kernels
from clary.toolkit.source import Source, names

if TYPE_CHECKING:
    import pyarrow as pa

MAGIC = b"PAR1"

_ROWS = 16_384
_BUFFER = 256 * 1024  # bytes of a column read ahead, where otherwise all of a row group would be
_RESIDENT = 32 * 1024 * 1024  # bytes of a mapped file that are read before its pages are given back
_LEAST = 2  # columns: the label and a feature


def read(sources: Sequence[Source], *, missing: bool = False) -> Iterator[Batch]:
    """Yield the rows of ``sources`` in batches; raises ClientError for what is not a table of numbers.

    With ``missing``, nulls become NaN; else they are errors.
    """
    width = 0
    for source in sources:
        for columns in _parts(source, missing=missing):
            width = width or len(columns)
            if len(columns) != width or width < _LEAST:
                expected = (
                    f"the files before have {width}" if width >= _LEAST else "a label and features must be"
                )
                raise ClientError(f"{source.name}: found {len(columns)} columns where {expected}.")
            table = _table(columns)
            yield Batch(table[:, 1:], table[:, :1])
    if not width:
        raise ClientError(f"{names(sources)}: the Parquet data is empty.")


def _parts(source: Source, *, missing: bool) -> "Iterator[list[pa.Array[Any]]]":
    """Yield the columns of a source, some thousand rows at a time, as float32 without nulls."""
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
            mapping = _mapping(file)
            content = pa.BufferReader(pa.py_buffer(mapping)) if mapping else file
            with pq.ParquetFile(content, pre_buffer=False, buffer_size=0 if mapping else _BUFFER) as table:
                schema = table.schema_arrow
                _check_types(schema, pa.types, source)
                plain = [kind == pa.float32() for kind in schema.types]
                read = 0
                for part in table.iter_batches(_ROWS, use_threads=False):
                    columns = part.columns
                    if not missing:
                        _check_nulls(columns, schema, source)
                    yield [
                        _filled(column if as_is else column.cast(pa.float32(), safe=False))
                        for column, as_is in zip(columns, plain, strict=True)
                    ]
                    read += part.nbytes
                    if mapping and read > _RESIDENT:
                        mapping.madvise(mmap.MADV_DONTNEED)
                        read = 0
        except pa.ArrowException as error:
            raise ClientError(f"{source.name} cannot be read as Parquet: {error}.") from error


def _mapping(file: BinaryIO) -> mmap.mmap | None:
    """Map a plain file, which saves two copies of it; None for what is unpacked as it is read, or empty."""
    if not isinstance(file, BufferedReader) or not os.fstat(file.fileno()).st_size:
        return None
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _check_types(schema: "pa.Schema", types: Any, source: Source) -> None:
    for name, kind in zip(schema.names, schema.types, strict=True):
        if not (types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind)):
            raise ClientError(f"{source.name}, column {name!r}: its type is {kind}, not a number.")


def _check_nulls(columns: "list[pa.Array[Any]]", schema: "pa.Schema", source: Source) -> None:
    for number, column in enumerate(columns):
        if column.null_count:
            raise ClientError(
                f"{source.name}, column {schema.names[number]!r}: it has {column.null_count} nulls: "
                "fill or drop them."
            )


def _filled(column: "pa.Array[Any]") -> "pa.Array[Any]":
    return column.fill_null(float("nan")) if column.null_count else column


def _table(columns: "list[pa.Array[Any]]") -> Floats:
    """Return the columns as rows, (rows, columns)."""
    # Not to_numpy: it would import pandas where that is installed, which takes longer than most files.
    values = [column.buffers()[1] for column in columns]
    table = np.empty((len(columns[0]), len(columns)), np.float32)
    if kernels:
        starts = [part.address + 4 * column.offset for part, column in zip(values, columns, strict=True)]
        pointers = np.array(starts, np.int64)
        kernels.rows(pointers.ctypes.data, len(columns), len(table), table.ctypes.data)
    else:
        for number, (part, column) in enumerate(zip(values, columns, strict=True)):
            table[:, number] = np.frombuffer(part, np.float32)[column.offset :][: len(column)]
    return table
