"""The built-in algorithms are listed and described, and the page of the documentation is up to date."""

from pathlib import Path

import pytest

from clary.cli import algorithms
from clary.compute.cards import Cards
from tests.cli.conftest import Clary

PAGE = Path(__file__).parents[2] / "docs/reference/algorithms.md"


def test_the_page_is_up_to_date(clary: Clary) -> None:
    assert clary("algorithms", "--markdown").stdout == PAGE.read_text(), f"write it: {algorithms.COMMAND}"


def test_all_are_listed_with_what_they_lack(clary: Clary, monkeypatch: pytest.MonkeyPatch) -> None:
    card = {"AlgorithmDescription": "Thinks.", "MissingExtras": ["torch"]}
    monkeypatch.setattr(Cards, "all", lambda _self: {"deep": card})
    result = clary("algorithms")
    assert result.exit_code == 0
    assert "deep       Thinks.       torch" in result.stdout
    assert "Install what is missing: pip install 'clary[torch]'" in result.stdout


def test_one_is_described(clary: Clary) -> None:
    result = clary("algorithms", "kmeans")
    assert result.exit_code == 0
    assert "channel train (required): application/x-recordio-protobuf, text/csv" in result.stdout
    assert "extra_center_factor" in result.stdout


def test_one_that_is_not_there_is_an_error(clary: Clary) -> None:
    result = clary("algorithms", "nothing")
    assert result.exit_code == 1
    assert "'nothing' is unknown. Known: " in str(result.exception) + result.stderr
