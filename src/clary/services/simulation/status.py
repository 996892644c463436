"""Status: through which statuses a simulated noun goes, read from the enums of its model."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from clary.engine.lifecycle import RECORD, Lifecycle, Phase

_SETTLED = (
    *("Completed", "COMPLETED", "Succeeded", "InService", "Active", "Running"),
    *("Scheduled", "Available", "Created", "CREATED", "CreateCompleted"),
)
"""What is reached at once, the likeliest first; the model says which of them a noun has."""
_STARTED = ("Started", *_SETTLED)
_STOPPED = ("Stopped", "STOPPED", "Completed")
_UPDATED = ("Updated",)
_OVER = frozenset({"Completed", "COMPLETED", "Succeeded", "Stopped", "STOPPED"})


class Status(NamedTuple):
    """The member that tells the status of a noun, and the values that it may have."""

    member: str
    values: Sequence[str]


def of(noun: str, shapes: Sequence[Any]) -> Status | None:
    """Return where ``shapes``, those that show a noun, tell its status; None for a noun that has none."""
    for member in (f"{noun}Status", "Status", ""):
        for name, values in _enums(shapes):
            if name == member or not member:
                return Status(name, values)
    return None


def lifecycle(status: Status | None) -> Lifecycle:
    """Return the lifecycle that is settled from the first moment, whatever is asked of it."""
    settled = None if status is None else _first(_SETTLED, status.values)
    if status is None or settled is None:
        return RECORD
    others = [value for value in status.values if value != settled]
    return Lifecycle(
        *(Phase(value, value, settled=True) for value in (settled, *others)),
        on_start=_first(_STARTED, status.values),
        on_stop=_first(_STOPPED, status.values),
        on_update=_first(_UPDATED, status.values),
    )


def is_over(status: str) -> bool:
    """Return whether nothing follows ``status``, so that the resource has an end."""
    return status in _OVER


def settled(values: Collection[str]) -> str | None:
    """Return which of these statuses is the settled one, None where none of them is."""
    return _first(_SETTLED, values)


def _first(wanted: Sequence[str], values: Collection[str]) -> str | None:
    return next((value for value in wanted if value in values), None)


def _enums(shapes: Sequence[Any]) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the members called status, with their values, those of the whole before those of its parts."""
    for shape in shapes:
        for name, member in shape.members.items():
            if name.endswith("Status") and member.metadata.get("enum"):
                yield name, member.metadata["enum"]
