"""The checkup finds what is there and says what to do about what is not."""

import os
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clary.app import checkup
from clary.app.checkup import Finding, examine
from clary.compute.cards import Cards
from clary.compute.isolation import Level
from clary.compute.means import Means
from clary.compute.room import Enforcement


def found(data: Path, port: int = 0) -> dict[str, Finding]:
    return {finding.check: finding for finding in examine(data, port)}


def test_a_machine_that_runs_these_tests_can_run_a_server(tmp_path: Path) -> None:
    findings = found(tmp_path / "not/yet")
    assert not [finding for finding in findings.values() if finding.verdict == "failure"]
    assert "linear-learner" in findings["Algorithms"].found
    assert list(tmp_path.iterdir()) == [], "nothing stays of the checkup"


def test_libraries_that_algorithms_lack_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cards, "missing", lambda _self: {"ntm": ["torch"], "knn": ["faiss"]})
    finding = found(tmp_path)["Algorithms"]
    assert finding.verdict == "warning"
    assert finding.found.endswith(
        "without libraries: knn, ntm. Install them: pip install 'clary[faiss,torch]'"
    )


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        finding = found(tmp_path, port)["Port"]
    assert finding == Finding("Port", "failure", f"{port} is taken. Choose another with --port.")


def test_a_server_that_runs_may_have_its_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "holder", lambda _data: 1)
    assert found(tmp_path)["Port"].verdict == "ok"


def test_a_folder_that_cannot_be_written_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    finding = found(tmp_path)["Data folder"]
    assert (finding.verdict, "--data" in finding.found) == ("failure", True)


def test_little_room_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "SCARCE_DISK", 2**60)
    assert found(tmp_path)["Data folder"].verdict == "warning"


def test_links_that_cannot_be_made_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    assert found(tmp_path)["Hard links"] == Finding(
        "Hard links", "warning", "not here (Operation not supported); channels are copied instead"
    )


def test_sdks_that_are_missing_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "_version", lambda _package: None)
    finding = found(tmp_path)["SDKs here"]
    assert (finding.verdict, finding.found) == ("warning", "none. For examples: pip install 'clary[sdk]'")


def means(level: Level = Level.NAMESPACES, **changes: Any) -> Means:
    """Return the means of a machine that has all, but for ``changes``."""
    return replace(Means(level, True, True, Enforcement.CONTROL_GROUPS, None), **changes)


WATCHED = means(enforcement=Enforcement.WATCHDOG, no_enforcement="Read-only file system")
SEEN = means(processes=False, no_processes="not permitted (mount proc)")
CONNECTED = means(network=False, no_network="not permitted (unshare)")


@pytest.mark.parametrize(
    ("machine", "check", "verdict", "words"),
    [
        (means(), "Isolation of jobs", "ok", "as root; own processes"),
        (means(Level.USER_NAMESPACES), "Isolation of jobs", "ok", "through user namespaces"),
        (
            means(Level.NONE, no_level="refused (unshare)"),
            "Isolation of jobs",
            "warning",
            "refused (unshare)",
        ),
        (SEEN, "Isolation of jobs", "warning", "not permitted (mount proc). Start as root"),
        (means(), "EnableNetworkIsolation", "ok", "no network but their own loopback"),
        (CONNECTED, "EnableNetworkIsolation", "warning", "refused, because of: not permitted (unshare)"),
        (means(), "Limits of jobs", "ok", "by control groups"),
        (
            WATCHED,
            "Limits of jobs",
            "warning",
            "because of: Read-only file system. Start as root, or by: systemd",
        ),
        (means(enforcement=Enforcement.NONE), "Limits of jobs", "warning", "none"),
    ],
)
def test_what_jobs_get_is_told_and_why_it_is_not_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, machine: Means, check: str, verdict: str, words: str
) -> None:
    monkeypatch.setattr(Means, "of_machine", lambda: machine)
    finding = found(tmp_path)[check]
    assert finding.verdict == verdict
    assert words in finding.found
