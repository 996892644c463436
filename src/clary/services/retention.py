"""Retention: for how long metrics, events and logs are kept, and the work of letting go what is older."""

import logging
import threading
from collections.abc import Callable
from functools import partial

from clary.core import clock
from clary.engine.platform import Platform
from clary.services import component_metrics, training_history
from clary.store.aging import Aging, Kept
from clary.store.metrics import Series

DAY = 86400.0
LATER = 6 * 3600.0
"""Seconds between the end of a round and the next one."""
PAUSE = 0.2
"""Seconds between two batches, in which others may write."""
BATCH = 200
EVENTS = 90 * DAY
"""Seconds that events outlast their resource."""
POINTS = 455 * DAY
"""Seconds that metric points are kept, as CloudWatch does."""

_BY_THE_MINUTE = "/aws/sagemaker/"
"""How the namespaces begin of what is measured once a minute."""

logger = logging.getLogger("clary.retention")


def _is_of_training(series: Series) -> bool:
    """Return whether a series is what a training job or a trial component reports of its training."""
    home, names = series.namespace, set(series.dimensions)
    return (home, names) in (
        (training_history.NAMESPACE, {"TrainingJobName"}),
        (component_metrics.NAMESPACE, {"TrialComponent"}),
    )


def _is_by_the_minute(series: Series) -> bool:
    return series.namespace.startswith(_BY_THE_MINUTE)


TIERS: tuple[tuple[float, int, Kept], ...] = (
    (3 * 3600, 60, _is_by_the_minute),
    (15 * DAY, 300, _is_of_training),
    (63 * DAY, 3600, _is_of_training),
)
"""Ages in seconds from which points stand for periods of so many seconds, as CloudWatch's do, and except of
which series."""


class Retention:
    """Goes round every few hours; a batch at a time, so that nobody waits for it."""

    def __init__(self, platform: Platform, aging: Aging) -> None:
        self._platform = platform
        self._aging = aging
        self._stopping = threading.Event()

    def run(self) -> None:
        """Go round now and every few hours until ``stop``."""
        while not self._stopping.is_set():
            self.sweep()
            self._stopping.wait(LATER)

    def stop(self) -> None:
        """Let ``run`` return after the batch it is at."""
        self._stopping.set()

    def sweep(self) -> None:
        """Let go what is too old now; what cannot be done now is done in the next round."""
        now, aging = clock.now(), self._aging
        for age, period, kept in TIERS:
            self._batches(partial(aging.roll_up, now - age, period, kept, BATCH))
        self._batches(partial(aging.forget_points, now - POINTS, self._has_resource, BATCH))
        self._batches(partial(aging.forget_events, now - EVENTS, BATCH))
        for group in self._platform.logs.groups():
            self._batches(partial(self._expire_group, group, now))

    def _batches(self, batch: Callable[[], int]) -> None:
        try:
            while not self._stopping.is_set() and batch():
                self._stopping.wait(PAUSE)
        except Exception:
            logger.exception("What is too old could not be removed; the next round tries again")

    def _expire_group(self, group: str, now: float) -> int:
        """Remove the streams whose newest event is older than what their group keeps."""
        days = self._platform.logs.group(group).retention_days
        if days is not None:
            self._platform.logs.expire(group, int((now - days * DAY) * 1000))
        return 0

    def _has_resource(self, series: Series) -> bool:
        """Return whether a series is what a job or a trial component that exists has measured."""
        dimensions, get = series.dimensions, self._platform.get
        if not _is_of_training(series):
            return False
        if "TrialComponent" in dimensions:
            return get("TrialComponent", dimensions["TrialComponent"]) is not None
        job = dimensions["TrainingJobName"]
        component = component_metrics.component_of(job)
        return get("TrainingJob", job) is not None or get("TrialComponent", component) is not None
