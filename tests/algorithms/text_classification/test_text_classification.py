"""Texts are read from CSV, labels keep their spelling, and models go on from earlier ones."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from clary.algorithms.text_classification import TextClassification
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.host import Host
from clary.toolkit.neural import weights
from clary.toolkit.request import Request
from tests.algorithms.conftest import trained

ROWS = ['10,"good, very good film"', "2,bad film", "10,nice and good", '2,"awful ""plot"""'] * 6


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def channel(folder: Path, rows: list[str], name: str = "training") -> Channel:
    (folder / name).mkdir(parents=True)
    (folder / name / "data.csv").write_text("\n".join(rows) + "\n")
    return Channel(name, folder / name, "text/csv")


def train(*channels: Channel, **given: Any) -> tuple[TextClassification, str]:
    settings = {"epochs": 3, "batch_size": 8, "learning_rate": 0.01, **given}
    named = {each.name: each for each in channels}
    model, log = trained(TextClassification, settings, named, Host())
    assert isinstance(model, TextClassification)
    return model, log


def ask(model: TextClassification, text: str) -> dict[str, Any]:
    request = Request("POST", "/", "application/x-text", "application/json;verbose", text.encode())
    answer = model.answer(request)
    assert isinstance(answer.body, bytes)
    found: dict[str, Any] = json.loads(answer.body)
    return found


def test_labels_are_answered_as_they_were_written(tmp_path: Path) -> None:
    model, log = train(channel(tmp_path, ROWS * 3), epochs=12)
    found = ask(model, "a GOOD film")
    assert found["labels"] == ["2", "10"]
    assert found["predicted_label"] == "10"
    assert sum(found["probabilities"]) == pytest.approx(1)
    assert ask(model, "awful plot")["predicted_label"] == "2"
    assert "58 texts to learn from, 14 to validate on, 2 labels" in log
    assert ask(model, "never 見た words " * 500)["predicted_label"] in ("2", "10")


def test_a_channel_to_validate_on_leaves_all_texts_to_learn_from(tmp_path: Path) -> None:
    validation = channel(tmp_path, ["2,bad film", "7,a label not known"], "validation")
    _, log = train(channel(tmp_path, ROWS), validation)
    assert "24 texts to learn from, 2 to validate on" in log
    assert "val_accuracy=" in log


@pytest.mark.parametrize("name", ["adamw", "sgd", "nesterov", "rmsprop", "adagrad", "adadelta"])
def test_each_optimizer_learns(tmp_path: Path, name: str) -> None:
    rate = 1 if name == "adadelta" else 0.01
    given = {"learning_rate": rate, "epochs": 6, "validation_split_ratio": 0}
    _, log = train(channel(tmp_path, ROWS), optimizer=name, **given)
    losses = [float(line.split("loss=")[1].split(" ")[0]) for line in log.splitlines() if " - loss=" in line]
    assert losses[-1] < losses[0]


def test_a_loss_that_does_not_fall_ends_training(tmp_path: Path) -> None:
    given = {"early_stopping": "True", "early_stopping_patience": 1, "early_stopping_min_delta": 1}
    _, log = train(channel(tmp_path, ROWS), epochs=20, **given)
    assert "Epoch 2/20" in log
    assert "Epoch 3/20" not in log


def test_a_model_goes_on_from_an_earlier_one(tmp_path: Path) -> None:
    first, _ = train(channel(tmp_path / "a", ROWS))
    (tmp_path / "model").mkdir()
    first.save(tmp_path / "model")
    model = Channel("model", tmp_path / "model")
    only = {"train_only_on_top_layer": "True"}
    same, _ = train(channel(tmp_path / "b", ROWS), model, **only)
    other, _ = train(channel(tmp_path / "c", [*ROWS, "5,so so"] * 2), model, **only)
    before = weights.arrays(first._model.network)
    for after in (weights.arrays(same._model.network), weights.arrays(other._model.network)):
        assert (after["words.weight"] == before["words.weight"]).all()
        assert (
            after["top.weight"].shape != before["top.weight"].shape
            or (after["top.weight"] != before["top.weight"]).any()
        )
    assert ask(other, "good")["labels"] == ["2", "5", "10"]
    with pytest.raises(ClientError, match="labels are not those of the model to go on from"):
        train(channel(tmp_path / "d", [*ROWS, "5,so so"]), model, reinitialize_top_layer="False")


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (["2,bad, very bad"], "row 1 has 3 columns; it must have a label and a text"),
        (["bad"], "row 1 has 1 columns"),
        ([""], "Channel 'training' holds no texts"),
        (["1,one", "1,two"], "All texts bear the label '1'"),
    ],
)
def test_bad_rows_are_named(tmp_path: Path, rows: list[str], complaint: str) -> None:
    with pytest.raises(ClientError, match=complaint):
        train(channel(tmp_path, rows))


@pytest.mark.parametrize(("body", "complaint"), [(b" ", "body is empty"), (b"\xff", "is not UTF-8")])
def test_bad_requests_are_refused(tmp_path: Path, body: bytes, complaint: str) -> None:
    model, _ = train(channel(tmp_path, ROWS), epochs=1)
    with pytest.raises(ClientError, match=complaint):
        model.answer(Request("POST", "/", "application/x-text", "", body))


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="does not hold a model of text classification"):
        TextClassification.load(tmp_path)
