"""Stopping what does not run is no error."""

from pathlib import Path

from tests.cli.conftest import Clary


def test_nothing_runs_and_nothing_is_stopped(clary: Clary, tmp_path: Path) -> None:
    result = clary("down", "--data", tmp_path)
    assert (result.exit_code, result.stdout) == (0, f"No server is running on {tmp_path}.\n")
