"""Training images made different every time: cut elsewhere, mirrored, of other colours, turned and bent.

The steps are those of the hyperparameter ``augmentation_type`` on the guide's page "Image Classification
Hyperparameters", with its ranges.
"""

import math
from typing import Any

import numpy as np
import torch

from clary.toolkit.formats.image import Bytes

_HUE, _SATURATION, _LIGHTNESS = 36 / 180, 50 / 255, 50 / 255
_ANGLE, _SHEAR, _ASPECT = math.radians(10), 0.1, 0.25
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def cut(pixels: Bytes, height: int, width: int, random: np.random.Generator) -> Bytes:
    """Return a part of ``pixels``, (height, width, colours), from anywhere, mirrored half of the time."""
    top = int(random.integers(0, pixels.shape[0] - height + 1))
    left = int(random.integers(0, pixels.shape[1] - width + 1))
    part = pixels[top : top + height, left : left + width]
    return part[:, ::-1] if random.random() < 0.5 else part


def tensor(pictures: list[Bytes]) -> Any:
    """Return pictures of one size as (images, colours, height, width) between 0 and 1."""
    stacked = np.stack(pictures).astype(np.float32) / 255
    return torch.from_numpy(np.ascontiguousarray(stacked.transpose(0, 3, 1, 2)))


def normalised(images: Any) -> Any:
    """Return ``images`` as networks have learnt to see them: less the mean colour, by the usual spread."""
    if images.shape[1] != len(_MEAN):
        return (images - 0.5) / 0.25
    shape = (1, 3, 1, 1)
    mean = torch.tensor(_MEAN, device=images.device).reshape(shape)
    return (images - mean) / torch.tensor(_DEVIATION, device=images.device).reshape(shape)


def recoloured(images: Any, random: np.random.Generator) -> Any:
    """Shift hue, saturation and lightness of each of ``images``, which have three colours."""
    shifts = random.uniform(-1, 1, (3, len(images), 1, 1)) * np.reshape(
        [_HUE / 2, _SATURATION, _LIGHTNESS], (3, 1, 1, 1)
    )
    by_hue, by_saturation, by_lightness = torch.from_numpy(shifts.astype(np.float32))
    hue, saturation, lightness = _hsl(images)
    return _rgb(
        (hue + by_hue) % 1, (saturation + by_saturation).clamp(0, 1), (lightness + by_lightness).clamp(0, 1)
    )


def bent(images: Any, random: np.random.Generator) -> Any:
    """Turn, shear and stretch each of ``images`` a little about its middle; edges repeat."""
    angles = random.uniform(-_ANGLE, _ANGLE, len(images))
    shears = random.uniform(-_SHEAR, _SHEAR, len(images))
    aspects = np.sqrt(1 + random.uniform(-_ASPECT, _ASPECT, len(images)))
    maps = np.zeros((len(images), 2, 3), np.float32)
    maps[:, 0, 0], maps[:, 0, 1] = np.cos(angles) * aspects, shears - np.sin(angles)
    maps[:, 1, 0], maps[:, 1, 1] = np.sin(angles), np.cos(angles) / aspects
    grid = torch.nn.functional.affine_grid(torch.from_numpy(maps), list(images.shape), align_corners=False)
    return torch.nn.functional.grid_sample(images, grid, padding_mode="border", align_corners=False)


def _hsl(images: Any) -> tuple[Any, Any, Any]:
    """Return hue, saturation and lightness, each (images, height, width) between 0 and 1."""
    largest, place = images.max(1)
    smallest = images.min(1).values
    chroma, lightness = largest - smallest, (largest + smallest) / 2
    saturation = chroma / (1 - (2 * lightness - 1).abs()).clamp(min=1e-6)
    red, green, blue = images.unbind(1)
    differences = torch.stack([green - blue, blue - red, red - green])
    chosen = differences.gather(0, place[None])[0] / chroma.clamp(min=1e-6)
    return ((chosen + 2 * place) / 6) % 1, saturation.clamp(0, 1), lightness


def _rgb(hue: Any, saturation: Any, lightness: Any) -> Any:
    """Return red, green and blue, (images, 3, height, width)."""
    reach = saturation * torch.minimum(lightness, 1 - lightness)
    colours = []
    for offset in (0, 8, 4):
        turn = (offset + hue * 12) % 12
        colours.append(lightness - reach * torch.minimum(turn - 3, 9 - turn).clamp(-1, 1))
    return torch.stack(colours, 1)
