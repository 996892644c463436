"""Reversal: takes back what an update that failed has done to a stack's resources."""

from collections.abc import Collection
from dataclasses import replace

from clary.services.cloudformation.convergence import Progress, failures
from clary.services.cloudformation.member import Member
from clary.services.cloudformation.resource_type import differing
from clary.services.cloudformation.work import Work


def turn_back(work: Work) -> None:
    """Note for every resource what takes back what was done; what was created is set aside."""
    for logical, one in list(work.members.items()):
        if one.turn != work.turn:
            continue
        past = one.past()
        if past is None or past.token != one.token:
            if one.token:
                work.trash.append(one)
            del work.members[logical]
        if past is not None:
            work.members[logical] = _restored(work, one, past)


def revert(work: Work) -> Progress:
    """Go on with the changes back."""
    for logical, one in work.members.items():
        if one.turn == work.turn and one.stage:
            work.members[logical] = work.act(one)
    if any(one.stage for one in work.members.values()):
        return Progress.WAITING
    return Progress.FAILED if failures(work) else Progress.DONE


def again(work: Work, skipped: Collection[str]) -> None:
    """Note for every change back that failed that it is to be tried again, or that it is to be as it is."""
    for logical in failures(work):
        one = work.members[logical]
        if logical in skipped:
            work.members[logical] = work.told(one, "UPDATE_COMPLETE")
        else:
            work.members[logical] = work.told(one, "UPDATE_IN_PROGRESS", stage="change")


def _restored(work: Work, one: Member, past: Member) -> Member:
    """Return what was, which is to be changed back where it was changed."""
    same = past.token == one.token
    if same and (differing(one.properties, past.properties) or one.tags != past.tags or one.failed):
        back = replace(past, turn=work.turn, before=one.remembered())
        return work.told(back, "UPDATE_IN_PROGRESS", stage="change")
    if same:
        return replace(past, turn=work.turn)
    return work.told(replace(past, turn=work.turn), "UPDATE_COMPLETE")
