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


class Shipper:
    """One for each process that reconciles; a stream has one writer at a time."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._lock = threading.Lock()

    def ship(self, kind: Kind, row: Row) -> None:
        """Copy all that the row's runs have written and the streams do not have yet."""
        with self._lock:
            for feed in feeds(row):
                self._copy(kind, row, feed)

    def _copy(self, kind: Kind, row: Row, feed: Feed) -> None:
        logs, executor = self._platform.logs, self._platform.executor
        logs.create(feed.group, feed.stream)
        cursor = logs.size(feed.group, feed.stream)
        while (page := executor.logs(feed.run, cursor)).raw:
            logs.append(feed.group, feed.stream, page.raw)
            kind.observe(self._platform, row, list(logs.read(feed.group, feed.stream, cursor)))
            cursor = page.next
