"""The protobuf message ``aialgs.data.Record``: read field by field, written in one canonical form.

Record has the maps features=1 and label=2 from a string to a Value, and the strings uid=3, metadata=4 and
configuration=5. Value is one of float32_tensor=2, float64_tensor=3, int32_tensor=7. A tensor holds packed
values=1, and when sparse packed uint64 keys=2 and shape=3.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from clary.toolkit.batch import Floats
from clary.toolkit.errors import ClientError

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_WIDTHS = {_FIXED64: 8, _FIXED32: 4}
_DTYPES: dict[int, str] = {2: "<f4", 3: "<f8"}
_INT32_TENSOR = 7


@dataclass(slots=True)
class Tensor:
    """A tensor as it was found; ``offset`` is where dense float32 values start in the record, or -1."""

    values: npt.NDArray[np.generic]
    keys: list[int] = field(default_factory=list)
    shape: list[int] = field(default_factory=list)
    offset: int = -1

    def width(self) -> int:
        """Return the number of values, zeros included."""
        return int(np.prod(self.shape)) if self.shape else len(self.values)

    def dense(self) -> Floats:
        """Return the values as a dense float32 vector; raises ClientError when keys and shape disagree."""
        if not self.keys and not self.shape:
            return self.values.astype(np.float32)
        row = np.zeros(self.width(), np.float32)
        keys, values = self.compressed()
        row[keys] = values
        return row

    def compressed(self) -> tuple[npt.NDArray[np.int32], Floats]:
        """Return the keys and their values; raises ClientError when they and the shape disagree."""
        keys = self.keys or range(len(self.values))
        if len(keys) != len(self.values) or (keys and max(keys) >= self.width()):
            raise ClientError(
                f"A sparse tensor has {len(self.values)} values, {len(keys)} keys and shape {self.shape}: "
                "give one key below the shape for each value."
            )
        return np.array(keys, np.int32), self.values.astype(np.float32)


@dataclass(slots=True)
class Record:
    """One record: its tensors by name, and the encoded uid and metadata fields that an answer repeats."""

    features: dict[str, Tensor] = field(default_factory=dict)
    label: dict[str, Tensor] = field(default_factory=dict)
    echo: bytes = b""


def parse(data: memoryview) -> Record:
    """Read one record; raises ClientError when the bytes are not a Record."""
    record = Record()
    try:
        for number, kind, start, end in _fields(data, 0, len(data)):
            if number in (1, 2) and kind == _LENGTH:
                name, tensor = _entry(data, start, end)
                (record.features if number == 1 else record.label)[name] = tensor
            elif number in (3, 4) and kind == _LENGTH:
                record.echo += _delimited(number, bytes(data[start:end]))
    except (IndexError, ValueError) as error:
        raise ClientError(
            f"A RecordIO record is not an aialgs.data.Record protobuf message: {error}."
        ) from error
    return record


def dense_head(number: int, name: str, width: int) -> bytes:
    """Return the bytes that stand before the ``width`` float32 values of a dense map entry.

    ``number`` is 1 for features and 2 for label.
    """
    payload = 4 * width
    tensor = b"\x0a" + _varint(payload)
    value = b"\x12" + _varint(len(tensor) + payload) + tensor
    entry = _delimited(1, name.encode()) + b"\x12" + _varint(len(value) + payload) + value
    return bytes([number << 3 | _LENGTH]) + _varint(len(entry) + payload) + entry


def shaped_features(name: str, values: Floats) -> bytes:
    """Return a Record with an array of any form: its numbers as the feature ``name``, its form as ``shape``.

    Source: the answers of the guide's semantic segmentation, as its notebook takes them apart.
    """
    numbers = np.ascontiguousarray(values, "<f4").tobytes()
    sizes = b"".join(map(_varint, values.shape))
    tensors = ((name, _delimited(2, _delimited(1, numbers))), ("shape", _delimited(7, _delimited(1, sizes))))
    return b"".join(
        _delimited(1, _delimited(1, key.encode()) + _delimited(2, value)) for key, value in tensors
    )


def sparse_features(name: str, row: Mapping[int, float], width: int) -> bytes:
    """Return the features entry of a sparse float32 row given as values by index."""
    keys = b"".join(map(_varint, row))
    values = np.array(list(row.values()), "<f4").tobytes()
    tensor = _delimited(1, values) + _delimited(2, keys) + _delimited(3, _varint(width))
    value = _delimited(2, tensor)
    return _delimited(1, _delimited(1, name.encode()) + _delimited(2, value))


def int32_features(name: str, values: Iterable[int]) -> bytes:
    """Return the features entry of a dense int32 row of numbers from 0."""
    tensor = _delimited(1, b"".join(map(_varint, values)))
    value = _delimited(_INT32_TENSOR, tensor)
    return _delimited(1, _delimited(1, name.encode()) + _delimited(2, value))


def _entry(data: memoryview, start: int, end: int) -> tuple[str, Tensor]:
    name, tensor = "", Tensor(np.empty(0, np.float32))
    for number, _kind, low, high in _fields(data, start, end):
        if number == 1:
            name = bytes(data[low:high]).decode()
        elif number == 2:
            tensor = _value(data, low, high)
    return name, tensor


def _value(data: memoryview, start: int, end: int) -> Tensor:
    for number, _kind, low, high in _fields(data, start, end):
        if number in _DTYPES or number == _INT32_TENSOR:
            return _tensor(data, low, high, number)
    raise ValueError("it holds neither a float32, a float64 nor an int32 tensor")


def _tensor(data: memoryview, start: int, end: int, kind: int) -> Tensor:
    tensor = Tensor(np.empty(0, np.float32))
    parts: list[npt.NDArray[np.generic]] = []
    for number, wire, low, high in _fields(data, start, end):
        if number == 1:
            parts.append(_numbers(data, low, high, kind, wire))
            tensor.offset = low
        elif number == 2:
            tensor.keys += _varints(data, low, high)
        elif number == 3:
            tensor.shape += _varints(data, low, high)
    if parts:
        tensor.values = parts[0] if len(parts) == 1 else np.concatenate(parts)
    if len(parts) != 1 or kind != 2 or tensor.keys or tensor.shape:
        tensor.offset = -1
    return tensor


def _numbers(data: memoryview, low: int, high: int, kind: int, wire: int) -> npt.NDArray[np.generic]:
    if kind == _INT32_TENSOR:
        return np.array(_varints(data, low, high), np.uint64).astype(np.int64).astype(np.int32)
    if wire == _VARINT:
        raise ValueError("a floating-point tensor holds an integer")
    return np.frombuffer(data[low:high], _DTYPES[kind])


def _fields(data: memoryview, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield number, wire type, start and end of the content of each field between ``at`` and ``end``."""
    while at < end:
        tag, at = _read_varint(data, at)
        kind = tag & 7
        start = at
        if kind == _LENGTH:
            length, start = _read_varint(data, at)
            at = start + length
        elif kind == _VARINT:
            _, at = _read_varint(data, at)
        else:
            at = start + _WIDTHS[kind] if kind in _WIDTHS else end + 1
        if at > end:
            raise ValueError(f"field {tag >> 3} runs past the end")
        yield tag >> 3, kind, start, at


def _varints(data: memoryview, at: int, end: int) -> list[int]:
    numbers = []
    while at < end:
        number, at = _read_varint(data, at)
        numbers.append(number)
    return numbers


def _read_varint(data: memoryview, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number & (2**64 - 1), at
        shift += 7
        if shift > 63:
            raise ValueError("a number is longer than ten bytes")


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def _delimited(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | _LENGTH]) + _varint(len(content)) + content
