"""Cards: asked for once, in a process of its own."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from clary.compute.cards import Cards
from clary.core.errors import ClaryError

DESCRIBE = """
import sys
open(sys.argv[1], "a").write("asked;")
print('{"linear-learner": {"TrainingSpecification": {}}, "pca": {"Failure": "no numbers"}}')
"""


def test_one_process_answers_for_all(tmp_path: Path) -> None:
    cards = Cards((sys.executable, "-c", DESCRIBE, str(tmp_path / "calls")))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(cards.card, ["linear-learner"] * 8))
    assert answers == [{"TrainingSpecification": {}}] * 8
    assert (tmp_path / "calls").read_text() == "asked;"


def test_what_is_missing_is_asked_for_again_until_it_is_there(tmp_path: Path) -> None:
    program = """
import json, pathlib, sys
there = pathlib.Path(sys.argv[1]).exists()
print(json.dumps({"deep": {"MissingExtras": [] if there else ["torch"]}, "pca": {"MissingExtras": []}}))
"""
    cards = Cards((sys.executable, "-c", program, str(tmp_path / "torch")))
    assert cards.missing() == {"deep": ["torch"]}
    (tmp_path / "torch").touch()
    assert cards.card("pca") == {"MissingExtras": []}
    assert cards.missing() == {"deep": ["torch"]}
    assert cards.card("deep") == {"MissingExtras": []}
    assert cards.missing() == {}


def test_a_card_is_the_callers_own(tmp_path: Path) -> None:
    cards = Cards((sys.executable, "-c", DESCRIBE, str(tmp_path / "calls")))
    cards.card("linear-learner").clear()
    assert cards.card("linear-learner")


def test_an_unknown_algorithm_is_named_with_those_known(tmp_path: Path) -> None:
    cards = Cards((sys.executable, "-c", DESCRIBE, str(tmp_path / "calls")))
    with pytest.raises(ClaryError, match=r"'k-means' is unknown. Known: linear-learner, pca"):
        cards.card("k-means")


def test_an_algorithm_that_cannot_be_imported_says_why(tmp_path: Path) -> None:
    cards = Cards((sys.executable, "-c", DESCRIBE, str(tmp_path / "calls")))
    with pytest.raises(ClaryError, match="'pca' cannot be imported on this server: no numbers"):
        cards.card("pca")


@pytest.mark.parametrize(
    ("program", "why"),
    [("raise SystemExit('numpy is missing')", "numpy is missing"), ("print('{')", "Expecting")],
)
def test_a_failure_says_why(program: str, why: str) -> None:
    with pytest.raises(ClaryError, match=why) as caught:
        Cards((sys.executable, "-c", program)).card("linear-learner")
    assert caught.value.status == 500


def test_a_missing_interpreter_says_so(tmp_path: Path) -> None:
    with pytest.raises(ClaryError, match="could not be described"):
        Cards((str(tmp_path / "python"),)).card("linear-learner")
