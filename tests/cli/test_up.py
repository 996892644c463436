"""``clary up``: what its options refuse; that it starts is for the end-to-end tests."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from clary.app.settings import Settings, remember
from clary.cli import up
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


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--database", "postgresql://ada@host/db"), "keeps nothing for good"),
        (("--object-store", "s3://box"), "keeps nothing for good"),
    ],
)
def test_a_simulation_has_its_data_to_itself(tmp_path: Path, options: tuple[str, str], words: str) -> None:
    done = CliRunner().invoke(
        program, ["up", "--simulate", "--data", str(tmp_path), *options], env={"COLUMNS": "300"}
    )
    assert (done.exit_code, words in done.output) == (2, True)


@pytest.mark.parametrize("simulates", [True, False])
def test_data_of_the_other_sort_of_server_is_refused(tmp_path: Path, simulates: bool) -> None:
    remember(Settings(tmp_path, simulate=simulates))
    options = () if simulates else ("--simulate",)
    done = CliRunner().invoke(program, ["up", "--data", str(tmp_path), *options])
    assert (done.exit_code, "Give another folder" in done.output) == (1, True)


def test_what_is_thrown_away_lies_in_memory_where_there_is_plenty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(up, "_MEMORY", tmp_path)
    monkeypatch.setattr(up, "_PLENTY", 0)
    assert up._throwaway().parent == tmp_path
    monkeypatch.setattr(up, "_PLENTY", 2**80)
    elsewhere = up._throwaway()
    assert elsewhere.parent != tmp_path
    elsewhere.rmdir()
