"""What all commands share."""

from pathlib import Path

import pytest

from clary.app.lock import acquire
from clary.app.settings import Settings, default_data
from clary.cli import console
from clary.core.errors import ClaryError


def test_a_problem_is_told_word_for_word(capsys: pytest.CaptureFixture[str]) -> None:
    console.problem("pip install 'clary[sdk]', not [/red]")
    assert capsys.readouterr().err == "error: pip install 'clary[sdk]', not [/red]\n"


def test_a_folder_is_absolute_and_has_a_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert console.folder(Path("here")) == tmp_path / "here"
    assert console.folder(Path("~/here")) == Path.home() / "here"
    assert console.folder(None) == default_data()


def test_only_a_server_that_runs_is_running(known: Settings) -> None:
    assert console.known(known.data) == known
    with pytest.raises(ClaryError, match="No server is running on"):
        console.running(known.data)
    lock = acquire(known.data)
    assert console.running(known.data) == known
    lock.close()
