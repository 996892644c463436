"""The checkup finds what is there and says what to do about what is not."""

import os
import socket
from pathlib import Path

import pytest

from clary.app import checkup
from clary.app.checkup import Finding, examine
from clary.compute.isolation import Level, Probe


def found(data: Path, port: int = 0) -> dict[str, Finding]:
    return {finding.check: finding for finding in examine(data, port)}


def test_a_machine_that_runs_these_tests_can_run_a_server(tmp_path: Path) -> None:
    findings = found(tmp_path / "not/yet")
    assert not [finding for finding in findings.values() if finding.verdict == "failure"]
    assert "linear-learner" in findings["Algorithms"].found
    assert list(tmp_path.iterdir()) == [], "nothing stays of the checkup"


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


@pytest.mark.parametrize(
    ("probe", "verdict", "words"),
    [
        (Probe(Level.NAMESPACES, ""), "ok", "as root"),
        (Probe(Level.USER_NAMESPACES, "not root"), "ok", "through user namespaces"),
        (Probe(Level.NONE, "not permitted (unshare)"), "warning", "because of: not permitted (unshare)"),
    ],
)
def test_the_isolation_of_jobs_is_told_and_why_it_is_not_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, probe: Probe, verdict: str, words: str
) -> None:
    monkeypatch.setattr(Probe, "of_machine", lambda: probe)
    finding = found(tmp_path)["Isolation of jobs"]
    assert finding.verdict == verdict
    assert words in finding.found
