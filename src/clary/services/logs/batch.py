"""Batches: log events that a client puts into a stream of its own."""

from collections.abc import Sequence

from clary.core import clock
from clary.core.exchange import Document, Reply
from clary.services.logs.call import Call, invalid
from clary.store.logs import LateEventError

_BYTES_LIMIT = 1024 * 1024
_EVENTS_LIMIT = 10_000
_OVERHEAD = 26
_HOUR = 3_600_000
_DAY = 24 * _HOUR


def put_log_events(call: Call) -> Reply:
    """Append events in the order of their times; ``sequenceToken`` is not looked at.

    Events more than two weeks old, two hours ahead or past the group's retention are left out and told of.
    An event older than the newest of the stream is an InvalidParameterException, as streams are read by time.
    """
    group = call.own_group()
    stream = call.stream(group, call.params["logStreamName"])
    events = [(each["timestamp"], each["message"]) for each in call.params["logEvents"]]
    _check(events)
    now = int(clock.now() * 1000)
    days = call.logs.group(group).retention_days
    expired = _before(events, now - days * _DAY) if days else 0
    old = _before(events, now - 14 * _DAY)
    new = _before(events, now + 2 * _HOUR + 1)
    try:
        size = call.logs.put(group, stream, events[max(old, expired) : new])
    except LateEventError as error:
        raise invalid("Log events must not be older than the newest event of their stream.") from error
    rejected: Document = {}
    if new < len(events):
        rejected["tooNewLogEventStartIndex"] = new
    if old:
        rejected["tooOldLogEventEndIndex"] = old
    if expired:
        rejected["expiredLogEventEndIndex"] = expired
    output: Document = {"nextSequenceToken": f"{size:056d}"}
    return Reply({**output, "rejectedLogEventsInfo": rejected} if rejected else output)


def _check(events: Sequence[tuple[int, str]]) -> None:
    """Raise InvalidParameterException for a batch that is too large, out of order or of more than a day."""
    times = [at for at, _ in events]
    if not 0 < len(events) <= _EVENTS_LIMIT:
        raise invalid(f"A batch must have between 1 and {_EVENTS_LIMIT} log events.")
    size = sum(len(message.encode("utf-8", "replace")) + _OVERHEAD for _, message in events)
    if size > _BYTES_LIMIT:
        raise invalid(f"Upload too large: {size} bytes exceeds limit of {_BYTES_LIMIT}")
    if times != sorted(times):
        raise invalid("Log events in a single PutLogEvents request must be in chronological order.")
    if times[-1] - times[0] > _DAY:
        raise invalid(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
        )


def _before(events: Sequence[tuple[int, str]], moment: int) -> int:
    """Return how many of the ordered ``events`` are older than ``moment``."""
    return sum(at < moment for at, _ in events)
