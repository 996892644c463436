"""Arrays in a file as MXNet's ``nd.save`` writes them: the form of SageMaker's own k-means and PCA models.

Little endian: the magic number 0x112 and a reserved zero, both 64 bits; the number of arrays and the arrays;
the number of names, none where the arrays are a list, and the names, each behind its length. An array is the
magic number 0xF993FAC9, its storage (0, dense), its shape as a 32-bit count and 64-bit sizes, its device
(1, 0: the first CPU), its type (0, float32), and its values.
"""

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from clary.toolkit.batch import Floats
from clary.toolkit.errors import ClientError

_LIST, _ARRAY = 0x112, 0xF993FAC9
_HEAD, _COUNT = struct.Struct("<QQ"), struct.Struct("<Q")
_BEFORE, _AFTER = struct.Struct("<IiI"), struct.Struct("<iii")
_DENSE, _CPU, _FLOAT32 = 0, (1, 0), 0


def write(path: Path, arrays: Mapping[str, npt.NDArray[Any]] | Sequence[npt.NDArray[Any]]) -> None:
    """Write arrays, by name or as a list, as float32."""
    names = list(arrays) if isinstance(arrays, Mapping) else []
    values = list(arrays.values()) if isinstance(arrays, Mapping) else list(arrays)
    parts = [_HEAD.pack(_LIST, 0), _COUNT.pack(len(values))]
    for array in values:
        shape = struct.pack(f"<{array.ndim}q", *array.shape)
        parts += [_BEFORE.pack(_ARRAY, _DENSE, array.ndim), shape, _AFTER.pack(*_CPU, _FLOAT32)]
        parts.append(np.ascontiguousarray(array, "<f4").tobytes())
    parts.append(_COUNT.pack(len(names)))
    for name in names:
        parts += [_COUNT.pack(len(name.encode())), name.encode()]
    path.write_bytes(b"".join(parts))


def read(path: Path) -> dict[str, Floats]:
    """Return the arrays by name, those of a list by number; raises ClientError for another kind of file."""
    try:
        return _parsed(path.read_bytes())
    except (OSError, ValueError, struct.error) as error:
        raise ClientError(
            f"{path} is not a file of arrays ({error}): the model data must be what its training job saved."
        ) from error


def _parsed(data: bytes) -> dict[str, Floats]:
    if _HEAD.unpack_from(data) != (_LIST, 0):
        raise ValueError("its first bytes are others")
    at = _HEAD.size
    (count,) = _COUNT.unpack_from(data, at)
    at += _COUNT.size
    arrays = []
    for _ in range(count):
        magic, storage, dimensions = _BEFORE.unpack_from(data, at)
        shape = struct.unpack_from(f"<{dimensions}q", data, at + _BEFORE.size)
        at += _BEFORE.size + 8 * dimensions
        *_, kind = _AFTER.unpack_from(data, at)
        if (magic, storage, kind) != (_ARRAY, _DENSE, _FLOAT32):
            raise ValueError("it holds an array that is not of dense float32")
        at += _AFTER.size
        size = int(np.prod(shape))
        arrays.append(np.frombuffer(data, "<f4", size, at).reshape(shape))
        at += 4 * size
    (named,) = _COUNT.unpack_from(data, at)
    at += _COUNT.size
    names = []
    for _ in range(named):
        (length,) = _COUNT.unpack_from(data, at)
        at += _COUNT.size + length
        names.append(data[at - length : at].decode())
    return dict(zip(names or map(str, range(count)), arrays, strict=True))
