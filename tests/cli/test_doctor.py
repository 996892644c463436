"""The doctor's findings, and its verdict as an exit code."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clary.app import checkup
from clary.app.checkup import Finding
from tests.cli.conftest import Clary


@pytest.mark.parametrize(("verdict", "code"), [("ok", 0), ("warning", 0), ("failure", 1)])
def test_only_a_failure_fails(
    clary: Clary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verdict: str, code: int
) -> None:
    def examine(_data: Path, _port: int) -> Iterator[Finding]:
        yield Finding("SDKs here", verdict, "none: pip install 'clary[sdk]'")  # type: ignore[arg-type]

    monkeypatch.setattr(checkup, "examine", examine)
    result = clary("doctor", "--data", tmp_path)
    assert result.exit_code == code
    assert verdict in result.stdout
    assert "pip install 'clary[sdk]'" in result.stdout
