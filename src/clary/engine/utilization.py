"""Utilization: puts what runs used of processor, memory and disk among the metrics, each minute once."""

import threading
from collections.abc import Sequence

from clary.compute.gauge import Usage
from clary.core import clock
from clary.engine.kind import Kind
from clary.engine.platform import Platform
from clary.engine.shipper import Feed, feeds
from clary.store.metrics import Point, Series
from clary.store.resources import Row

UNIT = "Percent"
_KNOWN = 14 * 86400.0
"""Seconds for which points stand as they were put; later they are rolled up."""
_REMEMBERED = 10_000
"""Runs whose last minute is remembered; of others all minutes are looked up."""


class Utilization:
    """One for each process that reconciles."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def keep(self, kind: Kind, row: Row) -> None:
        """Put what the row's runs have measured and the metrics do not have yet."""
        with self._lock:
            for feed in feeds(row):
                series = kind.utilization(row, feed.run, feed.stream)
                if series is not None:
                    self._put(series, feed)

    def _put(self, series: Series, feed: Feed) -> None:
        since = max(self._until.get(feed.run, 0.0), clock.now() - _KNOWN)
        usages = self._platform.executor.usage(feed.run, since)
        if not usages:
            return
        unknown = self._unknown(series, usages)
        self._platform.metrics.put(series, [point for usage in unknown for point in _points(usage)])
        if len(self._until) >= _REMEMBERED:
            self._until.clear()
        self._until[feed.run] = usages[-1].at

    def _unknown(self, series: Series, usages: Sequence[Usage]) -> Sequence[Usage]:
        """Return those that no other process has put."""
        known = {
            point.at
            for point in self._platform.metrics.get(series, "CPUUtilization", usages[0].at, usages[-1].at + 1)
        }
        return [usage for usage in usages if usage.at not in known]


def _points(usage: Usage) -> Sequence[Point]:
    """Return the metrics, named as under https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html."""
    return [
        Point("CPUUtilization", usage.at, usage.cpu, UNIT),
        Point("MemoryUtilization", usage.at, usage.memory, UNIT),
        Point("DiskUtilization", usage.at, usage.disk, UNIT),
    ]
