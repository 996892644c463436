"""A training job: what it logs, what it leaves behind, and how it ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

import pytest

from clary.toolkit.algorithm import Algorithm, ChannelRule, algorithm
from clary.toolkit.answer import Answer
from clary.toolkit.channel import Channel
from clary.toolkit.errors import StoppedError
from clary.toolkit.host import Host
from clary.toolkit.hyperparameters import Hyperparameters, integer
from clary.toolkit.report import Report
from clary.toolkit.request import Request
from clary.toolkit.train import train

WriteJob = Callable[..., Path]


class _Params(Hyperparameters):
    mode: int = integer(0, about="What goes wrong.")


@algorithm("toy")
class _Toy(Algorithm[_Params]):
    """Fails, stops or succeeds as ``mode`` says."""

    Params = _Params
    channels = (ChannelRule("train", "Data.", required=True),)
    metrics = ()
    accepts = requests = responses = ("text/csv",)

    def train(self, params: _Params, channels: Mapping[str, Channel], report: Report, host: Host) -> None:
        if params.mode == 1:
            raise ZeroDivisionError("ours")
        if params.mode == 2:
            os.kill(os.getpid(), signal.SIGTERM)
            assert report.stopping
        if params.mode == 3:
            raise StoppedError

    def save(self, folder: Path) -> None:
        (folder / "toy").write_text("model")

    @classmethod
    def load(cls, folder: Path) -> Self:
        return cls()

    def answer(self, request: Request) -> Answer:
        return Answer(request.body)


DATA = {"train": b"1,2\n"}


def test_success_saves_the_model_and_logs_its_configuration_first(
    write_job: WriteJob, capsys: pytest.CaptureFixture[str]
) -> None:
    base = write_job({"mode": "0"}, DATA)
    assert train("toy", base) == 0
    assert (base / "model" / "toy").read_text() == "model"
    assert not (base / "output" / "failure").exists()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith('Reading default configuration from toy/default-input.json: {"mode": "0"}')
    assert "Merging with provided configuration from" in lines[1]
    assert lines[2].endswith('Final configuration: {"mode": "0"}')


@pytest.mark.parametrize(
    ("hyperparameters", "data", "message"),
    [
        (
            {"foo": "1"},
            DATA,
            "ClientError: Additional hyperparameters are not allowed ('foo' was unexpected).",
        ),
        ({}, {}, "ClientError: Channel 'train' is missing"),
        ({}, {**DATA, "tests": b"1"}, "ClientError: Channel 'tests' is not one of this algorithm's channels"),
    ],
)
def test_a_users_mistake_is_named_and_ends_with_2(
    write_job: WriteJob,
    capfd: pytest.CaptureFixture[str],
    hyperparameters: dict[str, str],
    data: dict[str, bytes],
    message: str,
) -> None:
    base = write_job(hyperparameters, data)
    assert train("toy", base) == 2
    assert (base / "output" / "failure").read_text().startswith(message)
    captured = capfd.readouterr()
    assert message.removeprefix("ClientError: ") in captured.out
    assert captured.err == ""


def test_a_failure_of_ours_ends_with_1_and_a_traceback(
    write_job: WriteJob, capfd: pytest.CaptureFixture[str]
) -> None:
    base = write_job({"mode": "1"}, DATA)
    assert train("toy", base) == 1
    assert (base / "output" / "failure").read_text() == "AlgorithmError: ZeroDivisionError: ours"
    assert "Traceback" in capfd.readouterr().err


def test_sigterm_is_passed_on_and_the_model_so_far_is_saved(write_job: WriteJob) -> None:
    before = signal.getsignal(signal.SIGTERM)
    base = write_job({"mode": "2"}, DATA)
    assert train("toy", base) == 0
    assert (base / "model" / "toy").exists()
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_job_stopped_before_there_is_a_model_ends_orderly(write_job: WriteJob) -> None:
    base = write_job({"mode": "3"}, DATA)
    assert train("toy", base) == 0
    assert not (base / "model" / "toy").exists()


def test_only_the_first_of_several_hosts_trains(write_job: WriteJob) -> None:
    base = write_job({}, DATA, resources={"current_host": "algo-2", "hosts": ["algo-1", "algo-2"]})
    assert train("toy", base) == 0
    assert not (base / "model").exists()


def test_unreadable_configuration_is_the_users_to_mend(write_job: WriteJob) -> None:
    base = write_job({}, DATA)
    (base / "input" / "config" / "hyperparameters.json").write_text("{")
    assert train("toy", base) == 2
    assert "hyperparameters.json is not valid JSON" in (base / "output" / "failure").read_text()


def test_the_command_trains_an_installed_algorithm(write_job: WriteJob) -> None:
    rows = "".join(f"{row % 2},{row % 2 - row / 100},1\n" for row in range(60))
    base = write_job({"predictor_type": "binary_classifier"}, {"train": rows.encode()})
    done = subprocess.run(
        [sys.executable, "-m", "clary.toolkit", "train", "linear-learner"],
        env={**os.environ, "SAGEMAKER_BASE_DIR": str(base)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Best model found for hyperparameters" in done.stdout
    assert (base / "model" / "model_algo-1").exists()
