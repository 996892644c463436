"""Weights of others are taken from the user's folder, as far as they fit."""

import io
from pathlib import Path

import pytest
import torch

from clary.toolkit.errors import ClientError
from clary.toolkit.neural import pretrained, weights
from clary.toolkit.neural.resnet import Classifier, ResNet
from clary.toolkit.report import Report


def network(classes: int = 3) -> Classifier:
    return Classifier(ResNet(20, 16), classes)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLARY_PRETRAINED_MODELS", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("suffix", [".npz", ".pth"])
def test_all_but_the_last_layer_is_taken(folder: Path, suffix: str) -> None:
    backbone = ResNet(20, 16)
    state = {**backbone.state_dict(), "fc.weight": torch.zeros(1000, 64), "fc.bias": torch.zeros(1000)}
    if suffix == ".pth":
        torch.save(state, folder / "resnet-20.pth")
    else:
        weights.write(folder / "resnet-20.npz", {name: value.numpy() for name, value in state.items()})
    mine, log = network(), io.StringIO()
    last = mine.fc.weight.clone()
    pretrained.load(mine, "resnet-20", Report(stream=log))
    assert torch.equal(mine.fc.weight, last)
    for name, value in backbone.state_dict().items():
        assert torch.equal(value, mine.backbone.state_dict()[name])
    assert f"from resnet-20{suffix}" in log.getvalue()


def test_where_weights_are_to_be_put_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for told in (str(folder), ""):
        monkeypatch.setenv("CLARY_PRETRAINED_MODELS", told)
        with pytest.raises(
            ClientError, match=r"Put resnet-20\.npz or resnet-20\.pth.*CLARY_PRETRAINED_MODELS"
        ):
            pretrained.load(network(), "resnet-20", Report(stream=io.StringIO()))


def test_what_fits_nowhere_is_refused(folder: Path) -> None:
    weights.write(folder / "resnet-20.npz", {"other": torch.zeros(3).numpy()})
    with pytest.raises(ClientError, match=r"resnet-20\.npz holds the weights of another network"):
        pretrained.load(network(), "resnet-20", Report(stream=io.StringIO()))


def test_what_could_run_is_refused(folder: Path) -> None:
    torch.save(network(), folder / "resnet-20.pth")
    with pytest.raises(ClientError, match="is not a file of tensors alone"):
        pretrained.load(network(), "resnet-20", Report(stream=io.StringIO()))
