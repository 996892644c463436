"""A network is read back as it was written, and what is no model is named."""

import io
from pathlib import Path

import pytest
import torch

from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.hyperparameters import Hyperparameters, integer
from clary.toolkit.neural import model_folder
from clary.toolkit.report import Report


class _Params(Hyperparameters):
    width: int = integer(ge=1, about="Width.")


def built(params: _Params) -> torch.nn.Module:
    return torch.nn.Linear(params.width, 1)


def test_a_network_is_read_back(tmp_path: Path) -> None:
    network = torch.nn.Linear(3, 1)
    model_folder.write(tmp_path, {"width": "3"}, network)
    params, found = model_folder.read(tmp_path, _Params, built, "lines")
    assert params.width == 3
    assert torch.equal(found.weight, network.weight)


def test_what_is_no_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="does not hold a model of lines: FileNotFoundError"):
        model_folder.read(tmp_path, _Params, built, "lines")


def test_a_network_begins_from_an_earlier_one_or_from_nothing(tmp_path: Path) -> None:
    earlier, later = torch.nn.Linear(3, 1), torch.nn.Linear(3, 1)
    model_folder.write(tmp_path, {"width": "3"}, earlier)
    model_folder.begin(later, None, None, Report(stream=io.StringIO()))
    assert not torch.equal(later.weight, earlier.weight)
    model_folder.begin(later, Channel("model", tmp_path), "no-such", Report(stream=io.StringIO()))
    assert torch.equal(later.weight, earlier.weight)
