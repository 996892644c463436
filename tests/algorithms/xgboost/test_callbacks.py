"""Checkpoints have the container's names; the highest counts, and few are kept."""

from pathlib import Path

from clary.algorithms.xgboost import callbacks


def test_the_last_five_checkpoints_are_kept(tmp_path: Path) -> None:
    for number in (3, 8, 9, 10, 11, 12):
        callbacks.write(tmp_path / "kept", number, bytes([number]))
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {
        f"xgboost-checkpoint.{number}" for number in (8, 9, 10, 11, 12)
    }
    assert callbacks.latest(tmp_path / "kept") == (b"\x0c", 13)


def test_other_files_are_no_checkpoints(tmp_path: Path) -> None:
    (tmp_path / "xgboost-checkpoint.tmp").touch()
    (tmp_path / "notes").touch()
    assert callbacks.latest(tmp_path) == (b"", 0)
    assert callbacks.latest(tmp_path / "nothing") == (b"", 0)
    assert callbacks.latest(None) == (b"", 0)
