"""Convergence: makes a stack's resources what its template says, those that nothing hinders at once."""

from dataclasses import replace
from enum import Enum

from clary.core.errors import ClaryError
from clary.services.cloudformation import export
from clary.services.cloudformation.member import Member
from clary.services.cloudformation.work import Work

_DELETE = "Delete"


class Progress(Enum):
    """How far a piece of work has come."""

    BEGUN = "something was noted and is to be done at once"
    WAITING = "something takes its time"
    DONE = "all is done"
    FAILED = "something failed, and nothing is under way any more"


def converge(work: Work) -> Progress:
    """Go on with what is under way and begin what has all that it needs."""
    begun = False
    for logical in work.target.included:
        one = work.members.get(logical)
        if one is not None and one.turn == work.turn:
            if one.stage:
                work.members[logical] = work.act(one)
        elif not failures(work) and all(_is_ready(work, need) for need in work.target.needs[logical]):
            _forget(work, one)
            work.members[logical] = work.begin(logical)
            begun = begun or bool(work.members[logical].stage)
    return _progress(work, begun)


def failures(work: Work) -> list[str]:
    """Return the logical names of what failed in the operation under way."""
    return [each.logical for each in work.members.values() if each.turn == work.turn and each.failed]


def finish(work: Work) -> tuple[list[dict[str, object]], list[str]]:
    """Return the outputs and the names of the imports; what is no longer wanted is set aside.

    Raises ClaryError where the outputs cannot be had.
    """
    target, lookup = work.target, work.lookup()
    for logical in target.included:
        target.properties(logical, lookup)
    outputs = target.outputs(lookup)
    export.check(work.means.platform, work.row, outputs)
    for logical, one in list(work.members.items()):
        past = one.past()
        if logical not in target.included:
            work.trash.append(work.members.pop(logical))
        elif past is not None and past.there and past.resource() != one.resource():
            kept = one.replacement if one.replacement != _DELETE else past.replacement
            work.trash.append(replace(past, deletion=kept))  # either template may say that it is to stay
    return outputs, sorted(work.imported)


def settle_failure(work: Work) -> None:
    """Leave a stack whose update failed such that nothing is lost: what was not replaced is there still."""
    for logical, one in list(work.members.items()):
        past = one.past()
        if one.turn == work.turn and one.failed and past is not None and past.resource() != one.resource():
            if one.token != past.token:
                work.trash.append(one)
            work.members[logical] = replace(past, turn=work.turn, status=one.status, reason=one.reason)


def reason(error: ClaryError | None, work: Work, verb: str) -> str:
    """Return what a stack says when it failed."""
    if error is not None:
        return error.message
    return f"The following resource(s) failed to {verb}: [{', '.join(failures(work))}]. "


def _is_ready(work: Work, need: str) -> bool:
    one = work.members.get(need)
    return one is not None and one.turn == work.turn and not one.stage and not one.failed


def _forget(work: Work, one: Member | None) -> None:
    """Set aside what an operation before may have created without knowing."""
    if one is not None and not one.there and one.token and one.failed:
        work.trash.append(one)


def _progress(work: Work, begun: bool) -> Progress:
    if failures(work):
        _cancel(work)
        return Progress.FAILED
    if begun:
        return Progress.BEGUN
    done = all(_is_ready(work, logical) for logical in work.target.included)
    return Progress.DONE if done else Progress.WAITING


def _cancel(work: Work) -> None:
    """Give up what is under way beside what failed."""
    for logical, one in work.members.items():
        if one.turn == work.turn and one.stage:
            verb = one.status.partition("_")[0]
            what = "creation" if verb == "CREATE" else "update"
            work.members[logical] = work.told(one, f"{verb}_FAILED", f"Resource {what} cancelled")
