"""Means: what a machine that refuses is said to refuse, and that it is read as it was written."""

import os
import sys
from pathlib import Path

import pytest

from clary.compute import isolation, kernel
from clary.compute.control_group import Hierarchy
from clary.compute.isolation import Level
from clary.compute.means import Means, beside
from clary.compute.room import Enforcement

REFUSED = "not permitted (unshare)"


def refuse(monkeypatch: pytest.MonkeyPatch, flag: int) -> None:
    """Let the kernel refuse the namespaces of ``flag``."""
    unshare = kernel.unshare

    def picky(flags: int) -> None:
        if flags & flag:
            raise PermissionError(1, REFUSED)
        unshare(flags)

    monkeypatch.setattr(kernel, "unshare", picky)


def test_a_machine_without_namespaces_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, kernel.CLONE_NEWNS | kernel.CLONE_NEWPID)
    means = Means.of_machine()
    assert (means.level, means.processes, means.network) == (Level.NONE, False, False)
    assert REFUSED in means.no_level
    assert REFUSED in means.no_network


@pytest.mark.parametrize(
    ("flag", "missing"), [(kernel.CLONE_NEWPID, "processes"), (kernel.CLONE_NEWNET, "network")]
)
def test_one_namespace_that_is_refused_costs_no_other(
    monkeypatch: pytest.MonkeyPatch, flag: int, missing: str
) -> None:
    if Means.of_machine(Level.NAMESPACES).level is not Level.NAMESPACES:
        pytest.skip("it takes the rights of root")
    refuse(monkeypatch, flag)
    means = Means.of_machine()
    assert means.level is Level.NAMESPACES
    assert {"processes": means.processes, "network": means.network} == {
        "processes": missing != "processes",
        "network": missing != "network",
    }
    assert REFUSED in (means.no_processes if missing == "processes" else means.no_network)


def test_an_interpreter_that_opt_ml_would_hide_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "OPT_ML", Path(sys.base_prefix))
    assert sys.base_prefix in Means.of_machine().no_level


def test_other_systems_have_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    means = Means.of_machine()
    assert (means.level, means.enforcement) == (Level.NONE, Enforcement.NONE)
    assert means.no_level == "only Linux has namespaces"


def test_without_control_groups_a_watchdog_keeps_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse_groups() -> Hierarchy:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Hierarchy, "usable", refuse_groups)
    means = Means.of_machine(Level.NONE)
    assert (means.enforcement, means.hierarchy) == (Enforcement.WATCHDOG, None)
    assert "Read-only" in means.no_enforcement


@pytest.mark.parametrize("hierarchy", [None, Hierarchy(2, {"memory": "/a", "pids": "/a"})])
def test_it_is_read_as_it_was_written(tmp_path: Path, hierarchy: Hierarchy | None) -> None:
    place = beside(tmp_path / "zygote.sock")
    means = Means(Level.USER_NAMESPACES, True, False, Enforcement.WATCHDOG, hierarchy, no_network="why")
    means.write(place)
    assert Means.read(place) == means
    assert [path.name for path in tmp_path.iterdir()] == ["zygote.sock.means"]
    assert os.access(place, os.R_OK)
