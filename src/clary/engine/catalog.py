"""Catalog: which operation is which verb of which kind, inferred from the service's model."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clary.engine.kind import Kind
from clary.engine.listing import Listing
from clary.engine.spelling import Spelling
from clary.engine.state import State
from clary.engine.tagging import Tagging

if TYPE_CHECKING:
    from clary.engine.operation import Method

VERBS = ("Create", "Describe", "List", "Update", "Delete", "Start", "Stop")
ABOUT = "About"
"""The verb of operations that ask for more about a resource of a noun of which there is none."""
REFUSED = "Refused"
"""The verb of operations that nothing here carries out."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation as a verb of a kind.

    ``outputs`` is what the answer shows of a resource: the output shape, or the shape of what stands in its
    member ``within`` (a list of summaries for List). ``arn_member`` carries the ARN in Create's answer.
    ``errors`` are the codes that the operation declares.
    """

    operation: str
    verb: str
    kind: Kind
    arn_member: str
    inputs: Any
    outputs: Any
    spelling: Spelling
    errors: frozenset[str]
    within: str = ""
    listing: Listing | None = None


class Catalog:
    """The operations of a service that its kinds serve."""

    def __init__(self, model: Any, kinds: Iterable[Kind]) -> None:
        self.kinds: Mapping[str, Kind] = {kind.noun: kind for kind in kinds}
        marked = {kind.noun: kind.methods() for kind in self.kinds.values()}
        self.methods: Mapping[str, Method] = {
            name: method for methods in marked.values() for name, method in methods.items()
        }
        names = set(model.operation_names) - self.methods.keys()
        self.entries: Mapping[str, Entry] = {
            entry.operation: entry for kind in self.kinds.values() for entry in _entries(model, kind, names)
        }
        self.owners: Mapping[str, Kind] = {
            **{name: self.kinds[noun] for noun, methods in marked.items() for name in methods},
            **{name: entry.kind for name, entry in self.entries.items()},
        }
        """Which kind answers an operation."""

    def state(self, operation: str) -> State:
        """Return how far ``operation`` does what it promises; nothing answers for what no kind serves."""
        if operation in Tagging.operations:
            return State.RECORD
        stated: State | None = getattr(self.methods.get(operation), "state", None)
        entry = self.entries.get(operation)
        if stated is not None or operation not in self.owners or (entry and entry.verb == REFUSED):
            return stated or State.SIMULATED
        return self.owners[operation].state


def plural(noun: str) -> str:
    """Return how List spells ``noun``."""
    return noun[:-1] + "ies" if noun.endswith("y") else noun + "s"


def _entries(model: Any, kind: Kind, names: Collection[str]) -> Iterable[Entry]:
    created = _shapes(model, f"Create{kind.noun}")
    arn_member = _arn_member(kind, created[1])
    for verb, operation in _operations(kind):
        if operation not in names:
            continue
        inputs, outputs = _shapes(model, operation)
        within, shown = _shown(kind, verb, outputs)
        listing = Listing(operation, kind, inputs, created[0]) if verb == "List" else None
        declared = frozenset(shape.name for shape in model.operation_model(operation).error_shapes)
        spelling = Spelling(shown, kind, arn_member)
        yield Entry(operation, verb, kind, arn_member, inputs, shown, spelling, declared, within, listing)


def _operations(kind: Kind) -> Iterable[tuple[str, str]]:
    yield from _verbs(kind)
    yield from ((ABOUT, name) for name in kind.about)
    yield from ((REFUSED, name) for name in kind.refuses)


def _verbs(kind: Kind) -> Iterable[tuple[str, str]]:
    for verb in VERBS:
        if kind.serves(verb):
            yield verb, verb + (plural(kind.noun) if verb == "List" else kind.noun)


def _shapes(model: Any, operation: str) -> tuple[Any, Any]:
    if operation not in model.operation_names:
        return None, None
    shapes = model.operation_model(operation)
    return shapes.input_shape, shapes.output_shape


def _arn_member(kind: Kind, created: Any) -> str:
    """Return the member of Create's answer that is the ARN: the noun's own, or the only one there is."""
    members: list[str] = list(getattr(created, "members", ()))
    own = f"{kind.noun}Arn"
    return own if own in members else next((name for name in members if name.endswith("Arn")), own)


def _shown(kind: Kind, verb: str, outputs: Any) -> tuple[str, Any]:
    """Return the member of an answer that shows resources, "" for the answer itself, and its shape."""
    members = getattr(outputs, "members", {})
    if verb in ("List", ABOUT):
        within = next((name for name, shape in members.items() if shape.type_name == "list"), "")
        return within, members[within].member if within else outputs
    if list(members) == [kind.noun]:
        return kind.noun, members[kind.noun]
    return "", outputs
