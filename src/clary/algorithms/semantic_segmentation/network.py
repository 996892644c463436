"""Networks that tell the class of every pixel, on a residual network that sees an eighth of the pixels.

FCN: Long, Shelhamer, Darrell (2015). PSP: Zhao et al., "Pyramid Scene Parsing Network" (2017). DeepLab:
Chen et al., "Rethinking Atrous Convolution for Semantic Image Segmentation" (2017).
"""

from typing import Any

import torch
from torch import nn
from torch.nn.functional import adaptive_avg_pool2d, interpolate

from clary.toolkit.neural.resnet import ResNet

_LARGE = 224  # pixels: the kind of network that begins with a quarter of them, whatever is cut out
_BINS = (1, 2, 3, 6)
_RATES = (12, 24, 36)
_WIDTH = 256


def _seen(inside: int, outside: int, size: int, dilation: int = 1) -> Any:
    padding = dilation * (size // 2)
    return nn.Sequential(
        nn.Conv2d(inside, outside, size, padding=padding, dilation=dilation, bias=False),
        nn.BatchNorm2d(outside),
        nn.ReLU(),
    )


def _resized(maps: Any, size: Any) -> Any:
    return interpolate(maps, size=size, mode="bilinear", align_corners=False)


class FullyConvolutional(nn.Module):
    """Scores each place by what is next to it."""

    def __init__(self, inside: int, classes: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            _seen(inside, inside // 4, 3), nn.Dropout(0.1), nn.Conv2d(inside // 4, classes, 1)
        )

    def forward(self, maps: Any) -> Any:
        """Return scores, (images, classes, height, width) of ``maps``."""
        return self.layers(maps)


class PyramidPooling(nn.Module):
    """Scores each place by means over parts of the image of several sizes as well."""

    def __init__(self, inside: int, classes: int) -> None:
        super().__init__()
        self.parts = nn.ModuleList(nn.Conv2d(inside, inside // 4, 1) for _ in _BINS)
        self.top = FullyConvolutional(2 * inside, classes)

    def forward(self, maps: Any) -> Any:
        """Return scores, (images, classes, height, width) of ``maps``."""
        found = [maps]
        for bins, part in zip(_BINS, self.parts, strict=True):
            found.append(_resized(torch.relu(part(adaptive_avg_pool2d(maps, bins))), maps.shape[2:]))
        return self.top(torch.cat(found, 1))


class Atrous(nn.Module):
    """Scores each place by what is around it at several distances, and by the whole image."""

    def __init__(self, inside: int, classes: int) -> None:
        super().__init__()
        self.parts = nn.ModuleList(
            [_seen(inside, _WIDTH, 1), *(_seen(inside, _WIDTH, 3, rate) for rate in _RATES)]
        )
        self.whole = nn.Conv2d(inside, _WIDTH, 1)
        self.top = nn.Sequential(
            _seen((len(_RATES) + 2) * _WIDTH, _WIDTH, 1), nn.Dropout(0.1), nn.Conv2d(_WIDTH, classes, 1)
        )

    def forward(self, maps: Any) -> Any:
        """Return scores, (images, classes, height, width) of ``maps``."""
        whole = _resized(torch.relu(self.whole(adaptive_avg_pool2d(maps, 1))), maps.shape[2:])
        return self.top(torch.cat([*(part(maps) for part in self.parts), whole], 1))


_HEADS: dict[str, Any] = {"fcn": FullyConvolutional, "psp": PyramidPooling, "deeplab": Atrous}


class Network(nn.Module):
    """A backbone with one of the three on top."""

    def __init__(self, layers: int, algorithm: str, classes: int) -> None:
        super().__init__()
        self.backbone = ResNet(layers, _LARGE, strides=(1, 2, 1, 1))
        self.head = _HEADS[algorithm](self.backbone.channels[-1], classes)

    def forward(self, images: Any) -> Any:
        """Return the scores of each class at each pixel, (images, classes, height, width)."""
        return _resized(self.head(self.backbone(images)[-1]), images.shape[2:])
