"""Shipper: copies what runs write into the log store and shows the kind each line once."""

import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from clary.core.exchange import Document
from clary.engine.kind import Kind
from clary.engine.platform import Platform
from clary.store.resources import Row


@dataclass(frozen=True, slots=True)
class Feed:
    """A run whose output belongs to a log stream. Kept in the row's ``private`` under ``feeds``."""

    run: str
    group: str
    stream: str


def feeds(row: Row) -> Sequence[Feed]:
    """Return the row's feeds."""
    return [Feed(**feed) for feed in row.private.get("feeds", ())]


def feeding(*wanted: Feed) -> Document:
    """Return what to merge into ``private`` so that these runs' output is kept."""
    return {"feeds": [asdict(feed) for feed in wanted]}


PAGES = 4
"""Pages of a run's log, of about a megabyte, that are copied at a time: a run may write faster than that."""


def drained(platform: Platform, feed: Feed) -> bool:
    """Return whether all that the run has written so far is in its stream; only then may it be forgotten."""
    logs = platform.logs
    known = logs.has_stream(feed.group, feed.stream)
    copied = logs.end(feed.group, feed.stream) if known else 0
    return not platform.executor.logs(feed.run, copied).raw


class Shipper:
    """One for each process that reconciles; a stream has one writer at a time."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._lock = threading.Lock()

    def ship(self, kind: Kind, row: Row) -> bool:
        """Copy what the row's runs have written and the streams do not have yet; return whether that is all.

        It copies a bounded amount for each run.
        """
        with self._lock:
            shipped = [self._copy(kind, row, feed) for feed in feeds(row)]
        return all(shipped)

    def _copy(self, kind: Kind, row: Row, feed: Feed) -> bool:
        logs, executor = self._platform.logs, self._platform.executor
        cursor = logs.size(feed.group, feed.stream) if logs.has_stream(feed.group, feed.stream) else 0
        for _ in range(PAGES):
            page = executor.logs(feed.run, cursor)
            if not page.raw:
                return True
            logs.create(feed.group, feed.stream)  # with its first line, as CloudWatch shows it
            logs.append(feed.group, feed.stream, page.raw)
            kind.observe(self._platform, row, page.events)
            cursor = page.next
        return False
