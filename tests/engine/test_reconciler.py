"""The reconciler's five rules, with a kind that is only a script of outcomes."""

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clary.core import clock, ids
from clary.core.bus import Bus
from clary.engine.kind import Kind
from clary.engine.lifecycle import Fail, Go, Lifecycle, Outcome, Phase, Wait
from clary.engine.platform import Platform
from clary.engine.reconciler import RETRY, Reconciler
from clary.engine.shipper import Feed, feeding
from clary.store.resources import GONE, Row
from tests.conftest import Until
from tests.fake_executor import FakeExecutor


class Scripted(Kind):
    """Answers what it is told to, and remembers where it was asked."""

    noun = "Scripted"
    resource = "scripted"
    spoken = "scripted thing"
    lifecycle = Lifecycle(
        Phase("Starting", "InProgress", "start", "Running"),
        Phase("Running", "InProgress", "watch", "Done", "It runs."),
        Phase("Done", "Completed", settled=True),
        Phase("Failed", "Failed", settled=True),
        Phase("Stopping", "Stopping", "halt", "Stopped"),
        Phase("Stopped", "Stopped", settled=True),
        Phase("Checking", "Checking", "check", "Done", fail="Failed"),
        Phase("Tended", "InService", "tend", settled=True),
        Phase("Deleting", "Deleting", "remove", GONE, fail="Deleting"),
        on_stop="Stopping",
        on_delete="Deleting",
        on_fail="Failed",
    )

    def __init__(self) -> None:
        self.outcomes: dict[str, deque[Outcome | Exception]] = {}
        self.calls: list[str] = []

    def step(self, name: str, platform: Platform, row: Row) -> Outcome:
        self.calls.append(name)
        planned = self.outcomes.get(name)
        outcome = planned.popleft() if planned else Go()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def plan(self, step: str, *outcomes: Outcome | Exception) -> None:
        self.outcomes[step] = deque(outcomes)


@pytest.fixture
def kind() -> Scripted:
    return Scripted()


@pytest.fixture
def reconciler(platform: Platform, kind: Scripted) -> Reconciler:
    return Reconciler(platform, {"Scripted": kind})


def insert(platform: Platform, name: str = "one", phase: str = "Starting", intent: str | None = None) -> Row:
    now = clock.now()
    row = Row(
        ids.row_id(), "1" * 12, "us-east-1", "Scripted", "", name, f"arn:{name}",
        phase, intent, now, 0, now, now, {"Given": True}, {},
    )  # fmt: skip
    platform.resources.insert(row)
    return row


def read(platform: Platform, row: Row) -> Row:
    found = platform.resources.get(row.id)
    assert found is not None
    return found


def test_a_row_goes_through_its_phases_and_each_leaves_an_event(
    platform: Platform, kind: Scripted, reconciler: Reconciler
) -> None:
    row = insert(platform)
    reconciler.advance(row)
    assert read(platform, row).phase == "Done"
    assert read(platform, row).due_at is None
    assert [event.phase for event in platform.resources.events(row.id)] == ["Starting", "Running", "Done"]
    assert platform.resources.events(row.id)[1].message == "It runs."


def test_a_failure_is_told_and_what_the_client_gave_is_kept(
    platform: Platform, kind: Scripted, reconciler: Reconciler
) -> None:
    kind.plan("watch", Fail("the disk is full"))
    row = insert(platform)
    reconciler.advance(row)
    assert read(platform, row).phase == "Failed"
    assert read(platform, row).doc == {"Given": True, "FailureReason": "the disk is full"}


def test_an_unexpected_error_fails_its_own_row_only(
    platform: Platform, kind: Scripted, reconciler: Reconciler
) -> None:
    kind.plan("start", ValueError("surprise"))
    bad, good = insert(platform, "bad"), insert(platform, "good")
    reconciler.advance(bad)
    reconciler.advance(good)
    assert read(platform, bad).doc["FailureReason"] == "InternalServerError: ValueError: surprise"
    assert read(platform, good).phase == "Done"


@pytest.mark.parametrize(("phase", "step"), [("Tended", "tend"), ("Deleting", "remove")])
def test_a_step_that_raises_where_it_may_not_fail_is_tried_again(
    platform: Platform, kind: Scripted, reconciler: Reconciler, phase: str, step: str
) -> None:
    kind.plan(step, ValueError("the disk hiccups"), Wait(None))
    row = insert(platform, phase=phase)
    reconciler.advance(row)
    found = read(platform, row)
    assert (found.phase, found.doc, kind.calls) == (phase, {"Given": True}, [step])
    assert found.due_at is not None
    assert 0 < found.due_at - clock.now() <= RETRY


