"""RecordIO-protobuf: framed ``Record`` messages, read and written by whole arrays where rows look alike.

A frame is the magic number 0xCED7230A, the length of the payload, the payload, and zeros up to a multiple of
four bytes; all little endian. Dense records of one width have the same length and differ only in their
values, so a file is an array of fixed-size rows: learn the layout from the first record, verify that every
other byte is the same in all rows, copy the values out. Anything else goes through a scan record by record.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from clary.toolkit import frame, sparse
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import record
from clary.toolkit.native import Kernels, kernels
from clary.toolkit.predictions import Predictions
from clary.toolkit.source import Source, names, pieces
from clary.toolkit.sparse import Sparse

MAGIC = frame.MAGIC
VALUES = "values"

Bytes = npt.NDArray[np.uint8]

_BLOCK = 512 * 1024  # so that what is made of it stays in the cache
_SCAN_ROWS = 8192
_HEAD = 8


def read(sources: Sequence[Source]) -> Iterator[Batch]:
    """Yield the records of ``sources`` in batches of some hundred kilobytes; sparse ones stay sparse.

    Raises ClientError for malformed data.
    """
    width = 0
    for source in sources:
        for batch in _of_source(source):
            found = batch.rows.shape[1]
            width = width or found
            if found != width:
                raise ClientError(
                    f"{source.name}: found records of {found} features where the ones before have {width}."
                )
            yield batch
    if not width:
        raise ClientError(f"{names(sources)}: the RecordIO data is empty.")


def decode(body: bytes) -> Batch:
    """Return the records of a request as one batch; raises ClientError when one is malformed."""
    if not body:
        raise ClientError("The request body is empty; send RecordIO-wrapped protobuf records.")
    batches = list(_batches(memoryview(body), _Place("The request body")))
    if len(batches) == 1:
        return batches[0]
    widths = {batch.rows.shape[1] for batch in batches}
    if len(widths) > 1:
        raise ClientError(f"The request body holds records of {' and '.join(map(str, widths))} features.")
    labels = [batch.labels for batch in batches if batch.labels is not None]
    return Batch(
        _joined([batch.rows for batch in batches]),
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


def write_sparse(
    rows: Sequence[Mapping[int, float]], width: int, labels: Sequence[float] | None = None
) -> bytes:
    """Return sparse float32 records of ``width`` features, each row given as values by index."""
    features = [record.sparse_features(VALUES, row, width) for row in rows]
    if labels is None:
        return b"".join(map(_frame, features))
    head = record.dense_head(2, VALUES, 1)
    ends = [head + struct.pack("<f", label) for label in labels]
    return b"".join(_frame(row + end) for row, end in zip(features, ends, strict=True))


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


@dataclass(slots=True)
class _Place:
    """Where a reader is, for messages and for what must be alike in all records."""

    source: str
    byte: int = 0
    record: int = 0


def _joined(parts: Sequence[Floats | Sparse]) -> Floats | Sparse:
    """Return the rows of all parts, sparse if any is."""
    if not any(isinstance(part, Sparse) for part in parts):
        return np.concatenate(cast("Sequence[Floats]", parts))
    return sparse.joined([part if isinstance(part, Sparse) else sparse.compressed(part) for part in parts])


def _of_source(source: Source) -> Iterator[Batch]:
    """Read a source by blocks that end where a record does; only one is held at a time."""
    place = _Place(source.name)
    with source.open() as file:
        for piece in pieces(file, _BLOCK, _whole):
            yield from _batches(piece, place)
            place.byte += len(piece)


def _whole(buffer: bytearray, start: int, stop: int) -> int:
    """Return where the last whole record of ``buffer[start:stop]`` ends; ``stop`` where something is none."""
    with memoryview(buffer)[start:stop] as data:
        if kernels:
            return start + int(kernels.frames(np.frombuffer(data, np.uint8).ctypes.data, len(data)))
        at = _alike(data)
        while len(data) - at >= _HEAD:
            if data[at : at + 4] != MAGIC:
                return stop
            size = int.from_bytes(data[at + 4 : at + _HEAD], "little")
            following = at + _HEAD + size + -size % 4
            if following > len(data):
                break
            at = following
        return start + at


def _alike(data: memoryview) -> int:
    """Return how many bytes are whole frames as long as the first, before one that is not."""
    stride = _HEAD + int.from_bytes(data[4:_HEAD], "little")
    stride += -stride % 4
    count = len(data) // stride
    frames = np.frombuffer(data, np.uint8, count * stride).reshape(count, stride)
    strange = np.flatnonzero((frames[:, :_HEAD] != frames[:1, :_HEAD]).any(axis=1))
    return (int(strange[0]) if len(strange) else count) * stride if data[:4] == MAGIC else 0


def _batches(data: memoryview, place: _Place) -> Iterator[Batch]:
    """Yield the whole records of ``data``: all at once where they look alike, else one by one."""
    layout = _Layout.of_first(data, place)
    if layout is not None and len(data) % layout.stride == 0:
        step = max(_BLOCK // layout.stride, 1) * layout.stride
        batches = [layout.read(data[at : at + step]) for at in range(0, len(data), step)]
        whole = [batch for batch in batches if batch is not None]
        if len(whole) == len(batches):
            yield from whole
            return
    yield from _compiled_scan(data, place, kernels) if kernels else _scan(data, place)


def _compiled_scan(data: memoryview, place: _Place, compiled: Kernels) -> Iterator[Batch]:
    """Read by the kernel what it understands, and the rest in Python, which also explains what is wrong."""
    codes = np.frombuffer(data, np.uint8)
    starts, labels = np.empty(_SCAN_ROWS + 1, np.int64), np.empty(_SCAN_ROWS, np.float32)
    state = np.array([0, 0, -1], np.int64)
    batches = []
    room = max(_BLOCK, len(data))
    while state[0] < len(data):
        indices, values = np.empty(room, np.int32), np.empty(room, np.float32)
        pointers = [array.ctypes.data for array in (starts, indices, values, labels, state)]
        rows = compiled.records(codes.ctypes.data, len(data), _SCAN_ROWS, room, *pointers)
        if rows <= 0 or not state[1]:
            yield from _scan(data, place)
            return
        used, width = int(starts[rows]), int(state[1])
        found = labels[:rows, None].copy() if state[2] else None
        table: Floats | Sparse = Sparse(
            starts[: rows + 1].copy(), indices[:used].copy(), values[:used].copy(), width
        )
        if used == rows * width and (indices[:used].reshape(rows, width) == np.arange(width)).all():
            table = values[:used].reshape(rows, width).copy()
        batches.append(Batch(table, found))
    yield from batches


class _Layout:
    """Where the values lie in every record of a dense file, learnt from its first record."""

    def __init__(self, first: memoryview, features: slice, labels: slice | None) -> None:
        self.stride = len(first)
        self._features, self._labels = features, labels or slice(0, 0)
        self._first = np.frombuffer(first, np.uint8).copy()
        self._constant = np.full(self.stride, 0xFF, np.uint8)
        for values in (self._features, self._labels):
            self._constant[values] = 0

    @classmethod
    def of_first(cls, data: memoryview, place: _Place) -> "_Layout | None":
        """Return the layout of the first record, or None when it is not plain dense float32."""
        payload, end = _payload(data, 0, place)
        first = record.parse(payload)
        features, label = first.features.get(VALUES), first.label.get(VALUES)
        plain = features is not None and features.offset >= 0 and (label is None or label.offset >= 0)
        if features is None or not plain or first.echo:
            return None
        return cls(data[:end], _span(features), None if label is None else _span(label))

    def read(self, block: memoryview) -> Batch | None:
        """Return the values of whole rows; None if any other byte is not that of the first record."""
        rows = np.frombuffer(block, np.uint8).reshape(-1, self.stride)
        found = self._copied_by(kernels, rows) if kernels else self._copied(rows)
        if found is None:
            return None
        features, labels = (values.view("<f4") for values in found)
        return Batch(features, labels if labels.shape[1] else None)

    def _copied(self, rows: Bytes) -> tuple[Bytes, Bytes] | None:
        for span in _runs(self._constant != 0):
            if not (rows[:, span] == self._first[span]).all():
                return None
        return np.ascontiguousarray(rows[:, self._features]), np.ascontiguousarray(rows[:, self._labels])

    def _copied_by(self, compiled: Kernels, rows: Bytes) -> tuple[Bytes, Bytes] | None:
        spans = [(values.start, values.stop - values.start) for values in (self._features, self._labels)]
        layout = np.array([self.stride, *spans[0], *spans[1]], np.int64)
        features, labels = (np.empty((len(rows), size), np.uint8) for _, size in spans)
        arrays = (self._first, self._constant, layout, features, labels)
        pointers = [array.ctypes.data for array in arrays]
        alike = compiled.dense_records(rows.ctypes.data, len(rows), *pointers)
        return (features, labels) if alike == len(rows) else None


def _span(tensor: record.Tensor) -> slice:
    start = _HEAD + tensor.offset
    return slice(start, start + 4 * len(tensor.values))


def _runs(mask: npt.NDArray[np.bool_]) -> list[slice]:
    """Return the spans in which ``mask`` is true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [slice(int(low), int(high)) for low, high in edges.reshape(-1, 2)]


