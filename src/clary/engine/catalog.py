"""Catalog: which operation is which verb of which kind, inferred from the service's model."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from clary.engine.kind import Kind

VERBS = ("Create", "Describe", "List", "Update", "Delete", "Stop")


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation: its verb, its kind, and the members that carry the resource's identity."""

    operation: str
    verb: str
    kind: Kind
    name_member: str
    arn_member: str
    status_member: str
    inputs: Any
    outputs: Any


class Catalog:
    """The operations of a service that its kinds serve."""

    def __init__(self, model: Any, kinds: Iterable[Kind]) -> None:
        self.kinds: Mapping[str, Kind] = {kind.noun: kind for kind in kinds}
        self.entries: Mapping[str, Entry] = {
            entry.operation: entry for kind in self.kinds.values() for entry in _entries(model, kind)
        }


def plural(noun: str) -> str:
    """Return how List spells ``noun``."""
    return noun[:-1] + "ies" if noun.endswith("y") else noun + "s"


def _entries(model: Any, kind: Kind) -> Iterable[Entry]:
    known = set(model.operation_names)
    for verb in VERBS:
        operation = verb + (plural(kind.noun) if verb == "List" else kind.noun)
        if operation in known and _serves(kind, verb):
            shapes = model.operation_model(operation)
            yield Entry(
                operation,
                verb,
                kind,
                f"{kind.noun}Name",
                f"{kind.noun}Arn",
                f"{kind.noun}Status",
                shapes.input_shape,
                shapes.output_shape,
            )


def _serves(kind: Kind, verb: str) -> bool:
    return verb not in ("Update", "Stop") or kind.lifecycle.accepts(verb.lower())
