"""The command prints cards and refuses what it does not know."""

import json
import subprocess
import sys

import pytest

from clary.toolkit import algorithm
from clary.toolkit.__main__ import main

EXTRAS = ("catboost", "faiss", "lightgbm", "pandas", "PIL", "pyarrow", "scipy", "sklearn", "torch", "xgboost")


def test_describe_prints_the_cards_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "linear-learner"]) == 0
    cards = json.loads(capsys.readouterr().out)
    assert list(cards) == ["linear-learner"]
    card = cards["linear-learner"]
    assert card["TrainingSpecification"]["TrainingChannels"][0]["Name"] == "train"
    assert "text/csv" in card["InferenceSpecification"]["SupportedContentTypes"]


def test_describe_prints_all_cards(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe"]) == 0
    assert "linear-learner" in json.loads(capsys.readouterr().out)


def test_an_unknown_algorithm_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "nothing"]) == 2
    assert "No algorithm is called 'nothing'" in capsys.readouterr().err


def test_an_algorithm_that_cannot_be_imported_hurts_only_itself(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(name: str) -> object:
        if name == "pca":
            raise ImportError("no numbers")
        return algorithm.find(name)

    monkeypatch.setattr("clary.toolkit.__main__.find", find)
    assert main(["describe", "pca", "kmeans"]) == 0
    cards = json.loads(capsys.readouterr().out)
    assert cards["pca"] == {"Failure": "ImportError: no numbers"}
    assert "TrainingSpecification" in cards["kmeans"]


def test_describing_imports_no_extra() -> None:
    """Cards are asked for by servers without any extra, and warm interpreters hold all algorithms."""
    program = (
        "import sys\n"
        "from clary.toolkit.__main__ import main\n"
        "main(['describe'])\n"
        f"sys.exit(', '.join(name for name in {EXTRAS} if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr == "\n"
