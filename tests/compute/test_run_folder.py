"""The folder of a run: documents that are whole or absent, and a lock that tells life from death."""

import os
from pathlib import Path

from clary.compute.run_folder import RunFolder


def test_a_document_is_whole_or_absent(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    assert run.read("exit") is None
    run.write("exit", {"code": 0}, durable=True)
    assert run.read("exit") == {"code": 0}
    (tmp_path / "exit").write_bytes(b"")
    assert run.read("exit") is None


def test_writing_leaves_no_other_file(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    run.write("spec.json", {})
    assert [path.name for path in tmp_path.iterdir()] == ["spec.json"]


def test_the_lock_has_one_holder(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    assert not run.held()
    lock = run.take()
    assert lock is not None
    assert run.held()
    assert run.take() is None
    os.close(lock)
    assert not run.held()
