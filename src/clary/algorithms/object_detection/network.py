"""SSD: maps of several sizes, at each place of which boxes and classes are told.

Liu et al., "SSD: Single Shot MultiBox Detector" (2016). VGG: Simonyan, Zisserman (2014).
"""

from typing import Any

import torch
from torch import nn

from clary.algorithms.object_detection.boxes import PER_PLACE
from clary.toolkit.neural.resnet import ResNet

_LARGE = 224  # pixels: the kind of residual network that begins with a quarter of them
_STAGES = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
_EXTRA = 256


class VGG(nn.Module):
    """Thirteen convolutions in five stages; the names are torchvision's."""

    channels = (512, 512)

    def __init__(self) -> None:
        super().__init__()
        layers: list[Any] = []
        inside = 3
        for width, count in _STAGES:
            for _ in range(count):
                layers += [nn.Conv2d(inside, width, 3, padding=1), nn.ReLU()]
                inside = width
            layers.append(nn.MaxPool2d(2, ceil_mode=True))
        self.features = nn.Sequential(*layers)
        for module in self.features:
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
                nn.init.zeros_(module.bias)

    def forward(self, images: Any) -> list[Any]:
        """Return maps of an eighth and a thirty-second of the image's sides."""
        outputs, found = images, []
        for number, layer in enumerate(self.features):
            outputs = layer(outputs)
            if number in (22, len(self.features) - 1):
                found.append(outputs)
        return found


class SSD(nn.Module):
    """A backbone, maps that become smaller to a single place, and what is told at each place."""

    def __init__(self, base: str, classes: int, side: int) -> None:
        super().__init__()
        if base == "vgg-16":
            self.backbone: Any = VGG()
            channels = list(self.backbone.channels)
        else:
            self.backbone = ResNet(int(base.removeprefix("resnet-")), _LARGE)
            channels = self.backbone.channels[1:]
        left, extra = -(-side // 32), []
        while left > 1:
            extra.append(
                nn.Sequential(
                    nn.Conv2d(channels[-1], _EXTRA, 3, 2, 1, bias=False), nn.BatchNorm2d(_EXTRA), nn.ReLU()
                )
            )
            channels.append(_EXTRA)
            left = -(-left // 2)
        self.extra = nn.ModuleList(extra)
        self.classes = nn.ModuleList(
            nn.Conv2d(each, PER_PLACE * (classes + 1), 3, padding=1) for each in channels
        )
        self.places = nn.ModuleList(nn.Conv2d(each, PER_PLACE * 4, 3, padding=1) for each in channels)
        self.norms = nn.ModuleList(nn.BatchNorm2d(each) for each in channels)

    def maps(self, images: Any) -> list[Any]:
        """Return the maps, the largest first."""
        found: list[Any] = self.backbone(images)
        if isinstance(self.backbone, ResNet):
            found = found[1:]
        for layer in self.extra:
            found.append(layer(found[-1]))
        return found

    def forward(self, images: Any) -> tuple[Any, Any, list[tuple[int, int]]]:
        """Return scores (images, anchors, 1 + classes), the first of nothing, differences and maps' sides."""
        scores, differences, sides = [], [], []
        for number, each in enumerate(self.maps(images)):
            seen = self.norms[number](each)
            scores.append(_flat(self.classes[number](seen)))
            differences.append(_flat(self.places[number](seen)))
            sides.append((each.shape[2], each.shape[3]))
        return torch.cat(scores, 1), torch.cat(differences, 1), sides


def _flat(maps: Any) -> Any:
    """Return (images, anchors, numbers) of (images, anchors of a place times numbers, height, width)."""
    images, channels, height, width = maps.shape
    parted = maps.reshape(images, PER_PLACE, channels // PER_PLACE, height, width)
    return parted.permute(0, 3, 4, 1, 2).reshape(images, height * width * PER_PLACE, -1)
