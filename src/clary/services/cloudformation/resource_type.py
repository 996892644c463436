"""ResourceType: what a stack can do with resources of one type, whatever service keeps them."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clary.core.errors import ClaryError
from clary.core.exchange import Caller, Document
from clary.engine.platform import Platform
from clary.services.cloudformation.client import Client

RESERVED = "aws:"
"""How the keys of tags begin that only AWS, here a stack, may set."""


@dataclass(frozen=True, slots=True)
class Physical:
    """A resource that is there: ``id`` is what ``Ref`` answers, ``identity`` how its service names it.

    ``row`` is the id of its row, where it has one that its type looks at.
    """

    id: str
    identity: Document
    row: str = ""


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be done about one resource, in whose name.

    ``name`` is what it is called where the template does not say, ``token`` the same whenever the errand is
    run again, and ``tags`` what all resources of the stack are tagged with.
    """

    platform: Platform
    client: Client
    caller: Caller
    name: str
    token: str
    properties: Document
    tags: Mapping[str, str]

    def call(self, service: str, operation: str, **params: Any) -> Document:
        """Call an operation and return its answer."""
        return self.client(self.caller, service, operation, params)


class ResourceType(ABC):
    """One type of resource. Every method may be called again after a crash."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The type's name, ``AWS::SageMaker::Model``."""

    @property
    @abstractmethod
    def attributes(self) -> Collection[str]:
        """What ``Fn::GetAtt`` may ask for."""

    @abstractmethod
    def replacing(self, before: Document, after: Document) -> Sequence[str]:
        """Return the properties that differ and cannot be changed without a new resource."""

    @abstractmethod
    def named(self, errand: Errand) -> Document:
        """Return the properties with the name that the resource will have.

        Raises ClaryError for properties that do not fit the type and for a name that is taken.
        """

    @abstractmethod
    def create(self, errand: Errand) -> Physical:
        """Create the resource, or return what the same errand has created before."""

    @abstractmethod
    def find(self, errand: Errand) -> Physical | None:
        """Return what this errand has created."""

    @abstractmethod
    def exists(self, errand: Errand, physical: Physical) -> bool:
        """Tell whether the resource is there."""

    @abstractmethod
    def change(self, errand: Errand, physical: Physical, before: Document) -> None:
        """Change the resource from the properties ``before`` to those of the errand."""

    @abstractmethod
    def delete(self, errand: Errand, physical: Physical) -> None:
        """Delete the resource, which is there."""

    def settled(self, errand: Errand, physical: Physical) -> bool:
        """Return whether nothing changes by itself any more; raises ClaryError where the resource failed."""
        del errand, physical
        return True

    def read(self, errand: Errand, physical: Physical) -> Document:
        """Return the values of the attributes."""
        del errand, physical
        return {}


def differing(before: Document, after: Document) -> list[str]:
    """Return the names of the properties that differ."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def at(properties: Any, path: str) -> Any:
    """Return what stands at a path such as ``GitConfig/Branch``, None where nothing does."""
    for name in path.split("/"):
        properties = properties.get(name) if isinstance(properties, dict) else None
    return properties


def fitted(name: str, longest: int) -> str:
    """Return a name that is not too long, with its random end kept."""
    if len(name) <= longest:
        return name
    head, _, tail = name.rpartition("-")
    return f"{head[: longest - len(tail) - 1].rstrip('-')}-{tail}"


def taken(name: str, type_name: str) -> ClaryError:
    """Return the error for a name that something has which is not the stack's."""
    return ClaryError(
        "AlreadyExists", f"Resource of type '{type_name}' with identifier '{name}' already exists."
    )


def tag_list(own: Any, stack: Mapping[str, str]) -> list[Document]:
    """Return the tags of a resource: the stack's, and its own over them; without those that AWS reserves."""
    tags = {key: value for key, value in stack.items() if not key.startswith(RESERVED)}
    if isinstance(own, list):
        tags |= {str(tag["Key"]): str(tag["Value"]) for tag in own if isinstance(tag, dict) and "Key" in tag}
    elif isinstance(own, dict):
        tags |= {str(key): str(value) for key, value in own.items()}
    return [{"Key": key, "Value": value} for key, value in tags.items()]
