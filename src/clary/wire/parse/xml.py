"""The bodies of REST-XML: one element that spells one structure."""

from typing import Any

from botocore.model import Shape

from clary.core.exchange import Document
from clary.wire import xml
from clary.wire.model import wire_name
from clary.wire.parse import scalar


def parse(shape: Shape, body: bytes) -> Document:
    """Return the document's root element as the structure ``shape`` has it; raises ValueError."""
    return _structure(shape, xml.parse(body))


def _read(shape: Shape, element: xml.Element) -> Any:
    kind = shape.type_name
    if kind == "structure":
        return _structure(shape, element)
    if kind == "list":
        name = shape.member.serialization.get("name", "member")
        return [_read(shape.member, item) for item in element.named(name)]
    if kind == "map":
        return _map(shape, list(element.named("entry")))
    return scalar.parse(shape, element.text)


def _structure(shape: Shape, element: xml.Element) -> Document:
    values: Document = {}
    for name, member in shape.members.items():
        serialization = member.serialization
        if "location" in serialization:
            continue
        if serialization.get("xmlAttribute"):
            if serialization["name"] in element.attributes:
                values[name] = element.attributes[serialization["name"]]
            continue
        found = list(element.named(wire_name(name, member)))
        if found:
            values[name] = _member(member, found)
    return values


def _member(shape: Shape, found: list[xml.Element]) -> Any:
    if shape.serialization.get("flattened"):
        if shape.type_name == "list":
            return [_read(shape.member, item) for item in found]
        return _map(shape, found)
    return _read(shape, found[0])


def _map(shape: Shape, entries: list[xml.Element]) -> dict[str, Any]:
    key = shape.key.serialization.get("name", "key")
    value = shape.value.serialization.get("name", "value")
    return {
        scalar.parse(shape.key, _child(entry, key).text): _read(shape.value, _child(entry, value))
        for entry in entries
    }


def _child(element: xml.Element, tag: str) -> xml.Element:
    child = next(element.named(tag), None)
    if child is None:
        raise ValueError(f"an entry of {element.tag} lacks its {tag}")
    return child
