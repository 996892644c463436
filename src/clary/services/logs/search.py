"""Searches: the events of several streams in the order of their times, those that match a pattern."""

import hashlib
import heapq
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from clary.core.exchange import Document, Reply
from clary.services.logs import pattern, token
from clary.services.logs.call import Call, invalid
from clary.services.logs.event import EVENTS_LIMIT, described, fill
from clary.store.logs import LogEvent

_BATCH = 64


class Found(NamedTuple):
    """An event and where it is; ordered as a search answers them."""

    timestamp: int
    stream: str
    offset: int
    event: LogEvent


def filter_log_events(call: Call) -> Reply:
    """Answer a page of matching events; ``startTime`` and ``endTime`` are both inclusive."""
    group = call.group()
    names = _streams(call, group)
    text = call.params.get("filterPattern") or ""
    wanted = pattern.parse(text)
    subject = f"search {group} {names} {text}"
    given = call.params.get("nextToken")
    passed = tuple(token.read(subject, given)) if given else (call.params.get("startTime") or 0, "", -1)
    end = call.params.get("endTime")
    found = (
        item
        for item in heapq.merge(*(_events(call, group, name, passed[0]) for name in names))
        if item[:3] > passed and (end is None or item.timestamp <= end) and wanted.matches(item.event.message)
    )
    page, more = fill(found, call.limit(EVENTS_LIMIT), _size)
    output: Document = {"events": [_describe(group, item) for item in page], "searchedLogStreams": []}
    if more:
        output["nextToken"] = token.make(subject, page[-1][:3])
    return Reply(output)


def _streams(call: Call, group: str) -> Sequence[str]:
    """Return the names of the streams to search; raises ResourceNotFoundException for a missing one."""
    names, prefix = call.params.get("logStreamNames"), call.params.get("logStreamNamePrefix")
    if names and prefix:
        raise invalid("logStreamNames and logStreamNamePrefix are mutually exclusive parameters.")
    if names:
        return sorted({call.stream(group, name) for name in names})
    return [stream.name for stream in call.logs.streams(group, prefix or "")]


def _events(call: Call, group: str, stream: str, start: int) -> Iterator[Found]:
    """Yield a stream's events from ``start`` on; its file is open only while a batch is read.

    A group may have more streams than a process may have files open.
    """
    offset = call.logs.find(group, stream, start) if start else 0
    while batch := list(islice(call.logs.read(group, stream, offset), _BATCH)):
        yield from (Found(event.timestamp, stream, event.offset, event) for event in batch)
        offset = batch[-1].end


def _describe(group: str, item: Found) -> Document:
    where = int(hashlib.sha256(f"{group}\0{item.stream}".encode()).hexdigest()[:12], 16)
    return {
        "logStreamName": item.stream,
        **described(item.event),
        # 56 digits, the same for an event each time and no others'.
        "eventId": f"{item.timestamp:020d}{where:015d}{item.offset:021d}",
    }


def _size(item: Found) -> int:
    return item.event.end - item.event.offset
