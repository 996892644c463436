"""The AWS JSON protocols: a POST of one object; also the bodies of REST-JSON."""

import json
from collections.abc import Callable
from typing import Any, NoReturn

from botocore.model import Shape

from clary.core.exchange import Document
from clary.wire import timestamp
from clary.wire.parse import scalar

_LONG = 2**63
_NUMBERS = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def parse(shape: Shape | None, body: bytes) -> Document:
    """Return the members of a JSON object as the structure ``shape`` has them; raises ValueError."""
    value = json.loads(body, parse_constant=_constant) if body.strip() else {}
    if not isinstance(value, dict):
        _refuse(value, "a structure")
    return _structure(shape, value) if shape is not None else {}


def read(shape: Shape, value: Any) -> Any:
    """Return a decoded JSON ``value`` with the types of ``shape``; raises ValueError."""
    return _READERS[shape.type_name](shape, value)


def _structure(shape: Shape, value: Any) -> Any:
    if getattr(shape, "is_document_type", False):
        return value
    if not isinstance(value, dict):
        _refuse(value, "a structure")
    members = (
        (name, member, member.serialization.get("name", name)) for name, member in shape.members.items()
    )
    return {name: read(member, value[key]) for name, member, key in members if value.get(key) is not None}


def _list(shape: Shape, value: Any) -> list[Any]:
    if not isinstance(value, list):
        _refuse(value, "a list")
    return [None if item is None else read(shape.member, item) for item in value]


def _map(shape: Shape, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        _refuse(value, "a map")
    return {key: None if item is None else read(shape.value, item) for key, item in value.items()}


def _string(_shape: Shape, value: Any) -> str:
    return value if isinstance(value, str) else _refuse(value, "a String")


def _boolean(_shape: Shape, value: Any) -> bool:
    return value if isinstance(value, bool) else _refuse(value, "a Boolean")


def _integer(_shape: Shape, value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not -_LONG <= value < _LONG:
        _refuse(value, "an Integer")
    return value


def _float(_shape: Shape, value: Any) -> float:
    if isinstance(value, str) and value in _NUMBERS:
        return _NUMBERS[value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refuse(value, "a Double")
    return float(value)


def _blob(shape: Shape, value: Any) -> bytes:
    return scalar.decode(_string(shape, value))


def _refuse(value: object, wanted: str) -> NoReturn:
    kinds = {bool: "BOOLEAN_VALUE", int: "NUMBER_VALUE", float: "NUMBER_VALUE", str: "STRING_VALUE"}
    found = kinds.get(type(value), "The start of a structure, map or list")
    raise ValueError(f"{found} can not be converted to {wanted}")


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


_READERS: dict[str, Callable[[Shape, Any], Any]] = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "character": _string,
    "boolean": _boolean,
    "integer": _integer,
    "long": _integer,
    "float": _float,
    "double": _float,
    "blob": _blob,
    "timestamp": lambda _shape, value: timestamp.parse(value),
}
