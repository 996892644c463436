"""RecordIO-protobuf: framed ``Record`` messages, read and written by whole arrays where rows look alike.

A frame is the magic number 0xCED7230A, the length of the payload, the payload, and zeros up to a multiple of
four bytes; all little endian. Dense records of one width have the same length and differ only in their
values, so a file is an array of fixed-size rows: learn the layout from the first record, verify that every
other byte is the same in all rows, copy the values out. Anything else goes through a scan record by record.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from clary.toolkit.batch import Batch, Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import record
from clary.toolkit.predictions import Predictions

MAGIC = struct.pack("<I", 0xCED7230A)
VALUES = "values"

_BLOCK = 4 * 1024 * 1024
_SCAN_ROWS = 8192
_HEAD = 8


def read(files: Sequence[Path]) -> Iterator[Batch]:
    """Yield the records of ``files`` in batches of a few megabytes; raises ClientError for malformed data."""
    width = 0
    for path in files:
        if not path.stat().st_size:
            continue
        # Mapped, not read: the rows are copied once, from the page cache to where they stay.
        for batch in _batches(np.memmap(path, np.uint8, "r").data, path.name):
            width = width or batch.features.shape[1]
            if batch.features.shape[1] != width:
                raise ClientError(
                    f"{path.name}: found records of {batch.features.shape[1]} features where the ones before "
                    f"have {width}."
                )
            yield batch
    if not width:
        raise ClientError(f"{', '.join(path.name for path in files)}: the RecordIO data is empty.")


def decode(body: bytes) -> Batch:
    """Return the records of a request as one batch; raises ClientError when one is malformed."""
    if not body:
        raise ClientError("The request body is empty; send RecordIO-wrapped protobuf records.")
    batches = list(_batches(memoryview(body), "The request body"))
    if len(batches) == 1:
        return batches[0]
    labels = [batch.labels for batch in batches if batch.labels is not None]
    return Batch(
        np.concatenate([batch.features for batch in batches]),
        np.concatenate(labels) if len(labels) == len(batches) else None,
        [echo for batch in batches for echo in batch.echoes],
    )


def encode(predictions: Predictions) -> bytes:
    """Return one record for each row with the fields as float32 labels; uid and metadata are repeated."""
    columns = {name: column.reshape(len(column), -1) for name, column in predictions.fields.items()}
    frames = _framed([(2, name, column) for name, column in columns.items()])
    if not any(predictions.echoes):
        return frames.tobytes()
    payloads = (row.tobytes()[_HEAD:] for row in frames)
    size = int(frames[0, 4:_HEAD].view("<u4")[0])
    return b"".join(
        _frame(payload[:size] + echo) for payload, echo in zip(payloads, predictions.echoes, strict=True)
    )


def write(features: Floats, labels: Floats | None = None) -> bytes:
    """Return dense float32 records as the SDK's ``record_set`` writes them.

    ``features`` has the shape (rows, features), ``labels`` (rows,) or (rows, labels).
    """
    parts = [(1, VALUES, features)]
    if labels is not None:
        parts.append((2, VALUES, labels.reshape(len(labels), -1)))
    return _framed(parts).tobytes()


def write_sparse(rows: Sequence[Mapping[int, float]], width: int) -> bytes:
    """Return sparse float32 records of ``width`` features, each row given as values by index."""
    return b"".join(_frame(record.sparse_features(VALUES, row, width)) for row in rows)


def _framed(parts: Sequence[tuple[int, str, npt.NDArray[Any]]]) -> npt.NDArray[np.uint8]:
    """Return the frames of dense records as an array (rows, bytes of a frame)."""
    rows = len(parts[0][2])
    heads = [record.dense_head(number, name, table.shape[1]) for number, name, table in parts]
    size = sum(len(head) + 4 * table.shape[1] for head, (_, _, table) in zip(heads, parts, strict=True))
    frames = np.zeros((rows, _HEAD + size + -size % 4), np.uint8)
    frames[:, :_HEAD] = np.frombuffer(MAGIC + struct.pack("<I", size), np.uint8)
    at = _HEAD
    for head, (_, _, table) in zip(heads, parts, strict=True):
        frames[:, at : at + len(head)] = np.frombuffer(head, np.uint8)
        at += len(head)
        values = np.ascontiguousarray(table, "<f4").view(np.uint8)
        frames[:, at : at + values.shape[1]] = values
        at += values.shape[1]
    return frames


def _frame(payload: bytes) -> bytes:
    return MAGIC + struct.pack("<I", len(payload)) + payload + bytes(-len(payload) % 4)


def _batches(data: memoryview, source: str) -> Iterator[Batch]:
    layout = _Layout.of_first(data, source)
    if layout is not None:
        step = max(_BLOCK // layout.stride, 1) * layout.stride
        if len(data) % layout.stride == 0 and all(
            layout.fits(data[at : at + step]) for at in range(0, len(data), step)
        ):
            for at in range(0, len(data), step):
                yield layout.copy(data[at : at + step])
            return
    yield from _scan(data, source)


class _Layout:
    """Where the values lie in every record of a dense file, learnt from its first record."""

    def __init__(self, first: memoryview, features: slice, labels: slice | None) -> None:
        self.stride = len(first)
        self.features, self.labels = features, labels
        self._constant = np.ones(self.stride, bool)
        for values in (features, labels):
            if values is not None:
                self._constant[values] = False
        self._spans = _runs(self._constant)
        self._first = np.frombuffer(first, np.uint8).copy()

    @classmethod
    def of_first(cls, data: memoryview, source: str) -> "_Layout | None":
        """Return the layout of the first record, or None when it is not plain dense float32."""
        payload, end = _payload(data, 0, source)
        first = record.parse(payload)
        features, label = first.features.get(VALUES), first.label.get(VALUES)
        plain = features is not None and features.offset >= 0 and (label is None or label.offset >= 0)
        if features is None or not plain or first.echo:
            return None
        return cls(data[:end], _span(features), None if label is None else _span(label))

    def fits(self, block: memoryview) -> bool:
        """Tell whether all bytes but the values are those of the first record, in every row."""
        rows = np.frombuffer(block, np.uint8).reshape(-1, self.stride)
        return all(bool((rows[:, span] == self._first[span]).all()) for span in self._spans)

    def copy(self, block: memoryview) -> Batch:
        """Return the values of a block of whole rows."""
        rows = np.frombuffer(block, np.uint8).reshape(-1, self.stride)
        features = np.ascontiguousarray(rows[:, self.features]).view("<f4")
        labels = None
        if self.labels is not None:
            labels = np.ascontiguousarray(rows[:, self.labels]).view("<f4")
        return Batch(features, labels)


def _span(tensor: record.Tensor) -> slice:
    start = _HEAD + tensor.offset
    return slice(start, start + 4 * len(tensor.values))


def _runs(mask: npt.NDArray[np.bool_]) -> list[slice]:
    """Return the spans in which ``mask`` is true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [slice(int(low), int(high)) for low, high in edges.reshape(-1, 2)]


