"""What is said of a server that does not run."""

from pathlib import Path

from clary.app.lock import acquire
from clary.app.settings import Settings
from clary.core.errors import ClaryError
from tests.cli.conftest import Clary


def test_a_server_that_does_not_run_is_exit_code_3(clary: Clary, known: Settings) -> None:
    result = clary("status", "--data", known.data)
    assert result.exit_code == 3
    assert f"No server is running on {known.data}. Start it: clary up" in result.stdout


def test_a_server_that_was_never_started_is_an_error(clary: Clary, tmp_path: Path) -> None:
    result = clary("status", "--data", tmp_path)
    assert isinstance(result.exception, ClaryError)
    assert result.exception.message == f"No server has been started on {tmp_path} yet. Start one: clary up"


def test_a_server_that_does_not_answer_is_said_to(clary: Clary, known: Settings) -> None:
    lock = acquire(known.data)
    result = clary("status", "--data", known.data)
    lock.close()
    assert result.exit_code == 0
    assert "does not answer" in result.stdout
