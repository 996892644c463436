"""Structures as XML elements: the bodies of REST-XML and Query."""

from collections.abc import Mapping
from typing import Any

from botocore.model import Shape

from clary.wire import xml
from clary.wire.model import wire_name
from clary.wire.serialize import scalar


def element(tag: str, shape: Shape, value: Any, namespace: str = "") -> str:
    """Return ``value`` as an element; ``namespace`` is the default one that begins here."""
    attributes = {"xmlns": namespace} if namespace else {}
    if shape.type_name == "structure":
        attributes |= _namespace(shape) | _attributes(shape, value)
        return xml.element(tag, members(shape, value), attributes)
    if shape.type_name == "list":
        item = shape.member.serialization.get("name", "member")
        return xml.element(tag, _items(item, shape, value), attributes)
    if shape.type_name == "map":
        return xml.element(tag, _entries("entry", shape, value), attributes)
    return xml.element(tag, xml.escape(scalar.text(shape, value, "iso8601")), attributes)


def members(shape: Shape, value: Mapping[str, Any]) -> str:
    """Return the elements of a structure's members that lie in the body and are not None."""
    parts = []
    for name, member in shape.members.items():
        given = value.get(name)
        serialization = member.serialization
        if given is None or "location" in serialization or serialization.get("xmlAttribute"):
            continue
        tag = wire_name(name, member)
        if serialization.get("flattened"):
            write = _items if member.type_name == "list" else _entries
            parts.append(write(tag, member, given))
        else:
            parts.append(element(tag, member, given))
    return "".join(parts)


def _items(tag: str, shape: Shape, value: Any) -> str:
    return "".join(element(tag, shape.member, item) for item in value)


def _entries(tag: str, shape: Shape, value: Mapping[str, Any]) -> str:
    key_tag = shape.key.serialization.get("name", "key")
    value_tag = shape.value.serialization.get("name", "value")
    return "".join(
        xml.element(tag, element(key_tag, shape.key, key) + element(value_tag, shape.value, item))
        for key, item in value.items()
    )


def _namespace(shape: Shape) -> dict[str, str]:
    space = shape.serialization.get("xmlNamespace")
    if not isinstance(space, Mapping) or not space.get("prefix"):
        return {}
    return {f"xmlns:{space['prefix']}": space["uri"]}


def _attributes(shape: Shape, value: Mapping[str, Any]) -> dict[str, str]:
    return {
        member.serialization["name"]: str(value[name])
        for name, member in shape.members.items()
        if member.serialization.get("xmlAttribute") and value.get(name) is not None
    }
