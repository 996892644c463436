"""Conversion: properties of a template as the members of an API's shape, and what does not fit it named.

Templates are looser than APIs: a number may be a text and a text a number, and JSON that an API takes as a
text may be written as an object.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from clary.core.errors import ClaryError
from clary.core.exchange import Document
from clary.services.cloudformation import refusal

_NUMBERS = {"integer": int, "long": int, "float": float, "double": float}
_NESTED: Mapping[str, Any] = {"structure": dict, "list": list, "map": dict}
_CALLED = {"structure": "JSONObject", "map": "JSONObject", "list": "JSONArray"}


def converted(properties: Document, shape: Any, path: str = "#") -> Document:
    """Return ``properties`` as a structure ``shape`` has them; raises ClaryError naming what does not fit."""
    strangers = sorted(name for name in properties if name not in shape.members)
    if strangers:
        raise misfit(f"{path}: extraneous key [{strangers[0]}] is not permitted")
    return {
        name: _value(value, shape.members[name], f"{path}/{name}")
        for name, value in properties.items()
        if value is not None
    }


def misfit(message: str) -> ClaryError:
    """Return the error for properties that a type does not have."""
    return refusal.validation(f"Properties validation failed: {message}")


def _value(value: Any, shape: Any, path: str) -> Any:
    kind: str = shape.type_name
    if kind in _NESTED:
        if not isinstance(value, _NESTED[kind]):
            raise misfit(f"{path}: expected type: {_CALLED[kind]}, found: {_called(value)}")
        if kind == "structure":
            return converted(value, shape, path)
        if kind == "list":
            return [_value(item, shape.member, f"{path}/{place}") for place, item in enumerate(value)]
        return {str(key): _value(item, shape.value, f"{path}/{key}") for key, item in value.items()}
    return _scalar(value, kind, path)


def _scalar(value: Any, kind: str, path: str) -> Any:
    if kind == "boolean":
        if str(value).lower() in ("true", "false"):
            return str(value).lower() == "true"
        raise misfit(f"{path}: expected type: Boolean, found: {_called(value)}")
    if kind == "timestamp":
        return _time(value, path)
    if kind in _NUMBERS and not isinstance(value, bool):
        try:
            return _NUMBERS[kind](value)
        except (TypeError, ValueError, OverflowError) as error:
            raise misfit(f"{path}: expected type: Number, found: {_called(value)}") from error
    return text(value)


def text(value: Any) -> str:
    """Return a value as an API takes it where it wants a text."""
    if isinstance(value, str):
        return value
    return json.dumps(value)


def _time(value: Any, path: str) -> datetime:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError as error:
        raise misfit(f"{path}: expected a time in ISO 8601, found: {value}") from error


def _called(value: Any) -> str:
    names = {dict: "JSONObject", list: "JSONArray", str: "String", bool: "Boolean"}
    return names.get(type(value), "Number")
