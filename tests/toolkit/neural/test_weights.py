"""Weights come back as they were written, and only into a network of their form."""

from pathlib import Path

import numpy as np
import pytest
import torch

from clary.toolkit.errors import ClientError
from clary.toolkit.neural import weights


def network(width: int = 3) -> torch.nn.Module:
    return torch.nn.Sequential(torch.nn.Linear(2, width), torch.nn.BatchNorm1d(width))


def test_a_network_is_the_same_after_writing_and_reading(tmp_path: Path) -> None:
    first, second = network(), network()
    weights.write(tmp_path / "a.npz", weights.arrays(first))
    weights.restore(second, weights.read(tmp_path / "a.npz"))
    for name, value in first.state_dict().items():
        assert torch.equal(value, second.state_dict()[name])
    weights.write(tmp_path / "b.npz", weights.arrays(second))
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_arrays_do_not_change_with_the_network() -> None:
    changing = network()
    before = weights.arrays(changing)["0.bias"]
    with torch.no_grad():
        changing[0].bias.add_(1)
    assert not np.array_equal(before, weights.arrays(changing)["0.bias"])


@pytest.mark.parametrize("other", [network(4), torch.nn.Linear(2, 3)])
def test_weights_of_another_network_are_refused(other: torch.nn.Module) -> None:
    with pytest.raises(ClientError, match=r"'0\.bias' and .* more do not fit"):
        weights.restore(network(), weights.arrays(other))


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04", b"\x80\x04N."])
def test_what_holds_no_weights_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "model.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ClientError, match="does not hold the weights"):
        weights.read(path)