def _scan(data: memoryview, place: _Place) -> Iterator[Batch]:
    """Read record by record: sparse, float64, int32, or carrying uid and metadata."""
    at = 0
    records: list[record.Record] = []
    while at < len(data):
        payload, at = _payload(data, at, place)
        records.append(record.parse(payload))
        if len(records) == _SCAN_ROWS:
            yield _stacked(records, place)
            records = []
    if records:
        yield _stacked(records, place)


def _stacked(records: list[record.Record], place: _Place) -> Batch:
    tensors, labels = [], []
    for number, each in enumerate(records, place.record):
        features = each.features.get(VALUES)
        if features is None:
            raise ClientError(f"{place.source}, record {number}: its features hold no '{VALUES}'.")
        tensors.append(features)
        label = each.label.get(VALUES)
        if label is not None:
            labels.append(label.dense())
        if features.width() != tensors[0].width() or len(labels) not in (0, len(tensors)):
            raise ClientError(
                f"{place.source}, record {number}: {features.width()} features and "
                f"{'no label' if label is None else 'a label'}, unlike the records before it."
            )
    place.record += len(records)
    echoes = [each.echo for each in records]
    return Batch(_rows(tensors), np.stack(labels) if labels else None, echoes if any(echoes) else ())


def _rows(tensors: list[record.Tensor]) -> Floats | Sparse:
    """Return the rows as they came: sparse if any record is."""
    if not any(tensor.keys for tensor in tensors):
        return np.stack([tensor.dense() for tensor in tensors])
    pairs = [tensor.compressed() for tensor in tensors]
    starts = np.cumsum([0, *(len(keys) for keys, _ in pairs)])
    indices = np.concatenate([keys for keys, _ in pairs])
    return Sparse(starts, indices, np.concatenate([values for _, values in pairs]), tensors[0].width())


def _payload(data: memoryview, at: int, place: _Place) -> tuple[memoryview, int]:
    """Return the payload of the frame at ``at`` and where the next frame starts."""
    if bytes(data[at : at + 4]) != MAGIC:
        raise ClientError(
            f"{place.source} is not RecordIO: byte {place.byte + at} does not start a record. Check "
            "the content type, or write the data with sagemaker.amazon.common.write_numpy_to_dense_tensor."
        )
    if at + _HEAD > len(data):
        raise ClientError(f"{place.source} ends within the head of a record: it was cut short.")
    (size,) = struct.unpack_from("<I", data, at + 4)
    start = at + _HEAD
    if start + size > len(data):
        raise ClientError(f"{place.source} ends within a record of {size} bytes: it was cut short.")
    return data[start : start + size], min(start + size + -size % 4, len(data))
