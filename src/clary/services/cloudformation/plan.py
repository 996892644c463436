"""Plan: what carrying a blueprint out would do to each resource, decided without doing any of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clary.core.exchange import Document
from clary.services.cloudformation.blueprint import Blueprint, Lookup
from clary.services.cloudformation.intrinsics import UNKNOWN, has_unknown
from clary.services.cloudformation.member import Member
from clary.services.cloudformation.resource_type import ResourceType, differing


@dataclass(frozen=True, slots=True)
class Change:
    """What is to happen to one resource.

    ``action`` is Add, Modify or Remove. ``replacement`` is True, False, or Conditional where that hangs on a
    value that is not known yet; ``properties`` are those that differ, and whether each asks for a new
    resource.
    """

    action: str
    logical: str
    type: str
    physical: str = ""
    replacement: str = ""
    properties: tuple[tuple[str, str], ...] = ()
    tagged: bool = False

    def shown(self) -> Document:
        """Return the change as answers have it."""
        told: Document = {
            "Action": self.action,
            "LogicalResourceId": self.logical,
            "PhysicalResourceId": self.physical or None,
            "ResourceType": self.type,
            "Replacement": self.replacement or None,
            "Scope": self._scope() if self.action == "Modify" else [],
            "Details": [
                {
                    "Target": {"Attribute": "Properties", "Name": name, "RequiresRecreation": recreation},
                    "Evaluation": "Dynamic" if recreation == "Conditionally" else "Static",
                    "ChangeSource": "DirectModification",
                }
                for name, recreation in self.properties
            ],
        }
        return {"Type": "Resource", "ResourceChange": told}

    def _scope(self) -> list[str]:
        scope = ["Properties"] if any(name != "Tags" for name, _ in self.properties) else []
        return [*scope, "Tags"] if self.tagged else scope


class Plan:
    """The changes of a stack that is to become what ``blueprint`` says and has ``members`` now."""

    def __init__(
        self,
        blueprint: Blueprint,
        members: Mapping[str, Member],
        types: Mapping[str, ResourceType],
        exported: Callable[[str], Any],
    ) -> None:
        self._blueprint = blueprint
        self._members = members
        self._types = types
        self._lookup = Lookup(self._reference, self._attribute, exported)
        self._new: set[str] = set()
        self.changes: Sequence[Change] = [*self._kept(), *self._removed()]

    def outputs(self) -> list[Document]:
        """Return the outputs so far as they are known."""
        return self._blueprint.outputs(self._lookup)

    def _kept(self) -> Sequence[Change]:
        found = []
        for logical, declaration in self._blueprint.included.items():
            after = self._blueprint.properties(logical, self._lookup)
            old = self._members.get(logical)
            if old is None or not old.there:
                self._new.add(logical)
                found.append(Change("Add", logical, declaration.type))
            else:
                found += self._modified(old, declaration.type, after)
        return found

    def _modified(self, old: Member, kind: str, after: Document) -> Sequence[Change]:
        names = differing(old.given, after)
        tagged = "Tags" in names or self._blueprint.tags != _own(old.tags)
        if not names and not tagged and kind == old.type:
            return []
        replacing = self._types[kind].replacing(old.given, after) if kind == old.type else names
        told = [(name, _recreation(name, replacing, after)) for name in names]
        replacement = "False"
        if replacing or kind != old.type:
            self._new.add(old.logical)
            sure = kind != old.type or any(each == "Always" for _, each in told)
            replacement = "True" if sure else "Conditional"
        return [Change("Modify", old.logical, kind, old.physical, replacement, tuple(told), tagged)]

    def _removed(self) -> Sequence[Change]:
        return [
            Change("Remove", logical, old.type, old.physical)
            for logical, old in self._members.items()
            if logical not in self._blueprint.included and old.there
        ]

    def _reference(self, logical: str) -> Any:
        return UNKNOWN if logical in self._new else self._members[logical].physical

    def _attribute(self, logical: str, name: str) -> Any:
        return UNKNOWN if logical in self._new else self._members[logical].attributes.get(name, UNKNOWN)


def _recreation(name: str, replacing: Sequence[str], after: Document) -> str:
    """Return whether a change of the property asks for another resource."""
    if not any(path.partition("/")[0] == name for path in replacing):
        return "Never"
    return "Conditionally" if has_unknown(after.get(name)) else "Always"


def _own(tags: Mapping[str, str]) -> Mapping[str, str]:
    return {key: value for key, value in tags.items() if not key.startswith("aws:")}
