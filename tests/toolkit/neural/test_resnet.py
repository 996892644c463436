"""Residual networks have the layers, the maps and the names that they should."""

import pytest
import torch

from clary.toolkit.neural.resnet import LARGE, SMALL, Classifier, ResNet


@pytest.mark.parametrize("layers", [*SMALL[:3], 18, 34, 50, 101])
def test_a_network_has_as_many_layers_as_it_says(layers: int) -> None:
    network = Classifier(ResNet(layers, 32), 10)
    counted = [
        name
        for name, module in network.named_modules()
        if isinstance(module, torch.nn.Conv2d | torch.nn.Linear) and "downsample" not in name
    ]
    assert len(counted) == layers


def test_names_are_those_of_torchvision() -> None:
    names = set(ResNet(50, 224).state_dict())
    for name in ("conv1.weight", "bn1.running_mean", "layer1.0.downsample.0.weight", "layer4.2.bn3.bias"):
        assert name in names
    assert set(LARGE) == {18, 34, 50, 101, 152, 200}


@pytest.mark.parametrize(
    ("layers", "side", "sizes", "channels"),
    [
        (20, 16, [16, 8, 4], [16, 32, 64]),
        (18, 32, [32, 16, 8, 4], [64, 128, 256, 512]),
        (18, 64, [16, 8, 4, 2], [64, 128, 256, 512]),
    ],
)
def test_maps_become_smaller_and_deeper(
    layers: int, side: int, sizes: list[int], channels: list[int]
) -> None:
    network = ResNet(layers, side, colours=1)
    maps = network(torch.zeros(1, 1, side, side))
    assert [each.shape[-1] for each in maps] == sizes
    assert [each.shape[1] for each in maps] == channels == network.channels


def test_dilated_stages_keep_their_size() -> None:
    maps = ResNet(18, 64, strides=(1, 2, 1, 1))(torch.zeros(1, 3, 64, 64))
    assert [each.shape[-1] for each in maps] == [16, 8, 8, 8]


def test_a_new_block_is_its_shortcut() -> None:
    network = ResNet(20, 16).eval()
    outputs = torch.rand(1, 16, 4, 4)
    torch.testing.assert_close(network.layer1(outputs), outputs)
