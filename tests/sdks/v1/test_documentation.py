"""The program of the how-to for SDK v1 runs as it stands there."""

from pathlib import Path

from tests.sdks.conftest import follow


def test_the_program_of_the_how_to(tmp_path: Path) -> None:
    assert follow("v1", tmp_path).startswith("{'predictions': [{'score': ")