def _scan(data: memoryview, source: str) -> Iterator[Batch]:
    """Read record by record: sparse, float64, int32, or carrying uid and metadata."""
    at = number = 0
    records: list[record.Record] = []
    while at < len(data):
        payload, at = _payload(data, at, source)
        records.append(record.parse(payload))
        if len(records) == _SCAN_ROWS:
            yield _stacked(records, source, number)
            number += len(records)
            records = []
    if records:
        yield _stacked(records, source, number)


def _stacked(records: list[record.Record], source: str, first: int) -> Batch:
    rows, labels = [], []
    for number, each in enumerate(records, first):
        features = each.features.get(VALUES)
        if features is None:
            raise ClientError(f"{source}, record {number}: its features hold no '{VALUES}'.")
        rows.append(features.dense())
        label = each.label.get(VALUES)
        if label is not None:
            labels.append(label.dense())
        if len(rows[-1]) != len(rows[0]) or len(labels) not in (0, len(rows)):
            raise ClientError(
                f"{source}, record {number}: {len(rows[-1])} features and "
                f"{'no label' if label is None else 'a label'}, unlike the records before it."
            )
    echoes = [each.echo for each in records]
    return Batch(np.stack(rows), np.stack(labels) if labels else None, echoes if any(echoes) else ())


def _payload(data: memoryview, at: int, source: str) -> tuple[memoryview, int]:
    """Return the payload of the frame at ``at`` and where the next frame starts."""
    if bytes(data[at : at + 4]) != MAGIC:
        raise ClientError(
            f"{source} is not RecordIO: byte {at} does not start a record. Check the content type, or write "
            "the data with sagemaker.amazon.common.write_numpy_to_dense_tensor."
        )
    if at + _HEAD > len(data):
        raise ClientError(f"{source} ends within the head of a record: it was cut short.")
    (size,) = struct.unpack_from("<I", data, at + 4)
    start = at + _HEAD
    if start + size > len(data):
        raise ClientError(f"{source} ends within a record of {size} bytes: it was cut short.")
    return data[start : start + size], min(start + size + -size % 4, len(data))
