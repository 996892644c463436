"""Residual networks: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition" (2015).

Parameters have the names of torchvision's, so that weights which others publish in its form fit.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import torch
from torch import nn

SMALL: Sequence[int] = (20, 32, 44, 56, 110)
"""Numbers of layers for images of some tens of pixels: three stages of 16, 32 and 64 channels."""

LARGE: Mapping[int, tuple[int, ...]] = MappingProxyType(
    {
        18: (2, 2, 2, 2),
        34: (3, 4, 6, 3),
        50: (3, 4, 6, 3),
        101: (3, 4, 23, 3),
        152: (3, 8, 36, 3),
        200: (3, 24, 36, 3),
    }
)
"""Blocks in each of four stages by the number of layers."""

_BOTTLENECKS = 50  # layers from which on a block has three convolutions
_SMALL_PICTURE = 40  # pixels up to which nothing is lost before the first stage


def _convolution(inside: int, outside: int, size: int, stride: int = 1, dilation: int = 1) -> Any:
    return nn.Conv2d(
        inside, outside, size, stride, padding=dilation * (size // 2), dilation=dilation, bias=False
    )


class Block(nn.Module):
    """Two convolutions of 3 x 3 beside a shortcut."""

    expansion = 1

    def __init__(self, inside: int, width: int, stride: int, dilation: int) -> None:
        super().__init__()
        self.conv1, self.bn1 = _convolution(inside, width, 3, stride, dilation), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = _convolution(width, width, 3, 1, dilation), nn.BatchNorm2d(width)
        self.downsample = _shortcut(inside, width, stride)

    def forward(self, inputs: Any) -> Any:
        """Return what comes next, (images, channels, height, width)."""
        outputs = torch.relu(self.bn1(self.conv1(inputs)))
        return torch.relu(self.bn2(self.conv2(outputs)) + self.downsample(inputs))


class Bottleneck(nn.Module):
    """A convolution of 3 x 3 between two of 1 x 1, beside a shortcut."""

    expansion = 4

    def __init__(self, inside: int, width: int, stride: int, dilation: int) -> None:
        super().__init__()
        outside = width * self.expansion
        self.conv1, self.bn1 = _convolution(inside, width, 1), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = _convolution(width, width, 3, stride, dilation), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = _convolution(width, outside, 1), nn.BatchNorm2d(outside)
        self.downsample = _shortcut(inside, outside, stride)

    def forward(self, inputs: Any) -> Any:
        """Return what comes next, (images, channels, height, width)."""
        outputs = torch.relu(self.bn1(self.conv1(inputs)))
        outputs = torch.relu(self.bn2(self.conv2(outputs)))
        return torch.relu(self.bn3(self.conv3(outputs)) + self.downsample(inputs))


def _shortcut(inside: int, outside: int, stride: int) -> Any:
    if stride == 1 and inside == outside:
        return nn.Identity()
    return nn.Sequential(_convolution(inside, outside, 1, stride), nn.BatchNorm2d(outside))


class ResNet(nn.Module):
    """A network of ``layers`` layers for images of ``side`` pixels and ``colours`` channels.

    ``strides`` are those of the stages; where one after the first is 1 instead of 2, what follows looks that
    much farther (dilation), so that maps stay large.
    """

    def __init__(
        self, layers: int, side: int, *, colours: int = 3, strides: Sequence[int] = (1, 2, 2, 2)
    ) -> None:
        super().__init__()
        small = layers in SMALL
        blocks = (((layers - 2) // 6,) * 3) if small else LARGE[layers]
        kind = Bottleneck if layers >= _BOTTLENECKS and not small else Block
        width = 16 if small else 64
        near = small or side <= _SMALL_PICTURE
        stem = _convolution(colours, width, 3) if near else _convolution(colours, width, 7, 2)
        self.conv1, self.bn1 = stem, nn.BatchNorm2d(width)
        self.maxpool = nn.Identity() if near else nn.MaxPool2d(3, 2, 1)
        self.channels: list[int] = []
        """The channels of each stage's output."""
        inside, dilation = width, 1
        for number, count in enumerate(blocks):
            dilation *= 2 // strides[number] if number else 1
            parts = []
            for part in range(count):
                stride = strides[number] if part == 0 else 1
                parts.append(kind(inside, width, stride, dilation))
                inside = width * kind.expansion
            setattr(self, f"layer{number + 1}", nn.Sequential(*parts))
            self.channels.append(inside)
            width *= 2
        _initialise(self)

    def forward(self, images: Any) -> list[Any]:
        """Return the maps after each stage, (images, channels, height, width)."""
        outputs = self.maxpool(torch.relu(self.bn1(self.conv1(images))))
        found = []
        for number in range(len(self.channels)):
            outputs = getattr(self, f"layer{number + 1}")(outputs)
            found.append(outputs)
        return found


class Classifier(nn.Module):
    """A residual network whose last maps, averaged, are scored for each class."""

    def __init__(self, backbone: ResNet, classes: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.backbone = backbone
        self.dropout = nn.Dropout(dropout)
        self.fc = nn.Linear(backbone.channels[-1], classes)

    def forward(self, images: Any) -> Any:
        """Return the scores of each class, (images, classes)."""
        return self.fc(self.dropout(self.backbone(images)[-1].mean((2, 3))))


def _initialise(network: Any) -> None:
    """Draw weights that keep the size of what passes, and let each block begin as its shortcut."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        if isinstance(module, Block):
            nn.init.zeros_(module.bn2.weight)
        if isinstance(module, Bottleneck):
            nn.init.zeros_(module.bn3.weight)
