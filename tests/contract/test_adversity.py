"""What reconcilers bear: each other, rows that cannot be read, clocks that are set, stores that fail."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from clary.core import clock
from clary.engine.lifecycle import Go, Lifecycle, Outcome, Phase, Wait
from clary.engine.platform import Platform
from clary.engine.reconciler import CLAIM, Reconciler
from clary.store.resources import Resources, Row
from tests.conftest import Until
from tests.engine.test_reconciler import Scripted, insert, read
from tests.postgres import BOTH


@pytest.fixture
def kind() -> Scripted:
    return Scripted()


@pytest.fixture
def reconciler(platform: Platform, kind: Scripted) -> Reconciler:
    return Reconciler(platform, {"Scripted": kind})


@contextmanager
def running(platform: Platform, *reconcilers: Reconciler) -> Iterator[None]:
    """Let reconcilers run, each with a listener of its own."""
    listeners = [platform.bus.listen() for _ in reconcilers]
    threads = [
        threading.Thread(target=each.run, args=(listener,))
        for each, listener in zip(reconcilers, listeners, strict=True)
    ]
    for thread in threads:
        thread.start()
    yield
    for each in reconcilers:
        each.stop()
    for thread in threads:
        thread.join(10)
    for listener in listeners:
        listener.close()


class Placed(Scripted):
    """Is nowhere while it starts, and on one machine from then on."""

    lifecycle = Lifecycle(
        Phase("Starting", "InProgress", "start", "Running", anywhere=True),
        Phase("Running", "InProgress", "watch", "Done"),
        Phase("Done", "Completed", "clear", settled=True),
        Phase("Failed", "Failed", settled=True),
        on_fail="Failed",
    )

    def __init__(self) -> None:
        super().__init__()
        self.disowned: list[str] = []

    def disown(self, platform: Platform, row: Row) -> None:
        self.disowned.append(row.name)


def beside(platform: Platform, server: str) -> Platform:
    """Return another server's view of the same database."""
    return replace(platform, resources=Resources(platform.resources._database, server))


@pytest.mark.parametrize("url", BOTH, indirect=True)
def test_a_row_belongs_to_the_server_that_started_it_until_nothing_of_it_is_left(platform: Platform) -> None:
    here, there = beside(platform, "here"), beside(platform, "there")
    kinds = Placed(), Placed()
    first, second = (
        Reconciler(view, {"Scripted": kind}) for view, kind in zip((here, there), kinds, strict=True)
    )
    kinds[0].plan("start", Wait(0))
    kinds[1].plan("watch", Wait(0), Go())
    kinds[1].plan("clear", Wait(0), Wait(None))
    row = insert(platform)
    first.advance(row)
    assert read(platform, row).server == ""  # it waits for room, wherever that is
    second.advance(read(platform, row))
    assert read(platform, row).server == "there"
    for _ in range(3):
        first.sweep()
        assert here.resources.next_due() is None
    assert kinds[0].calls == ["start"]
    second.advance(read(platform, row))
    assert (read(platform, row).phase, read(platform, row).server) == ("Done", "there")
    second.advance(read(platform, row))
    assert (read(platform, row).server, read(platform, row).due_at) == ("", None)


@pytest.mark.parametrize("url", BOTH, indirect=True)
def test_what_a_server_claimed_for_a_row_that_another_got_is_given_back(platform: Platform) -> None:
    kind = Placed()
    reconciler = Reconciler(beside(platform, "here"), {"Scripted": kind})
    row = insert(platform)
    kind.plan("start", Go())
    platform.resources.change(row, phase="Running", server="there")
    reconciler.advance(row)
    assert kind.disowned == ["one"]
    assert read(platform, row).server == "there"


@pytest.mark.parametrize("url", BOTH, indirect=True)
def test_of_several_reconcilers_one_takes_each_row(platform: Platform, until: Until) -> None:
    taken: list[str] = []

    class Counting(Placed):
        def step(self, name: str, platform: Platform, row: Row) -> Outcome:
            if name == "watch":
                taken.append(row.name)
            return Wait(None) if name == "clear" else Go()

    rows = [insert(platform, f"row-{number}") for number in range(40)]
    servers = [Reconciler(beside(platform, f"s{number}"), {"Scripted": Counting()}) for number in range(3)]
    with running(platform, *servers):
        until(lambda: all(read(platform, row).phase == "Done" for row in rows), 60)
    assert sorted(taken) == sorted(row.name for row in rows)


@pytest.mark.parametrize("url", BOTH, indirect=True)
def test_a_row_that_cannot_be_read_is_kept_as_it_is_and_the_others_go_on(
    platform: Platform, kind: Scripted, reconciler: Reconciler, until: Until
) -> None:
    torn, odd, sound = (insert(platform, name) for name in ("torn", "odd", "sound"))
    with platform.resources._database.write() as connection:
        connection.exec_driver_sql("UPDATE resource SET doc = '[]' WHERE name = 'torn'")
        connection.exec_driver_sql("UPDATE resource SET phase = 'Dancing' WHERE name = 'odd'")
    with running(platform, reconciler):
        until(lambda: read(platform, sound).phase == "Done")
        until(lambda: all((read(platform, row).due_at or 0) > clock.now() + 300 for row in (torn, odd)))
    with platform.resources._database.write() as connection:
        found = connection.exec_driver_sql("SELECT doc FROM resource WHERE name = 'torn'").scalar()
    assert found in ("[]", [])
    assert read(platform, odd).phase == "Dancing"


def test_a_clock_that_is_set_back_makes_nothing_wait_for_hours(
    platform: Platform, kind: Scripted, reconciler: Reconciler, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = insert(platform)
    kind.plan("start", Wait(1.0), Wait(1.0))  # the sweep claims the row, and its step waits once more
    reconciler.advance(row)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now - 7200)
    reconciler.sweep()
    due = read(platform, row).due_at
    assert due is not None
    assert due < clock.now() + CLAIM + 1


def test_a_clock_that_is_set_forward_or_drifts_disturbs_no_one(
    platform: Platform, kind: Scripted, reconciler: Reconciler, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = insert(platform)
    kind.plan("start", Wait(3600.0))
    reconciler.advance(row)
    due = read(platform, row).due_at
    now = clock.now()
    for drift in (-0.4, -0.8, -1.2, 60.0):
        monkeypatch.setattr(clock, "now", lambda drift=drift: now + drift)
        reconciler.sweep()
        assert read(platform, row).due_at == due


def test_a_store_that_fails_for_a_while_holds_a_row_up_no_longer_than_that(
    platform: Platform, kind: Scripted, reconciler: Reconciler, monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    monkeypatch.setattr("clary.engine.reconciler.RETRY", 0.01)
    monkeypatch.setattr("clary.engine.reconciler.SWEEP", 0.05)
    row = insert(platform)
    change, failures = platform.resources.change, [OSError("full")] * 3

    def failing(*arguments: Any, **columns: Any) -> Row | None:
        if failures:
            raise failures.pop()
        return change(*arguments, **columns)

    monkeypatch.setattr(Resources, "change", lambda _self, *given, **columns: failing(*given, **columns))
    with running(platform, reconciler):
        until(lambda: read(platform, row).phase == "Done")
    assert not failures
