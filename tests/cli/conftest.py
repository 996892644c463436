"""The command line, run in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from clary.app.settings import Settings, remember
from clary.cli.program import program

Clary = Callable[..., Result]


@pytest.fixture
def clary(monkeypatch: pytest.MonkeyPatch) -> Clary:
    """Run ``clary`` with these arguments."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")

    def run(*arguments: str | Path) -> Result:
        return CliRunner().invoke(program, [str(argument) for argument in arguments])

    return run


@pytest.fixture
def known(tmp_path: Path) -> Settings:
    """A server that was started once and does not run."""
    settings = Settings(tmp_path / "it's here", port=1)
    settings.data.mkdir()
    remember(settings)
    return settings
