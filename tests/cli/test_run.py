"""``clary run`` names what is wrong before anything starts."""

from pathlib import Path

import pytest

from tests.cli.conftest import Clary


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["make-coffee", "-c", "train=x"], "There is no algorithm 'make-coffee'. Algorithms: "),
        (["linear-learner", "-c", "train"], "'train' is not of the form NAME=VALUE."),
        (["linear-learner", "-c", "train=none.csv"], "Channel train: "),
        (["linear-learner", "-c", "train=.", "-p", "epochs"], "'epochs' is not of the form NAME=VALUE."),
        (["linear-learner"], "--channel"),
    ],
)
def test_what_is_wrong_is_named(
    clary: Clary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = clary("run", *arguments)
    assert (result.exit_code, words in result.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_an_algorithm_trains_on_a_file_without_a_server(clary: Clary, tmp_path: Path) -> None:
    data = tmp_path / "train.csv"
    data.write_text("".join(f"{x * 2 + 1},{x}\n" for x in range(64)))
    model = tmp_path / "model"
    hyperparameters = ["-p", "predictor_type=regressor", "-p", "epochs=1", "-p", "mini_batch_size=16"]
    channel = ["-c", f"train={data}", "--content-type", "text/csv"]
    result = clary("run", "linear-learner", *channel, *hyperparameters, "-o", model)
    assert result.exit_code == 0, result.output
    assert [path.name for path in model.iterdir()] == ["model_algo-1"]


def test_a_job_that_fails_leaves_no_model(clary: Clary, tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("a,b\n")
    model = tmp_path / "model"
    result = clary("run", "linear-learner", "-c", f"train={tmp_path / 'train.csv'}", "-o", model)
    assert result.exit_code != 0
    assert not model.exists()
