"""The AWS JSON protocols; also the bodies of REST-JSON."""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from botocore.model import OperationModel, Shape

from clary.core.exchange import Document, Reply
from clary.wire import timestamp
from clary.wire.http import Response
from clary.wire.serialize import scalar


def serialize(operation: OperationModel, reply: Reply) -> Response:
    """Return the response of an AWS JSON operation."""
    shape = operation.output_shape
    return Response(
        200,
        {"content-type": content_type(operation.metadata)},
        encode(structure(shape, reply.output)) if shape is not None else b"",
    )


def content_type(metadata: Mapping[str, Any]) -> str:
    """Return the media type of the service's JSON version."""
    return f"application/x-amz-json-{metadata.get('jsonVersion', '1.1')}"


def encode(document: Document) -> bytes:
    """Return JSON text without spaces."""
    return json.dumps(document, separators=(",", ":"), allow_nan=False).encode()


def structure(shape: Shape, value: Mapping[str, Any]) -> Document:
    """Return the members of ``value`` that ``shape`` has and that are not None, ready for JSON.

    A member structure without members of its own is left out, for clients that check what they parse miss the
    required ones, unless it is required itself and requires nothing; empty lists and maps stay.
    """
    if getattr(shape, "is_document_type", False):
        return dict(value)
    written: Document = {}
    for name, member in shape.members.items():
        given = value.get(name)
        if given is None:
            continue
        item = _write(member, given)
        if item != {} or member.type_name != "structure" or _may_be_bare(shape, name):
            written[member.serialization.get("name", name)] = item
    return written


def _may_be_bare(shape: Shape, name: str) -> bool:
    member = shape.members[name]
    is_union = getattr(member, "is_tagged_union", False)
    return name in shape.required_members and not member.required_members and not is_union


def _write(shape: Shape, value: Any) -> Any:
    return _WRITERS[shape.type_name](shape, value)


def _float(_shape: Shape, value: Any) -> float | str:
    number = float(value)
    if math.isfinite(number):
        return number
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def _map(shape: Shape, value: Mapping[str, Any]) -> Document:
    return {str(key): None if item is None else _write(shape.value, item) for key, item in value.items()}


_WRITERS: dict[str, Callable[[Shape, Any], Any]] = {
    "structure": structure,
    "list": lambda shape, value: [None if item is None else _write(shape.member, item) for item in value],
    "map": _map,
    "string": lambda _shape, value: str(value),
    "character": lambda _shape, value: str(value),
    "boolean": lambda _shape, value: bool(value),
    "integer": lambda _shape, value: int(value),
    "long": lambda _shape, value: int(value),
    "float": _float,
    "double": _float,
    "blob": lambda _shape, value: scalar.encode(value),
    "timestamp": lambda shape, value: timestamp.render(
        value, shape.serialization.get("timestampFormat", "unixTimestamp")
    ),
}
