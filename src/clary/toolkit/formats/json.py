"""JSON and JSON Lines: instances in, predictions out."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from clary.toolkit import sparse
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.errors import ClientError
from clary.toolkit.predictions import Predictions
from clary.toolkit.sparse import Sparse

FORM = '{"features": [1.5, 16.0]}'
"""How an instance is written, for messages."""


def decode(body: bytes) -> Batch:
    """Return the rows of ``{"instances": [{"features": [...]}, ...]}``.

    An instance may also be ``{"data": {"features": {"values": [...]}}}``, sparse with ``keys`` and ``shape``.
    Raises ClientError that tells what is malformed.
    """
    document = _parsed(body, "The request body")
    instances = document.get("instances") if isinstance(document, dict) else None
    if not isinstance(instances, list) or not instances:
        raise ClientError(f'The JSON request body must have the form {{"instances": [{FORM}, ...]}}.')
    return Batch(_rows(instances))


def decode_lines(body: bytes) -> Batch:
    """Return the rows of JSON Lines, one instance a line, in the forms of ``decode``."""
    lines = [line for line in body.split(b"\n") if line.strip()]
    if not lines:
        raise ClientError(f"The request body is empty; send one {FORM} a line.")
    return Batch(_rows([_parsed(line, f"Line {number}") for number, line in enumerate(lines, 1)]))


def encode(predictions: Predictions) -> bytes:
    """Return ``{"predictions": [{field: value, ...}, ...]}``."""
    return f'{{"{predictions.key}": [{", ".join(_objects(predictions))}]}}'.encode()


def encode_lines(predictions: Predictions) -> bytes:
    """Return the inner objects of ``encode``, one a line."""
    return ("\n".join(_objects(predictions)) + "\n").encode()


def _objects(predictions: Predictions) -> list[str]:
    """Return each row as a JSON object: what repr writes of finite floats, ints and lists of them is JSON."""
    form = "{" + ", ".join(f'"{name}": %r' for name in predictions.fields) + "}"
    columns = [column.tolist() for column in predictions.fields.values()]
    return [form % row for row in zip(*columns, strict=True)]


def _parsed(text: bytes, source: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ClientError(f"{source} is not valid JSON: {error}.") from error


def _rows(instances: Sequence[Any]) -> Floats | Sparse:
    vectors = [vector(instance, f"Instance {number}") for number, instance in enumerate(instances)]
    if any(isinstance(each, Sparse) for each in vectors):
        return _joined(vectors)
    return _table(vectors)


def _table(vectors: Sequence[Any]) -> Floats:
    try:
        with np.errstate(over="ignore"):  # what is too large becomes infinite
            rows = np.array(vectors, np.float32)
    except (ValueError, TypeError) as error:
        raise ClientError(f"The features must be numbers, as many in each instance: {error}.") from error
    if rows.ndim != 2 or not np.isfinite(rows).all():
        raise ClientError(f"Each instance must hold a flat list of finite numbers, as in {FORM}.")
    return rows


def _joined(vectors: Sequence[Any]) -> Sparse:
    """Return instances of which some are sparse; the others are compressed."""
    parts = [each if isinstance(each, Sparse) else sparse.compressed(_table([each])) for each in vectors]
    widths = sorted({part.width for part in parts})
    if len(widths) > 1:
        raise ClientError(
            f"The instances have {' and '.join(map(str, widths))} features: all must have as many."
        )
    return sparse.joined(parts)


def vector(instance: Any, name: str) -> Any:
    """Return the features of an instance, a list or sparse; raises ClientError, which calls it ``name``."""
    try:
        features = instance["features"] if "features" in instance else instance["data"]["features"]
        if not isinstance(features, Mapping):
            return features
        return _sparse(features) if "keys" in features else features["values"]
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise ClientError(f"{name} has no usable features ({error!r}); the form is {FORM}.") from error


def _sparse(features: Mapping[str, Any]) -> Sparse:
    width = int(np.prod(features["shape"]))
    keys, values = np.array(features["keys"], np.int32), np.array(features["values"], np.float32)
    if keys.shape != values.shape or keys.ndim != 1 or not np.isfinite(values).all():
        raise ValueError("keys and values must be lists of the same length, the values finite")
    if len(keys) and not 0 <= keys.min() <= keys.max() < width:
        raise IndexError(f"a key is not between 0 and {width - 1}")
    return Sparse(np.array([0, len(keys)]), keys, values, width)
