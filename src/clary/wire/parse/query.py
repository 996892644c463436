"""The Query protocol: a form whose field names spell a path such as ``Tags.member.1.Key``."""

from typing import Any

from botocore.model import Shape

from clary.core.exchange import Document
from clary.wire import form
from clary.wire.http import RequestHead
from clary.wire.model import wire_name
from clary.wire.parse import scalar

_MAXIMUM_DEPTH = 64
_HERE = ""

_Tree = dict[str, Any]
"""What lies under each step of the paths; the text of a path that ends here lies under ``_HERE``."""


def parse(shape: Shape | None, head: RequestHead, body: bytes) -> Document:
    """Return the form in the body (or the query string of a GET) as ``shape`` has it; raises ValueError."""
    tree = _tree([*head.parameters(), *form.fields(body)])
    return _structure(shape, tree) if shape is not None else {}


def _tree(pairs: list[tuple[str, str]]) -> _Tree:
    root: _Tree = {}
    for name, value in pairs:
        node = root
        steps = name.split(".")
        if len(steps) > _MAXIMUM_DEPTH:
            raise ValueError("a field name is nested too deeply")
        for step in steps:
            node = node.setdefault(step, {})
        node[_HERE] = value
    return root


def _read(shape: Shape, tree: _Tree) -> Any:
    kind = shape.type_name
    if kind == "structure":
        return _structure(shape, tree)
    if kind == "list":
        return _list(shape, tree)
    if kind == "map":
        return _map(shape, tree)
    return scalar.parse(shape, tree.get(_HERE, ""))


def _structure(shape: Shape, tree: _Tree) -> Document:
    members = ((name, member, wire_name(name, member)) for name, member in shape.members.items())
    return {name: _read(member, tree[key]) for name, member, key in members if key in tree}


def _list(shape: Shape, tree: _Tree) -> list[Any]:
    if not shape.serialization.get("flattened"):
        tree = tree.get(shape.member.serialization.get("name", "member"), {})
    return [_read(shape.member, item) for item in _numbered(tree)]


def _map(shape: Shape, tree: _Tree) -> dict[str, Any]:
    if not shape.serialization.get("flattened"):
        tree = tree.get("entry", {})
    key = shape.key.serialization.get("name", "key")
    value = shape.value.serialization.get("name", "value")
    return {
        scalar.parse(shape.key, entry.get(key, {}).get(_HERE, "")): _read(shape.value, entry.get(value, {}))
        for entry in _numbered(tree)
    }


def _numbered(tree: _Tree) -> list[_Tree]:
    places = [step for step in tree if step != _HERE]
    if not all(step.isascii() and step.isdigit() for step in places):
        raise ValueError("the items of a list or map are not numbered")
    return [tree[step] for step in sorted(places, key=int)]
