"""Reconciler: advances every row that is due. It alone writes phases.

Five rules: intent is not phase; claim before acting; starting is idempotent by run id; a bad row hurts only
itself; gone is a state. See ``docs/decisions/0003-reconciler.md``.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from clary.core import clock
from clary.core.bus import Listener
from clary.engine.kind import Kind
from clary.engine.lifecycle import Fail, Go, Lifecycle, Outcome, Wait
from clary.engine.platform import Platform
from clary.engine.shipper import Shipper
from clary.engine.utilization import Utilization
from clary.store.resources import GONE, NOBODY, Home, Query, Row

logger = logging.getLogger("clary.reconciler")

CLAIM = 120.0
"""Seconds a claimed row is left alone; a step that takes longer is started again, which it must bear."""
SWEEP = 5.0
"""Seconds after which due rows are looked for although nobody called."""
RETRY = 5.0
"""Seconds after which a step that raised where it may not fail is tried again."""
BATCH = 64
_ALL = 10_000
"""More resources than one machine runs at a time."""
STEP_BACK = 1.0
"""Seconds that the clock may lose against the monotonic one before it counts as set back."""
DAMAGED = 3600.0
"""Seconds until a row that cannot be read is looked at again."""


class Reconciler:
    """Takes due rows, runs the step of their phase, writes the outcome by compare-and-set."""

    def __init__(self, platform: Platform, kinds: Mapping[str, Kind], threads: int = 8) -> None:
        self.hearers: dict[str, Callable[[str], None]] = {}
        """Who else is told of a topic of the bus, with the message's key; to be quick."""
        self._platform = platform
        self._kinds = kinds
        self._shipper = Shipper(platform)
        self._utilization = Utilization(platform)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="step")
        self._carrier = ThreadPoolExecutor(1, thread_name_prefix="ship")
        self._lock = threading.Lock()
        self._unshipped: set[str] = set()
        self._busy: set[str] = set()
        self._woken: set[str] = set()
        self._called = threading.Event()
        self._stopping = threading.Event()
        self._lead = _lead()
        self._listener: Listener | None = None

    def run(self, listener: Listener, started: Callable[[], object] = lambda: None) -> None:
        """Reconcile until ``stop`` is called, woken by ``listener``; ``started`` is called when it works.

        It begins by making every row due that waits here: whoever claimed it before is gone. The calling
        thread does nothing but listen, because a socket holds few messages and those that find no room are
        lost.
        """
        self._listener = listener
        self._recover()
        sweeper = threading.Thread(target=self._sweep_on, name="sweeper")
        sweeper.start()
        started()
        try:
            while not self._stopping.is_set():
                for topic, key in listener.receive():
                    self._hear(topic, key)
        finally:
            self._stopping.set()
            self._called.set()
            sweeper.join()
            self._pool.shutdown(wait=True)
            self._carrier.shutdown(wait=True, cancel_futures=True)

    def stop(self) -> None:
        """Finish the steps under way and return from ``run``; may be called from a signal handler."""
        self._stopping.set()
        if self._listener is not None:
            self._listener.wake()

    def sweep(self) -> float:
        """Start the steps of all rows that are due or woken; return how many seconds nothing more is due."""
        resources = self._platform.resources
        now = clock.now()
        self._mind_clock(now)
        with self._lock:
            woken = self._woken - self._busy
            self._woken -= woken
        rows = {row.id: row for row in resources.due(now, BATCH)}
        rows |= {row.id: row for key in woken if (row := resources.get(key)) is not None}
        for row in rows.values():
            if resources.ours(row):
                self._begin(row, now)
        upcoming = resources.next_due()
        return SWEEP if upcoming is None else min(SWEEP, max(0.001, upcoming - clock.now()))

    def advance(self, row: Row) -> None:
        """Run one step of ``row`` and write its outcome; never raises."""
        kind = self._kinds.get(row.kind)
        try:
            if kind is None or row.damage or row.phase not in kind.lifecycle.phases:
                self._leave(row)
            else:
                self._settle(kind, row, self._outcome(kind, row))
        except Exception:
            logger.exception("The outcome of %s at %s could not be written", row.arn, row.phase)
            self._stopping.wait(RETRY)
            with self._lock:
                self._woken.add(row.id)

    def _leave(self, row: Row) -> None:
        """Leave a row alone for a while that this release cannot read; it is kept as it is."""
        why = row.damage or f"no {row.kind} is ever in the phase {row.phase}"
        logger.error("%s is left alone: %s", row.arn, why)
        self._platform.resources.defer(row, clock.now() + DAMAGED)

    def _recover(self) -> None:
        resources, site = self._platform.resources, self._platform.site
        for kind in self._kinds.values():
            query = Query(Home(site.account, site.region, kind.noun), phases=kind.claiming, limit=_ALL)
            for row in resources.list(query):
                if resources.ours(row):
                    self._adopt(kind, row)
        resources.unclaim(clock.now())

    def _adopt(self, kind: Kind, row: Row) -> None:
        try:
            kind.adopt(self._platform, row)
        except Exception:
            logger.exception(
                "What %s has of the machine is not known%s", row.arn, row.damage and f": {row.damage}"
            )

    def _mind_clock(self, now: float) -> None:
        """Make every row due when the clock was set back: it would wait for as long as that once more."""
        lead, self._lead = self._lead, _lead()
        if self._lead < lead - STEP_BACK:
            logger.warning("The clock was set back by %.0f seconds", lead - self._lead)
            self._platform.resources.unclaim(now)

    def _sweep_on(self) -> None:
        while not self._stopping.is_set():
            self._called.clear()  # before looking: a call during the sweep is answered after it
            try:
                pause = self.sweep()
            except Exception:
                logger.exception("The rows that are due could not be read")
                pause = SWEEP
            self._called.wait(pause)

    def _hear(self, topic: str, key: str) -> None:
        if topic in ("due", "exit"):
            with self._lock:
                self._woken.add(_row_of(key))
            self._called.set()
        elif topic in ("log", "usage"):
            self._request_shipping(_row_of(key))
        elif topic in self.hearers:
            self.hearers[topic](key)

    def _begin(self, row: Row, now: float) -> None:
        with self._lock:
            busy = row.id in self._busy
            if busy:
                self._woken.add(row.id)  # looked at again as soon as the step under way has ended
            elif row.due_at is None and row.intent is None:
                return
            self._busy.add(row.id)
        claimed = None
        try:
            claimed = self._platform.resources.claim(row, now + CLAIM, hold=not self._is_anywhere(row))
        finally:
            if claimed is None and not busy:
                self._release(row)
        if claimed is not None and not busy:
            self._pool.submit(self._work, claimed)
        elif claimed is None and row.server == NOBODY:
            with self._lock:
                self._woken.add(row.id)  # another server was faster, and may have no room for it

    def _is_anywhere(self, row: Row) -> bool:
        """Return whether any server may take the row's step, even while this one does."""
        phases = self._kinds[row.kind].lifecycle.phases if row.kind in self._kinds else {}
        return row.phase not in phases or phases[row.phase].anywhere

    def _work(self, row: Row) -> None:
        try:
            self.advance(row)
        finally:
            self._release(row)
            self._called.set()  # the sweeper looks at once for what is due next

    def _release(self, row: Row) -> None:
        with self._lock:
            self._busy.discard(row.id)

    def _outcome(self, kind: Kind, row: Row) -> Outcome:
        phase = kind.lifecycle.phases[row.phase]
        target = kind.lifecycle.target(row.phase, row.intent)
        if target is not None:
            return Go(target)
        if phase.step is None:
            return Wait(None)
        try:
            self._carry(row)
            return kind.step(phase.step, self._platform, row)
        except Exception as error:
            logger.exception("Step %s of %s failed", phase.step, row.arn)
            if phase.settled or kind.lifecycle.failing(row.phase) == row.phase:
                return Wait(RETRY)
            return Fail(f"InternalServerError: {type(error).__name__}: {error}")

    def _settle(self, kind: Kind, row: Row, outcome: Outcome) -> None:
        if isinstance(outcome, Fail):
            outcome = kind.failing(row, outcome)
        if isinstance(outcome, Wait):
            self._rest(row, outcome)
            return
        lifecycle = kind.lifecycle
        if isinstance(outcome, Fail):
            columns = {"doc": {**row.doc, "FailureReason": outcome.reason[:1024]}}
            target, message = lifecycle.failing(row.phase), outcome.reason
        else:
            columns = {"doc": {**row.doc, **outcome.doc}} if outcome.doc else {}
            target = outcome.to or str(lifecycle.phases[row.phase].then)
            message = outcome.message or (lifecycle.phases[target].message if target != GONE else "deleted")
        self._move(lifecycle, row, target, message, columns | _merged(row, outcome.private))

    def _rest(self, row: Row, outcome: Wait) -> None:
        due = None if outcome.seconds is None else clock.now() + outcome.seconds
        columns = _merged(row, outcome.private)
        if due is None and row.server != NOBODY and self._kinds[row.kind].lifecycle.settled(row.phase):
            columns["server"] = NOBODY
        resources = self._platform.resources
        if columns:
            written = resources.change(row, due_at=due, modified_at=row.modified_at, **columns) is not None
        else:
            written = resources.defer(row, due)
        if not written:
            self._take_again(row)

    def _move(
        self, lifecycle: Lifecycle, row: Row, target: str, message: str, columns: dict[str, Any]
    ) -> None:
        phase = lifecycle.phases.get(target)
        has_step = phase is not None and phase.step is not None
        held = has_step and phase is not None and not phase.anywhere
        if lifecycle.settled(target) and not lifecycle.settled(row.phase):
            self._ship_all(row)  # a client that sees the end reads no further
        columns |= {"phase": target, "intent": None, "due_at": clock.now() + CLAIM if has_step else None}
        columns["server"] = self._platform.resources.server if held else NOBODY
        changed = self._platform.resources.change(row, message, **columns)
        if changed is None:
            if row.server == NOBODY:
                self._kinds[row.kind].disown(self._platform, row)  # another server may take the step now
            self._take_again(row)
            return
        self._platform.bus.publish("row", row.id)
        self._platform.bus.publish("changed", f"{row.kind}/{row.name}")
        if changed.due_at is not None and not self._stopping.is_set():
            self.advance(changed)

    def _take_again(self, row: Row) -> None:
        """Take a step again whose outcome was lost, as a request had written to the row meanwhile.

        Such a row is due when this claim on it ends. Where another server may have claimed it, it waits for
        that.
        """
        if row.server == self._platform.resources.server:
            with self._lock:
                self._woken.add(row.id)

    def _request_shipping(self, row_id: str) -> None:
        with self._lock:
            if row_id in self._unshipped or self._stopping.is_set():
                return
            self._unshipped.add(row_id)
        self._carrier.submit(self._ship, row_id)

    def _ship(self, row_id: str) -> None:
        with self._lock:
            self._unshipped.discard(row_id)
        row = self._platform.resources.get(row_id)
        if row is None or row.kind not in self._kinds:
            return
        if not self._carry(row):
            self._request_shipping(row_id)

    def _ship_all(self, row: Row) -> None:
        while not self._carry(row):
            logger.debug("%s has more to ship", row.arn)

    def _carry(self, row: Row) -> bool:
        """Ship a piece; return whether that was all. A log that cannot be read holds nothing up."""
        try:
            self._utilization.keep(self._kinds[row.kind], row)
            return self._shipper.ship(self._kinds[row.kind], row)
        except Exception:
            logger.exception("What the runs of %s wrote could not be copied", row.arn)
            return True


def _lead() -> float:
    """Return how far the clock is ahead of the monotonic one, which nobody sets."""
    return clock.now() - clock.monotonic()


def _merged(row: Row, private: dict[str, Any]) -> dict[str, Any]:
    return {"private": {**row.private, **private}} if private else {}


def _row_of(key: str) -> str:
    """Return the row that a run belongs to: run ids are ``<row id>.<host or replica>``."""
    return key.partition(".")[0]
