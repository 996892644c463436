"""RetryStrategy: how often a job that failed for a reason of the platform's is started again by itself."""

from clary.core.exchange import Document
from clary.engine.lifecycle import Fail, Go, Outcome
from clary.services import failure
from clary.store.resources import Row

ATTEMPT = "attempt"
"""The member of ``private`` that counts how often the job was started again."""

RESTARTING = "Restarting"


def instead_of(row: Row, failed: Fail) -> Outcome:
    """Return what is to happen in place of ``failed``: that itself, or another attempt.

    As with SageMaker only an InternalServerError is tried again: a mistake in the request, the data or the
    program would be made again.
    """
    allowed = (row.doc.get("RetryStrategy") or {}).get("MaximumRetryAttempts", 0)
    made = row.private.get(ATTEMPT, 0)
    if made >= allowed or not failure.is_internal(failed.reason):
        return failed
    message = f"Retry {made + 1} of {allowed} after {failed.reason}"
    return Go(RESTARTING, message=message, private=failed.private)


def again(row: Row) -> Document:
    """Return what to merge into ``private`` so that the next attempt begins as the first one did."""
    fresh = dict.fromkeys(("waiting", "failing", "halting", "session"))
    return {**fresh, ATTEMPT: row.private.get(ATTEMPT, 0) + 1}
