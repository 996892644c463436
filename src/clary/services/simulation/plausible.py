"""Plausible: values for the members of an answer that its shape requires and that nobody has given."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from clary.core.exchange import Document
from clary.services.simulation import status

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "structure": dict,
    "map": dict,
    "list": list,
    "boolean": bool,
    "timestamp": (int, float),
}
_WORDS = (
    "",
    "simulated",
    "s3://simulated/simulated",
    "https://simulated.aws",
    "arn:aws:sagemaker:us-east-1:123456789012:simulated/simulated",
    "arn:aws:iam::123456789012:role/simulated",
    "1",
    "1.0",
    "ml.m5.large",
)
"""Strings of the forms that answers ask for; the first that fits is taken."""
_DEEPEST = 6
_DONE = ("Completed", "Succeeded")
"""What counters count that have something to count."""


class Plausible:
    """Completes documents with what is ``known`` of a resource, wherever that stands, and made-up values.

    ``at`` is the time of whatever happened, in seconds since the epoch.
    """

    def __init__(self, known: Document, at: float) -> None:
        self._known = dict(reversed([*_named(known)]))  # what stands higher counts
        self._at = at

    def filled(self, shape: Any, given: Any) -> Any:
        """Return ``given`` with all that ``shape`` requires of it, at any depth."""
        if shape.type_name == "structure" and isinstance(given, dict):
            members = shape.members
            whole = {
                name: self.filled(members[name], item) for name, item in given.items() if name in members
            }
            lacking = [name for name in shape.required_members if whole.get(name) is None]
            return whole | {name: self._value(name, members[name], 0) for name in lacking}
        if shape.type_name == "list" and isinstance(given, list):
            return [self.filled(shape.member, item) for item in given]
        return given

    def _value(self, name: str, shape: Any, depth: int) -> Any:
        found = self._known.get(name)
        if found is not None and isinstance(found, _TYPES.get(shape.type_name, ())) and _fits(shape, found):
            return found
        match shape.type_name:
            case "structure":
                return self._structure(shape, depth)
            case "list":
                least = shape.metadata.get("min", 0)
                return [self._value(name, shape.member, depth + 1)] * least
            case "map":
                return {}
            case "timestamp":
                return self._at
            case "boolean":
                return False
            case "string":
                return _word(shape)
            case _:
                return max(shape.metadata.get("min", 0), int(name in _DONE))

    def _structure(self, shape: Any, depth: int) -> Document:
        """Return a structure with what it requires; one that requires nothing counts: one success."""
        if depth > _DEEPEST:
            return {}
        counts = [name for name, member in shape.members.items() if member.type_name == "integer"]
        wanted = shape.required_members or counts
        return {name: self._value(name, shape.members[name], depth + 1) for name in wanted}


def _named(document: Any) -> Iterator[tuple[str, Any]]:
    """Yield every member of ``document`` and of its parts, outer ones first."""
    parts = [document]
    while parts:
        part = parts.pop(0)
        if isinstance(part, dict):
            yield from part.items()
            parts += part.values()
        elif isinstance(part, list):
            parts += part


def _word(shape: Any) -> str:
    values = shape.metadata.get("enum")
    if values:
        return status.settled(values) or str(values[0])
    return next((word for word in _WORDS if _fits(shape, word)), "simulated")


def _fits(shape: Any, value: Any) -> bool:
    """Tell whether a string may stand where ``shape`` is asked for; other values always may."""
    if shape.type_name != "string":
        return True
    rules = shape.metadata
    longest = rules.get("max", len(value))
    in_enum = value in rules.get("enum", (value,))
    return bool(in_enum and rules.get("min", 0) <= len(value) <= longest and _matches(rules, value))


def _matches(rules: Mapping[str, Any], value: str) -> bool:
    compiled = _compiled(rules.get("pattern", ""))
    return compiled is None or compiled.fullmatch(value) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """Return the rule of a model; None where there is none, or none that Python can read."""
    try:
        return re.compile(pattern) if pattern else None
    except re.error:
        return None
