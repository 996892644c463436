"""``clary up``: what its options refuse; that it starts is for the end-to-end tests."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from clary.cli.program import program


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://ada:secret@host/db", "CLARY_DATABASE"),
        ("mysql://ada@host/db", "begins with postgresql://"),
    ],
)
def test_a_url_that_is_unsafe_or_of_no_use_is_refused(tmp_path: Path, url: str, words: str) -> None:
    arguments = ["up", "--data", str(tmp_path), "--database", url]
    done = CliRunner().invoke(program, arguments, env={"COLUMNS": "300", "TERMINAL_WIDTH": "300"})
    assert done.exit_code == 2
    assert words in done.output
    assert "secret" not in done.output
    assert not (tmp_path / "clary.db").exists()
