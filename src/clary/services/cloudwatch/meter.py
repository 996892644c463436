"""The meter of endpoints: counts invocations as they end and puts what they come to every few seconds.

An invocation costs an append; the rest is done in a thread. What was not put yet when the process is killed,
the last interval, is lost.
"""

import logging
import math
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Self

from clary.core import clock
from clary.store.metrics import NO_UNIT, Metrics, Point, Series

NAMESPACE = "AWS/SageMaker"
INTERVAL = 5
"""Seconds between two puts, which are at multiples of it: none has invocations of two minutes."""

_MICROSECONDS = "Microseconds"
_STEPS_IN_E = 10  # latencies that differ by less than about a tenth are put as one
_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Tally:
    """What the invocations of one variant were like."""

    statuses: list[int] = field(default_factory=list)
    model: list[int] = field(default_factory=list)
    overhead: list[int] = field(default_factory=list)


class Meter:
    """Call it with each invocation; while entered as a context it puts, and a last time when that ends."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._seen: deque[tuple[str, str, int, int, int]] = deque()
        self._since = clock.now()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="meter", daemon=True)

    def __call__(self, endpoint: str, variant: str, status: int, model: int, overhead: int) -> None:
        """Count an invocation: the model's status, its latency and the overhead in microseconds."""
        self._seen.append((endpoint, variant, status, model, overhead))

    def __enter__(self) -> Self:
        """Begin to put."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Put what is left and end."""
        self._stop.set()
        self._thread.join()

    def flush(self) -> None:
        """Put what was counted since the last time, as of that time."""
        since, self._since = self._since, clock.now()
        tallies: dict[tuple[str, str], _Tally] = {}
        for _ in range(len(self._seen)):
            endpoint, variant, status, model, overhead = self._seen.popleft()
            tally = tallies.setdefault((endpoint, variant), _Tally())
            tally.statuses.append(status)
            tally.model.append(model)
            tally.overhead.append(overhead)
        self._metrics.put_all(
            [
                (Series(NAMESPACE, {"EndpointName": endpoint, "VariantName": variant}), point)
                for (endpoint, variant), tally in tallies.items()
                for point in _points(tally, since)
            ]
        )

    def _run(self) -> None:
        while not self._stop.wait(INTERVAL - clock.now() % INTERVAL):
            self._attempt()
        self._attempt()

    def _attempt(self) -> None:
        """Put; a store that cannot be written to costs an interval's numbers and no more."""
        try:
            self.flush()
        except Exception:
            _logger.exception("The metrics of endpoints since %s could not be put", clock.utc(self._since))


def _points(tally: _Tally, at: float) -> Iterator[Point]:
    statuses = tally.statuses
    yield Point("Invocations", at, 1.0, count=len(statuses))
    yield from _shares("Invocation4XXErrors", at, [400 <= status < 500 for status in statuses])
    yield from _shares("Invocation5XXErrors", at, [status >= 500 for status in statuses])
    yield from _shares("InvocationModelErrors", at, [not 200 <= status < 300 for status in statuses])
    for name, values in (("ModelLatency", tally.model), ("OverheadLatency", tally.overhead)):
        for value, count in _condensed(values):
            yield Point(name, at, value, _MICROSECONDS, count)


def _shares(name: str, at: float, hits: Sequence[bool]) -> Iterator[Point]:
    """Yield one observation of 1 for each hit and one of 0 for each miss."""
    for value, count in ((1.0, hits.count(True)), (0.0, hits.count(False))):
        if count:
            yield Point(name, at, value, NO_UNIT, count)


def _condensed(values: Sequence[int]) -> Iterator[tuple[float, int]]:
    """Yield (value, count) pairs, those that are close as their mean; sum, least and greatest are kept."""
    low, *middle = sorted(values)
    high = middle.pop() if middle else None
    yield low, 1
    for _, near in groupby(middle, key=lambda value: round(math.log1p(value) * _STEPS_IN_E)):
        group = list(near)
        yield sum(group) / len(group), len(group)
    if high is not None:
        yield high, 1
