"""Removal: deletes resources of a stack, each when nothing that needs it is left."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from clary.services.cloudformation.convergence import Progress
from clary.services.cloudformation.member import DELETED, Member
from clary.services.cloudformation.work import Work

Kept = Callable[[Member], bool]
"""Tells whether a resource is to stay when it is no longer wanted."""
_UNDER_WAY = ("delete", "vanish")


def remove(work: Work, doomed: Sequence[Member], retained: Kept) -> tuple[list[Member], Progress]:
    """Go on with the removal of ``doomed``; return them as they are now, and how far that is."""
    found = [work.act(one) if one.stage in _UNDER_WAY and one.turn == work.turn else one for one in doomed]
    begun = False
    for place, one in enumerate(found):
        if _is_waiting(one, work.turn) and not _is_needed(one, found):
            found[place] = _begin(work, one, retained(one))
            begun = begun or bool(found[place].stage)
    if begun:
        return found, Progress.BEGUN
    if any(one.turn == work.turn and one.stage in _UNDER_WAY for one in found):
        return found, Progress.WAITING
    done = all(one.status in DELETED for one in found)
    return found, Progress.DONE if done else _stuck(work, found)


def is_kept(asked: Collection[str], *, creating: bool) -> Kept:
    """Return what tells whether a member stays when its stack goes: it says so, or the request does."""
    kept = ("Retain",) if creating else ("Retain", "RetainExceptOnCreate")
    return lambda one: one.logical in asked or one.deletion in kept


def _is_waiting(one: Member, turn: int) -> bool:
    finished = one.status in DELETED or (one.turn == turn and one.status == "DELETE_FAILED")
    return not finished and not (one.turn == turn and one.stage in _UNDER_WAY)


def _is_needed(one: Member, others: Sequence[Member]) -> bool:
    return any(
        one.logical in other.needs and other.logical != one.logical and other.status not in DELETED
        for other in others
    )


def _begin(work: Work, one: Member, kept: bool) -> Member:
    one = replace(one, turn=work.turn)
    if kept and one.there:
        return work.told(one, "DELETE_SKIPPED")
    if not one.token:
        return one.told("DELETE_COMPLETE")  # nothing was ever begun
    return work.told(one, "DELETE_IN_PROGRESS", stage="delete")


def _stuck(work: Work, found: Sequence[Member]) -> Progress:
    """Return FAILED, or BEGUN where what waits has become free meanwhile."""
    free = any(_is_waiting(one, work.turn) and not _is_needed(one, found) for one in found)
    return Progress.BEGUN if free else Progress.FAILED
