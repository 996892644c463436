"""Endings: each cause is told from the others."""

import os
from pathlib import Path

import pytest

from clary.compute import ending
from clary.compute.ending import Circumstances, Ending


@pytest.mark.parametrize(
    ("code", "found", "cause", "words"),
    [
        (0, Circumstances(grace=5, exceeded=True), "", ""),
        (3, Circumstances(), "", "exited with code 3"),
        (-11, Circumstances(), "", "killed by signal 11 (Segmentation fault)"),
        (7, Circumstances(grace=5), "stop", "exited with code 7"),
        (-15, Circumstances(grace=5), "stop", "asked to stop within 5 s"),
        (1, Circumstances(grace=5, exceeded=True), "memory", "more memory than its instance type has"),
        (-9, Circumstances(exhausted=True), "memory", "the machine ran out of memory"),
        (-11, Circumstances(exhausted=True), "", "killed by signal 11"),
        (-9, Circumstances(removed=True), "", "the folder with its files was removed"),
    ],
)
def test_the_cause_is_told(tmp_path: Path, code: int, found: Circumstances, cause: str, words: str) -> None:
    told = ending.of(code, found, tmp_path)
    assert (told.code, told.cause) == (code, cause)
    assert words in told.reason


def test_a_workspace_that_is_gone_is_named(tmp_path: Path) -> None:
    assert "was removed" in ending.of(1, Circumstances(), tmp_path / "gone").reason
    assert ending.of(0, Circumstances(), tmp_path / "gone") == Ending(0, "")


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = os.statvfs_result((4096, 4096, 1000, 10, 10, 0, 0, 0, 0, 255))
    monkeypatch.setattr(os, "statvfs", lambda _: full)
    told = ending.of(1, Circumstances(), tmp_path)
    assert told.cause == "disk"
    assert "no space is left" in told.reason
