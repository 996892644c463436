"""Member: one resource of a stack, as the stack remembers it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from clary.core import clock
from clary.core.exchange import Document
from clary.services.cloudformation.resource_type import Physical

DELETED = ("DELETE_COMPLETE", "DELETE_SKIPPED")
"""The statuses of what is no part of its stack any more."""


UNDER_WAY = ("change", "settle", "vanish")
"""The stages in which something may have to move by itself."""


@dataclass(frozen=True, slots=True)
class Member:
    """A resource.

    ``stage`` says what is being done about it: ``create``, ``change`` and ``delete`` are to be carried out,
    ``settle`` and ``vanish`` are waited for. A stage is stored before it is acted on, and to act again does
    no harm.
    ``turn`` is the number of the stack's operation that dealt with it last, and ``before`` what it was until
    then: None where it is new. ``given`` are the properties that the template says, ``properties`` those with
    a name that was made up. ``needs`` are the logical names that have to be there before it. ``token`` is
    empty as long as nothing can have been created.
    """

    logical: str
    type: str
    turn: int
    given: Document = field(default_factory=dict)
    properties: Document = field(default_factory=dict)
    needs: list[str] = field(default_factory=list)
    token: str = ""
    status: str = ""
    reason: str = ""
    stage: str = ""
    at: float = 0.0
    physical: str = ""
    identity: Document = field(default_factory=dict)
    row: str = ""
    attributes: Document = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    deletion: str = "Delete"
    replacement: str = "Delete"
    metadata: Any = None
    before: Document | None = None

    @property
    def there(self) -> bool:
        """Whether it has been created, so far as is known."""
        return bool(self.physical) and self.status not in DELETED

    @property
    def failed(self) -> bool:
        """Whether what was last done about it failed."""
        return self.status.endswith("_FAILED")

    def resource(self) -> Physical:
        """Return the resource as its type names it."""
        return Physical(self.physical, self.identity, self.row)

    def holding(self, found: Physical) -> "Member":
        """Return the member with the resource that was created for it."""
        return replace(self, physical=found.id, identity=found.identity, row=found.row)

    def told(self, status: str, reason: str = "", stage: str = "") -> "Member":
        """Return the member in another status."""
        return replace(self, status=status, reason=reason, stage=stage, at=clock.now())

    def past(self) -> "Member | None":
        """Return what it was before the operation under way."""
        return None if self.before is None else Member(**self.before)

    def remembered(self) -> Document:
        """Return what to remember as ``before``: all but what was before that."""
        return {**asdict(self), "before": None}


def load(documents: Iterable[Mapping[str, Any]]) -> list[Member]:
    """Return members as they were stored."""
    return [Member(**document) for document in documents]


def store(members: Iterable[Member]) -> list[Document]:
    """Return members as they are stored."""
    return [asdict(member) for member in members]
