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

_ROWS = 65_536
_BLOCK = 2048  # rows turned at a time from columns to rows, few enough to stay in the cache


def read(sources: Sequence[Source]) -> Iterator[Batch]:
    """Yield the rows of ``sources`` in batches; raises ClientError for what is not a table of numbers."""
    try:
        import pyarrow as pa  # noqa: PLC0415 - 55 MB that most installations do without
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError:
        raise ClientError(
            "Parquet data need the package pyarrow where Clary is installed: pip install 'clary[parquet]'."
        ) from None
    columns = 0
    for source in sources:
        try:
            with pq.ParquetFile(source.path, memory_map=False, pre_buffer=False) as file:
                for part in file.iter_batches(_ROWS, use_threads=False):
                    columns = columns or part.num_columns
                    if part.num_columns != columns or columns < 2:
                        raise ClientError(
                            f"{source.name}: found {part.num_columns} columns where "
                            + (
                                f"the files before have {columns}."
                                if columns > 1
                                else "a label and features must be."
                            )
                        )
                    table = _table(part, source)
                    yield Batch(table[:, 1:], table[:, :1])
        except pa.ArrowException as error:
            raise ClientError(f"{source.name} cannot be read as Parquet: {error}.") from error
    if not columns:
        raise ClientError(f"{names(sources)}: the Parquet data is empty.")


def _table(part: "pa.RecordBatch", source: Source) -> Floats:
    """Return the columns as rows, (rows, columns)."""
    columns = [
        _numbers(column, name, source) for column, name in zip(part.columns, part.schema.names, strict=True)
    ]
    table = np.empty((part.num_rows, len(columns)), np.float32)
    for at in range(0, part.num_rows, _BLOCK):
        block = table[at : at + _BLOCK]
        block[:] = np.array([column[at : at + _BLOCK] for column in columns], np.float32).T
    return table


def _numbers(column: Any, name: str, source: Source) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    kind = column.type
    if column.null_count or not (
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
    ):
        raise ClientError(
            f"{source.name}, column {name!r}: "
            + (
                f"it has {column.null_count} nulls"
                if column.null_count
                else f"its type is {kind}, not a number"
            )
            + "; all columns must be numbers without nulls."
        )
    return column.to_numpy(zero_copy_only=False)
