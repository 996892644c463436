"""Room: when a watchdog must look again, and what counts where the kernel does the work."""

import pytest

from clary.compute import process_tree
from clary.compute.limits import Limits
from clary.compute.room import Enforcement, Room, Use


def test_a_watchdog_looks_the_more_often_the_nearer_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    held = {"resident": 0, "proportional": 0}
    monkeypatch.setattr(process_tree, "resident", lambda _: held["resident"])
    monkeypatch.setattr(process_tree, "proportional", lambda _: held["proportional"])
    watched = Room(Limits(memory=8 << 30), Enforcement.WATCHDOG)
    assert watched.watched
    assert watched.patience(1) == 1.0
    held["resident"] = (8 << 30) - (2 << 30)
    assert watched.patience(1) == 0.5
    held["resident"] = 9 << 30
    assert watched.patience(1) == 1.0, "forks share most of it"
    held["proportional"] = 9 << 30
    assert watched.patience(1) == 0.0


def test_the_kernel_needs_no_watching() -> None:
    assert not Room(Limits(memory=1), Enforcement.CONTROL_GROUPS).watched
    assert not Room(Limits(), Enforcement.WATCHDOG).watched


def test_nothing_is_known_where_nobody_counts() -> None:
    unknown = Room(Limits())
    assert unknown.use(1) == Use(0, 0.0)
    assert unknown.kills() == 0
    assert unknown.folders == ()
