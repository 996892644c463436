"""Every command explains itself, and an expected error is one sentence."""

import sys
from pathlib import Path

import pytest

from clary.cli import main
from clary.cli.program import program
from tests.cli.conftest import Clary

COMMANDS = [command.callback.__name__ for command in program.registered_commands if command.callback]


def test_the_commands_are_these() -> None:
    assert COMMANDS == ["up", "down", "status", "env", "logs", "run", "explain", "doctor", "quickstart"]


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