def test_a_phase_may_say_where_its_failure_leads(
    platform: Platform, kind: Scripted, reconciler: Reconciler
) -> None:
    kind.plan("check", Fail("no good", {"seen": True}))
    row = insert(platform, phase="Checking")
    reconciler.advance(row)
    found = read(platform, row)
    assert (found.phase, found.doc["FailureReason"], found.private) == ("Failed", "no good", {"seen": True})


def test_a_stop_at_a_settled_row_changes_nothing(
    platform: Platform, kind: Scripted, reconciler: Reconciler
) -> None:
    row = insert(platform, phase="Done", intent="stop")
    reconciler.advance(row)
    assert (read(platform, row).phase, kind.calls) == ("Done", [])


def test_the_log_is_whole_before_the_end_is_seen(
    platform: Platform, kind: Scripted, reconciler: Reconciler, executor: FakeExecutor
) -> None:
    class Dying(Scripted):
        def step(self, name: str, platform: Platform, row: Row) -> Outcome:
            executor.write(f"{row.id}.algo-1", "the last words")  # after the log was looked at
            return Fail("it died")

    row = insert(platform, phase="Running")
    row = replace(row, private=feeding(Feed(f"{row.id}.algo-1", "group", "stream")))
    dying = Reconciler(platform, {"Scripted": Dying()})
    seen = []
    change = platform.resources.change

    def watch(*arguments: Any, **columns: Any) -> Row | None:
        seen.append([event.message for event in platform.logs.read("group", "stream")])
        return change(*arguments, **columns)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(platform.resources, "change", watch)
        dying.advance(row)
    assert seen == [["the last words"]]


def test_waiting_keeps_the_phase_and_sets_when_to_look_again(
    platform: Platform, kind: Scripted, reconciler: Reconciler
) -> None:
    kind.plan("watch", Wait(30, {"seen": 1}))
    row = insert(platform)
    reconciler.advance(row)
    found = read(platform, row)
    assert (found.phase, found.private) == ("Running", {"seen": 1})
    assert found.due_at is not None
    assert 25 < found.due_at - clock.now() <= 30


def test_a_stop_is_an_intent_that_the_reconciler_turns_into_a_phase(
    platform: Platform, kind: Scripted, reconciler: Reconciler
) -> None:
    row = insert(platform, phase="Running", intent="stop")
    reconciler.advance(row)
    found = read(platform, row)
    assert (found.phase, found.intent) == ("Stopped", None)
    assert kind.calls == ["halt"]


def test_an_intent_written_during_a_step_wins_over_its_outcome(
    platform: Platform, kind: Scripted, reconciler: Reconciler
) -> None:
    row = insert(platform, phase="Running")
    platform.resources.change(row, intent="stop")  # another process, after the reconciler read the row
    reconciler.advance(row)
    assert read(platform, row).phase == "Running"
    reconciler.advance(read(platform, row))
    assert read(platform, row).phase == "Stopped"


def test_a_deleted_row_is_gone_and_its_events_stay(
    platform: Platform, kind: Scripted, reconciler: Reconciler
) -> None:
    row = insert(platform, phase="Running", intent="delete")
    reconciler.advance(row)
    assert platform.resources.get(row.id) is None
    assert [event.phase for event in platform.resources.events(row.id)][-1] == GONE


@pytest.fixture
def running(platform: Platform, reconciler: Reconciler) -> Iterator[Bus]:
    listener = platform.bus.listen()
    thread = threading.Thread(target=reconciler.run, args=(listener,))
    thread.start()
    yield platform.bus
    reconciler.stop()
    thread.join(10)
    listener.close()
    assert not thread.is_alive()


def test_a_call_on_the_bus_wakes_a_waiting_row(
    platform: Platform, kind: Scripted, running: Bus, until: Until
) -> None:
    kind.plan("watch", *[Wait(3600)] * 5)  # it may be found due as well as called
    row = insert(platform)
    running.publish("due", row.id)
    until(lambda: (read(platform, row).due_at or 0) > clock.now() + 3000)
    kind.plan("watch", Go())
    running.publish("exit", f"{row.id}.algo-1")
    until(lambda: read(platform, row).phase == "Done")


def test_a_burst_of_calls_is_heard_to_the_last(
    platform: Platform, kind: Scripted, reconciler: Reconciler, until: Until
) -> None:
    rows = [insert(platform, str(number), phase="Running") for number in range(30)]
    kind.plan("watch", *[Wait(3600)] * 30)
    busy, free = threading.Event(), threading.Event()
    due = platform.resources.due

    def slow(now: float, limit: int) -> Sequence[Row]:
        if len(kind.calls) == 30:
            busy.set()
            assert free.wait(20)
        return due(now, limit)

    listener = platform.bus.listen()
    thread = threading.Thread(target=reconciler.run, args=(listener,))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(platform.resources, "due", slow)
        thread.start()
        assert busy.wait(20)  # the reconciler is at the database, and nobody waits for it
        for row in rows:
            platform.bus.publish("exit", f"{row.id}.algo-1")
            until(lambda row=row: row.id in reconciler._woken)  # type: ignore[misc]
        free.set()
        until(lambda: all(read(platform, row).phase == "Done" for row in rows))
    reconciler.stop()
    thread.join(10)
    listener.close()


