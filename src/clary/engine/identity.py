"""Identity: the members by which requests name a resource, and where its row then lies."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clary.core.exchange import Document
from clary.store.resources import Row


@dataclass(frozen=True, slots=True)
class Address:
    """A row's place within its kind: ``name`` among the resources of ``scope``, which is often empty."""

    scope: str
    name: str


@dataclass(frozen=True, slots=True)
class Identity:
    """The members that name a resource together, the outermost first: ``("DomainId", "SpaceName")``."""

    members: tuple[str, ...]

    @property
    def name(self) -> str:
        """The member that carries the resource's own name."""
        return self.members[-1]

    def address(self, params: Mapping[str, Any]) -> Address:
        """Return the place that ``params`` name; an ARN among them counts for the name it ends with."""
        values = [_last(str(params.get(member) or "")) for member in self.members]
        return Address("/".join(values[:-1]), values[-1])

    def document(self, row: Row) -> Document:
        """Return the members that name ``row``."""
        scopes = row.scope.split("/") if len(self.members) > 1 else ()
        return dict(zip(self.members, (*scopes, row.name), strict=False))


def is_arn(value: object) -> bool:
    """Tell whether a request names a resource by its ARN."""
    return isinstance(value, str) and value.startswith("arn:")


def _last(value: str) -> str:
    return value.rpartition("/")[2] if is_arn(value) else value
