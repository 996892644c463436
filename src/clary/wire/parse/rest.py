"""The REST protocols: members in the path, the query string, the headers and the body."""

import re
from typing import Any
from urllib.parse import unquote

from botocore.model import Shape

from clary.core.errors import ClaryError
from clary.core.exchange import Document, Source
from clary.wire import model
from clary.wire.http import RequestHead
from clary.wire.model import Protocol
from clary.wire.parse import json, scalar, xml
from clary.wire.route import Route

_ITEM = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^,]*))\s*(?:,|$)')


def parse(route: Route, head: RequestHead, body: bytes | Source) -> Document:
    """Return the parameters of a REST request; raises ValueError where a value is misspelt."""
    shape = route.operation.input_shape
    if shape is None:
        return {}
    try:
        values = _located(shape, route, head)
    except ValueError as error:
        if route.protocol == "rest-xml":
            raise ClaryError("InvalidArgument", str(error)) from error
        raise
    return values | _body(shape, route.protocol, body)


def _located(shape: Shape, route: Route, head: RequestHead) -> Document:
    query: dict[str, list[str]] = {}
    for key, text in head.parameters():
        query.setdefault(key, []).append(text)
    values: Document = {}
    for name, member in shape.members.items():
        location = member.serialization.get("location")
        key = member.serialization.get("name", name)
        value: Any = None
        if location == "uri":
            value = scalar.parse(member, unquote(route.labels[key], errors="strict"))
        elif location == "querystring":
            value = _query(member, query.get(key))
        elif location == "header":
            value = _header(member, head.headers.get(key.lower()))
        elif location == "headers":
            value = _prefixed(head, key.lower())
        if value is not None:
            values[name] = value
    return values


def _query(shape: Shape, texts: list[str] | None) -> Any:
    if texts is None:
        return None
    if shape.type_name == "list":
        return [scalar.parse(shape.member, text) for text in texts]
    return scalar.parse(shape, texts[0])


def _header(shape: Shape, text: str | None) -> Any:
    if text is None:
        return None
    if shape.type_name == "list":
        return [scalar.parse(shape.member, item) for item in _items(text)]
    return scalar.parse(shape, text)


def _items(text: str) -> list[str]:
    found = (match for match in _ITEM.finditer(text) if match.end() > match.start())
    return [
        (re.sub(r"\\(.)", r"\1", quoted) if (quoted := match[1]) is not None else match[2].strip())
        for match in found
    ]


def _prefixed(head: RequestHead, prefix: str) -> dict[str, str] | None:
    return {
        name.removeprefix(prefix): value for name, value in head.headers.items() if name.startswith(prefix)
    } or None


def _body(shape: Shape, protocol: Protocol, body: bytes | Source) -> Document:
    payload = model.payload(shape)
    if payload is None:
        if all("location" in member.serialization for member in shape.members.values()):
            return {}
        return _document(shape, protocol, _whole(body))
    name, member = payload
    if member.serialization.get("streaming"):
        return {name: body}
    content = _whole(body)
    if member.type_name == "blob":
        return {name: content}
    if member.type_name == "string":
        return {name: content.decode()}
    return {name: _document(member, protocol, content)} if content.strip() else {}


def _document(shape: Shape, protocol: Protocol, content: bytes) -> Document:
    if protocol == "rest-json":
        members = json.parse(shape, content)
        return {
            name: value
            for name, value in members.items()
            if "location" not in shape.members[name].serialization
        }
    return xml.parse(shape, content) if content.strip() else {}


def _whole(body: bytes | Source) -> bytes:
    return body if isinstance(body, bytes) else body.read()
