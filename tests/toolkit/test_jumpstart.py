"""JumpStart's scripts train and host a built-in algorithm in script mode."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

import pytest

from clary.toolkit import jumpstart
from clary.toolkit.algorithm import Algorithm, ChannelRule, algorithm
from clary.toolkit.answer import Answer
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.host import Host
from clary.toolkit.hyperparameters import Hyperparameters, integer
from clary.toolkit.report import Report
from clary.toolkit.request import Request
from clary.toolkit.supervised import problem_type

WriteJob = Callable[..., Path]


class _Params(Hyperparameters):
    rounds: int = integer(1, ge=1, about="Rounds.")
    problem_type: str | None = problem_type()


@algorithm("scripted")
class _Scripted(Algorithm[_Params]):
    """Remembers its hyperparameters and answers with them."""

    Params = _Params
    channels = (ChannelRule("training", "Data."),)
    metrics = ()
    accepts = requests = responses = ("text/csv",)

    def __init__(self, told: str = "") -> None:
        self.told = told

    def train(self, params: _Params, channels: Mapping[str, Channel], report: Report, host: Host) -> None:
        if params.rounds > 9:
            raise ClientError("That is too many.")
        self.told = json.dumps([params.rounds, params.problem_type, sorted(channels)])

    def save(self, folder: Path) -> None:
        (folder / "told").write_text(self.told)

    @classmethod
    def load(cls, folder: Path) -> Self:
        return cls((folder / "told").read_text())

    def answer(self, request: Request) -> Answer:
        pieces = iter([self.told.encode(), b"\n", request.body])
        return Answer(pieces, "text/csv")


@pytest.fixture
def job(write_job: WriteJob, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    def written(**given: str) -> Path:
        encoded = {"sagemaker_program": '"transfer_learning.py"', **given}
        base = write_job(encoded, {"training": b"1,2\n", "model": b"nothing", "code": b"script"})
        monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(base))
        return base

    return written


def test_a_script_trains_with_what_its_user_and_its_id_say(job: Callable[..., Path]) -> None:
    base = job(rounds='"3"')
    jumpstart.run("scripted", problem_type="regression")
    model = jumpstart.load("scripted", str(base / "model"))
    answer = jumpstart.answer(model, "1,2", "text/csv", "text/csv")
    assert answer == (b'[3, "regression", ["training"]]\n1,2', "text/csv")
    assert jumpstart.answer(model, b"1,2", "text/csv", "*/*") == answer


def test_a_script_that_fails_says_why_where_script_mode_looks(job: Callable[..., Path]) -> None:
    job(rounds="10")
    with pytest.raises(SystemExit, match="ClientError: That is too many"):
        jumpstart.run("scripted", problem_type="regression")