def test_an_intent_during_a_long_step_waits_for_its_end_without_turning_in_circles(
    platform: Platform, reconciler: Reconciler, kind: Scripted, until: Until
) -> None:
    begun, end = threading.Event(), threading.Event()

    def long(name: str, platform: Platform, row: Row) -> Outcome:
        kind.calls.append(name)
        if name == "watch":
            begun.set()
            assert end.wait(20)
        return Go()

    row = insert(platform, phase="Running")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind, "step", long)
        reconciler.sweep()
        assert begun.wait(20)
        platform.resources.change(read(platform, row), intent="stop", due_at=clock.now())
        reconciler.sweep()  # it is seen that the row is in hand …
        assert reconciler.sweep() > 1  # … and there is nothing to do until the step is over
        end.set()
        until(lambda: not reconciler._busy)
        reconciler.sweep()
        until(lambda: read(platform, row).phase == "Stopped")
    assert kind.calls == ["watch", "halt"]


@pytest.mark.parametrize("outcome", [Go(), Wait(3600.0), Wait(3600.0, {"seen": True})])
def test_a_step_beside_which_a_request_wrote_to_the_row_is_taken_again_at_once(
    platform: Platform, kind: Scripted, reconciler: Reconciler, until: Until, outcome: Outcome
) -> None:
    taken = []

    def overtaken(name: str, platform: Platform, row: Row) -> Outcome:
        taken.append(name)
        if len(taken) == 1:
            platform.resources.amend(row, lambda now: {"private": {**now.private, "policy": "{}"}})
            return outcome
        return Wait(None)

    row = insert(platform, phase="Running")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind, "step", overtaken)
        reconciler.sweep()
        until(lambda: len(taken) == 1 and not reconciler._busy)
        reconciler.sweep()
        until(lambda: len(taken) == 2 and not reconciler._busy)
    assert (read(platform, row).private, read(platform, row).due_at) == ({"policy": "{}"}, None)


def test_a_failing_database_does_not_end_the_reconciler(
    platform: Platform, kind: Scripted, reconciler: Reconciler, until: Until
) -> None:
    failed = threading.Event()
    due = platform.resources.due

    def once(now: float, limit: int) -> Sequence[Row]:
        if not failed.is_set():
            failed.set()
            raise OSError("disk full")
        return due(now, limit)

    listener = platform.bus.listen()
    thread = threading.Thread(target=reconciler.run, args=(listener,))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(platform.resources, "due", once)
        thread.start()
        assert failed.wait(20)
        row = insert(platform)
        platform.bus.publish("due", row.id)
        until(lambda: read(platform, row).phase == "Done")
    reconciler.stop()
    thread.join(10)
    listener.close()


def test_a_kind_takes_stock_before_anything_moves(platform: Platform, kind: Scripted, until: Until) -> None:
    class Stocktaking(Scripted):
        claiming = ("Running",)

        def adopt(self, platform: Platform, row: Row) -> None:
            self.calls.append(f"adopt {row.name}")
            raise ValueError("a bad row hurts only itself")

    taking = Stocktaking()
    reconciler = Reconciler(platform, {"Scripted": taking})
    insert(platform, "first", "Running")
    second = insert(platform, "second", "Running")
    platform.resources.change(second, due_at=None)
    row = insert(platform)
    listener = platform.bus.listen()
    thread = threading.Thread(target=reconciler.run, args=(listener,))
    thread.start()
    until(lambda: read(platform, row).phase == "Done")
    reconciler.stop()
    thread.join(10)
    listener.close()
    assert taking.calls[:2] == ["adopt second", "adopt first"]
    assert sorted(taking.calls[2:]) == ["start", "watch", "watch"]


def test_rows_claimed_by_a_reconciler_that_died_are_taken_over(
    platform: Platform, kind: Scripted, reconciler: Reconciler, until: Until
) -> None:
    row = insert(platform)
    assert platform.resources.claim(row, clock.now() + 3600)
    listener = platform.bus.listen()
    thread = threading.Thread(target=reconciler.run, args=(listener,))
    thread.start()
    until(lambda: read(platform, row).phase == "Done")
    reconciler.stop()
    thread.join(10)
    listener.close()


def test_no_row_is_in_two_hands(platform: Platform, tmp_path: Path) -> None:
    row = insert(platform)
    assert platform.resources.claim(row, clock.now() + 60) is not None
    assert platform.resources.claim(row, clock.now() + 60) is None
