"""Every command explains itself, and an expected error is one sentence."""

import subprocess
import sys
from pathlib import Path

import pytest

from clary.app.settings import Settings
from clary.cli import main
from clary.cli.program import program
from tests.cli.conftest import Clary

COMMANDS = [
    command.name or command.callback.__name__ for command in program.registered_commands if command.callback
]


def test_the_commands_are_these() -> None:
    first = ["up", "down", "status", "env", "logs", "run", "explain", "algorithms", "doctor"]
    assert [*first, "quickstart", "export", "import", "backup"] == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_shows_an_example(clary: Clary, command: str) -> None:
    result = clary(command, "--help")
    assert result.exit_code == 0
    assert "Example" in result.stdout
    assert f"clary {command}" in result.stdout.partition("Example")[2]


def test_without_a_command_the_help_says_how_to_begin(clary: Clary) -> None:
    assert "Begin with: clary up" in clary("--help").stdout


def test_an_expected_error_is_one_sentence_and_exit_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["clary", "env", "--data", str(tmp_path / "none")])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert (
        captured.err == f"error: No server has been started on {tmp_path / 'none'} yet. Start one: clary up\n"
    )


HEAVY = ("alembic", "botocore", "cryptography", "numpy", "sqlalchemy", "uvicorn", "uvloop")
"""What the server needs and a command that reads a file or two does not: most of a second to import."""

LIGHT = (["env"], ["env", "--help"], ["down"], ["status"])


@pytest.mark.parametrize("arguments", LIGHT, ids=" ".join)
def test_a_light_command_does_not_import_the_server(known: Settings, arguments: list[str]) -> None:
    program = (
        "import sys\n"
        "from clary.cli import main\n"
        "try:\n    main()\n"
        "finally:\n    print('imported', *(name for name in sys.modules if '.' not in name))"
    )
    command = [sys.executable, "-c", program, *arguments, "--data", str(known.data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 3}, done.stderr
    imported = done.stdout.splitlines()[-1].split()
    assert "typer" in imported
    assert set(imported).isdisjoint(HEAVY)
