"""Stack: resources that are made, changed and removed together; the reconciler takes it from step to step."""

from clary.core import clock
from clary.core.errors import ClaryError
from clary.engine.kind import Kind
from clary.engine.lifecycle import Go, Lifecycle, Outcome, Phase, Wait
from clary.engine.platform import Platform
from clary.services.cloudformation import convergence, deleted_stack, export, removal, reversal
from clary.services.cloudformation.convergence import Progress
from clary.services.cloudformation.export import STACK
from clary.services.cloudformation.member import UNDER_WAY
from clary.services.cloudformation.work import Means, Work
from clary.store.resources import GONE, Row

POLL = 1.0
"""Seconds after which a resource that takes its time is looked at although nobody said that it moved."""
_PAUSES = {Progress.BEGUN: 0.0, Progress.WAITING: POLL}


class Stack(Kind):
    """A stack. The names of its phases are the statuses that AWS has.

    ``private`` holds ``target``, the blueprint that is being carried out, ``current``, the one that was last
    whole, ``members``, ``trash``, which are resources that are no longer wanted, ``events``, the number
    ``turn`` of the operation under way, and what the request asked for besides.
    """

    noun = STACK
    resource = "stack"
    spoken = "stack"
    lifecycle = Lifecycle(
        Phase("CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "create", fail="ROLLBACK_IN_PROGRESS"),
        Phase("CREATE_COMPLETE", "CREATE_COMPLETE", settled=True),
        Phase("CREATE_FAILED", "CREATE_FAILED", settled=True),
        Phase("REVIEW_IN_PROGRESS", "REVIEW_IN_PROGRESS", settled=True),
        Phase("ROLLBACK_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "roll_back", fail="ROLLBACK_FAILED"),
        Phase("ROLLBACK_COMPLETE", "ROLLBACK_COMPLETE", settled=True),
        Phase("ROLLBACK_FAILED", "ROLLBACK_FAILED", settled=True),
        Phase("UPDATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "update", fail="UPDATE_ROLLBACK_IN_PROGRESS"),
        Phase(
            "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
            "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
            "clean_up",
            then="UPDATE_COMPLETE",
            fail="UPDATE_COMPLETE",
        ),
        Phase("UPDATE_COMPLETE", "UPDATE_COMPLETE", settled=True),
        Phase("UPDATE_FAILED", "UPDATE_FAILED", settled=True),
        Phase(
            "UPDATE_ROLLBACK_IN_PROGRESS",
            "UPDATE_ROLLBACK_IN_PROGRESS",
            "revert",
            fail="UPDATE_ROLLBACK_FAILED",
        ),
        Phase(
            "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
            "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
            "clean_up",
            then="UPDATE_ROLLBACK_COMPLETE",
            fail="UPDATE_ROLLBACK_COMPLETE",
        ),
        Phase("UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", settled=True),
        Phase("UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_FAILED"),  # not settled: it may be gone on with
        Phase("DELETE_IN_PROGRESS", "DELETE_IN_PROGRESS", "delete", fail="DELETE_FAILED"),
        Phase("DELETE_FAILED", "DELETE_FAILED", settled=True),
        on_start="CREATE_IN_PROGRESS",
        on_stop="UPDATE_ROLLBACK_IN_PROGRESS",
        on_update="UPDATE_IN_PROGRESS",
        on_delete="DELETE_IN_PROGRESS",
        on_fail="ROLLBACK_IN_PROGRESS",
    )

    def __init__(self, means: Means) -> None:
        self._means = means
        self._awaited: dict[str, str] = {}

    def hear(self, row_id: str) -> None:
        """Take the step of the stack that waits for this row, which has moved."""
        waiting = self._awaited.pop(row_id, None)
        if waiting is not None:
            self._means.platform.bus.publish("due", waiting)

    def status(self, row: Row) -> str:
        """Return the status that a client is to see: what is asked for counts from when it is asked."""
        return self.lifecycle.seen(row.phase, row.intent)

    def _wait(self, work: Work, progress: Progress) -> Outcome:
        for one in (*work.members.values(), *work.trash):
            if one.stage in UNDER_WAY and one.row:
                self._awaited[one.row] = work.row.id
        return Wait(_PAUSES[progress], work.private())

    def _converged(self, work: Work, verb: str, status: str, *, late: bool = False) -> Outcome | str:
        """Create and change what is ready; return the outcome, or why the stack cannot become ``status``."""
        progress = convergence.converge(work)
        error = None
        if progress is Progress.DONE:
            try:
                return _completed(work, status)
            except ClaryError as refused:
                error = refused
        elif progress is not Progress.FAILED and not late:
            return self._wait(work, progress)
        return convergence.reason(error, work, verb)

    def rests(self, row: Row) -> bool:
        """Return whether nothing is asked of the stack and nothing under way."""
        phase = self.lifecycle.phases.get(row.phase)
        return row.intent is None and (phase is None or phase.step is None)

    def create(self, platform: Platform, row: Row) -> Outcome:
        """Create what is ready; when all is there the stack is complete."""
        del platform
        work = Work(self._means, row)
        found = self._converged(work, "create", "CREATE_COMPLETE", late=_is_late(row))
        return _creation_failed(work, found) if isinstance(found, str) else found

    def roll_back(self, platform: Platform, row: Row) -> Outcome:
        """Remove all that was created."""
        del platform
        work = Work(self._means, row)
        progress = _remove_all(work, removal.is_kept((), creating=True))
        if progress in _PAUSES:
            return self._wait(work, progress)
        if progress is Progress.FAILED:
            return _go(work, "ROLLBACK_FAILED", _undeleted(work))
        return _go(work, "ROLLBACK_COMPLETE")

    def update(self, platform: Platform, row: Row) -> Outcome:  # type: ignore[override]
        """Create and change what is ready; what is no longer wanted is removed afterwards."""
        del platform
        work = Work(self._means, row)
        reason = self._converged(work, "update", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        if not isinstance(reason, str):
            return reason
        if row.doc.get("DisableRollback"):
            convergence.settle_failure(work)
            return _go(work, "UPDATE_FAILED", reason)
        return _go(work, "UPDATE_ROLLBACK_IN_PROGRESS", reason)

    def revert(self, platform: Platform, row: Row) -> Outcome:
        """Change back what was changed; what was created is removed afterwards."""
        del platform
        work = Work(self._means, row)
        if row.private.get("reverting") != work.turn:
            reversal.turn_back(work)
            return Wait(0.0, work.private(reverting=work.turn))
        progress = reversal.revert(work)
        if progress in _PAUSES:
            return self._wait(work, progress)
        if progress is Progress.FAILED:
            return _go(work, "UPDATE_ROLLBACK_FAILED", convergence.reason(None, work, "update"))
        outcome = _go(work, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        outcome.private.update(target=row.private["current"])
        outcome.doc.update(work.current.shown())
        return outcome

    def clean_up(self, platform: Platform, row: Row) -> Outcome:
        """Remove what is no longer wanted; what cannot be removed is left and said."""
        del platform
        work = Work(self._means, row)
        work.trash, progress = removal.remove(work, work.trash, removal.is_kept((), creating=False))
        if progress in _PAUSES:
            return self._wait(work, progress)
        work.trash = []
        return _go(work, str(self.lifecycle.phases[row.phase].then))

    def delete(self, platform: Platform, row: Row) -> Outcome:
        """Remove all resources and be gone; what the stack was can be described for a while."""
        work = Work(self._means, row)
        try:
            export.check(platform, row, [])
        except ClaryError as used:
            return _go(work, "DELETE_FAILED", used.message)
        progress = _remove_all(work, removal.is_kept(row.private.get("retained") or (), creating=False))
        if progress in _PAUSES:
            return self._wait(work, progress)
        if progress is Progress.FAILED:
            return _go(work, "DELETE_FAILED", _undeleted(work))
        work.announce("DELETE_COMPLETE")
        deleted_stack.keep(platform, row, work.private())
        return Go(GONE)


def _remove_all(work: Work, kept: removal.Kept) -> Progress:
    """Remove what the stack has and what it has set aside."""
    doomed = [*work.members.values(), *work.trash]
    found, progress = removal.remove(work, doomed, kept)
    work.members = {one.logical: one for one in found[: len(work.members)]}
    work.trash = found[len(work.members) :]
    return progress


def _completed(work: Work, status: str) -> Outcome:
    """Return that all is as the template says; raises ClaryError where the outputs cannot be had."""
    outputs, imports = convergence.finish(work)
    outcome = _go(work, status)
    outcome.doc.update(Outputs=outputs)
    outcome.private.update(current=work.row.private["target"], imports=imports)
    return outcome


def _creation_failed(work: Work, reason: str) -> Outcome:
    on_failure = work.row.private.get("on_failure", "ROLLBACK")
    if on_failure == "DO_NOTHING":
        return _go(work, "CREATE_FAILED", reason)
    if on_failure == "DELETE":
        return _go(work, "DELETE_IN_PROGRESS", f"{reason}Delete requested by user.")
    return _go(work, "ROLLBACK_IN_PROGRESS", f"{reason}Rollback requested by user.")


def _go(work: Work, status: str, reason: str = "") -> Go:
    """Return that the stack comes to be in ``status``, with its event."""
    work.announce(status, reason)
    return Go(status, reason or None, {"StackStatusReason": reason or None}, work.private())


def _undeleted(work: Work) -> str:
    every = [*work.members.values(), *work.trash]
    names = ", ".join(one.logical for one in every if one.status == "DELETE_FAILED")
    return f"The following resource(s) failed to delete: [{names}]. "


def _is_late(row: Row) -> bool:
    minutes = row.doc.get("TimeoutInMinutes")
    return minutes is not None and clock.now() > row.private["begun_at"] + 60 * minutes
