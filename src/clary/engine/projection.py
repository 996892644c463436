"""Projection: a document cut down to what a shape has room for."""

from datetime import datetime
from typing import Any

from clary.core.exchange import Document


def project(value: Any, shape: Any) -> Any:
    """Return ``value`` with only the members that ``shape`` (a botocore shape) names, recursively.

    Members that are None are left out, and so are structures that turn out empty: clients that check answers
    against the model refuse an empty structure that has required members.
    """
    if shape.type_name == "structure" and isinstance(value, dict):
        return _structure(value, shape)
    if shape.type_name == "list" and isinstance(value, list):
        return [project(item, shape.member) for item in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {key: project(item, shape.value) for key, item in value.items()}
    return value


def part(doc: Document, path: str) -> Any:
    """Return what stands at a dotted path, None where nothing does."""
    value: Any = doc
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def storable(value: Any) -> Any:
    """Return ``value`` as JSON can hold it: times become epoch seconds."""
    if isinstance(value, dict):
        return {key: storable(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [storable(item) for item in value]
    return value.timestamp() if isinstance(value, datetime) else value


def _structure(value: Document, shape: Any) -> Document:
    kept: Document = {}
    for name, member in shape.members.items():
        if value.get(name) is None:
            continue
        item = project(value[name], member)
        if item != {} or member.type_name != "structure" or not member.required_members:
            kept[name] = item
    return kept
