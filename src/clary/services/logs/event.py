"""Log events: the pages of one stream, forwards and backwards."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from clary.core.exchange import Document, Reply
from clary.services.logs import token
from clary.services.logs.call import Call
from clary.store.logs import LogEvent

EVENTS_LIMIT = 10_000
BYTES_LIMIT = 1024 * 1024
"""What a page holds at most; CloudWatch counts 26 bytes for an event besides its message."""

_OVERHEAD = 26

T = TypeVar("T")


def get_log_events(call: Call) -> Reply:
    """Answer a page of a stream's events, in the order they came: from its head, its tail or a token on.

    ``startTime`` is inclusive and ``endTime`` is not. Both tokens are always there, and where nothing follows
    the one that was given comes back.
    """
    group = call.group()
    stream = call.stream(group, call.params["logStreamName"])
    subject = f"events {group} {stream}"
    low, high = _bounds(call, group, stream)
    forward, offset = _place(call, subject, low, high)
    if offset > call.logs.end(group, stream):
        raise token.invalid()
    if forward:
        begin = max(offset, low)
        events = _before(call.logs.read(group, stream, begin), high)
        page, _ = fill(events, call.limit(EVENTS_LIMIT), _size)
    else:
        begin = min(offset, high)
        events = _behind(call.logs.read_back(group, stream, begin), low)
        page, _ = fill(events, call.limit(EVENTS_LIMIT), _size)
        page.reverse()
    first, last = (page[0].offset, page[-1].end) if page else (begin, begin)
    return Reply(
        {
            "events": [described(event) for event in page],
            "nextForwardToken": f"f/{token.make_position(subject, last)}",
            "nextBackwardToken": f"b/{token.make_position(subject, first)}",
        }
    )


def described(event: LogEvent) -> Document:
    """Return an event in the API's form; the store takes events in as they happen."""
    return {"timestamp": event.timestamp, "message": event.message, "ingestionTime": event.timestamp}


def fill(events: Iterable[T], limit: int, size: Callable[[T], int]) -> tuple[list[T], bool]:
    """Return the first of ``events`` that fit into a page, at least one, and whether more follow."""
    page: list[T] = []
    weight = 0
    for event in events:
        weight += size(event) + _OVERHEAD
        if len(page) == limit or (page and weight > BYTES_LIMIT):
            return page, True
        page.append(event)
    return page, False


def _bounds(call: Call, group: str, stream: str) -> tuple[int, int]:
    """Return between which offsets the times asked for lie."""
    start, end = call.params.get("startTime"), call.params.get("endTime")
    low = 0 if start is None else call.logs.find(group, stream, start)
    return low, call.logs.end(group, stream) if end is None else call.logs.find(group, stream, end)


def _place(call: Call, subject: str, low: int, high: int) -> tuple[bool, int]:
    """Return whether to read forwards, and the offset to read from."""
    given = call.params.get("nextToken")
    if not given:
        forward = bool(call.params.get("startFromHead"))
        return forward, low if forward else high
    direction, offset = given[:2], token.read_position(subject, given[2:])
    if direction not in ("f/", "b/"):
        raise token.invalid()
    return direction == "f/", offset


def _before(events: Iterator[LogEvent], high: int) -> Iterator[LogEvent]:
    for event in events:
        if event.offset >= high:
            return
        yield event


def _behind(events: Iterator[LogEvent], low: int) -> Iterator[LogEvent]:
    for event in events:
        if event.offset < low:
            return
        yield event


def _size(event: LogEvent) -> int:
    return event.end - event.offset
