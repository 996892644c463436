"""The command prints cards and refuses what it does not know."""

import json

import pytest

from clary.toolkit.__main__ import main


def test_describe_prints_the_cards_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "linear-learner"]) == 0
    cards = json.loads(capsys.readouterr().out)
    assert list(cards) == ["linear-learner"]
    assert cards["linear-learner"]["TrainingChannels"][0]["Name"] == "train"


def test_describe_prints_all_cards(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe"]) == 0
    assert "linear-learner" in json.loads(capsys.readouterr().out)


def test_an_unknown_algorithm_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "nothing"]) == 2
    assert "No algorithm is called 'nothing'" in capsys.readouterr().err
