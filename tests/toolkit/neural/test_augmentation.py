"""Augmented images differ within bounds, and colours come back from hue, saturation and lightness."""

import numpy as np
import torch

from clary.toolkit.neural import augmentation


def test_colours_survive_the_way_to_hsl_and_back() -> None:
    images = torch.rand(2, 3, 5, 5, generator=torch.Generator().manual_seed(0))
    images[0, :, 0, 0] = 0.5
    images[0, :, 0, 1] = torch.tensor([1.0, 0.0, 0.0])
    torch.testing.assert_close(augmentation._rgb(*augmentation._hsl(images)), images, rtol=0, atol=1e-4)


def test_a_cut_is_a_part_sometimes_mirrored() -> None:
    pixels = np.arange(6 * 6 * 3, dtype=np.uint8).reshape(6, 6, 3)
    random = np.random.default_rng(0)
    mirrored = 0
    for _ in range(40):
        part = augmentation.cut(pixels, 3, 4, random)
        assert part.shape == (3, 4, 3)
        mirrored += int(part[0, 0, 0]) > int(part[0, 1, 0])
        assert part[1, 0, 0] - part[0, 0, 0] == 18
    assert 8 < mirrored < 32


def test_images_stay_between_0_and_1_and_change() -> None:
    images = torch.rand(4, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    for change in (augmentation.recoloured, augmentation.bent):
        changed = change(images, np.random.default_rng(0))
        assert changed.shape == images.shape
        assert changed.min() >= -1e-4
        assert changed.max() <= 1 + 1e-4
        assert not torch.equal(changed, images)
        assert torch.equal(changed, change(images, np.random.default_rng(0)))


def test_tensors_are_colours_first_and_normalised() -> None:
    pixels = np.zeros((2, 4, 3), np.uint8)
    pixels[..., 1] = 255
    batch = augmentation.tensor([pixels])
    assert batch.shape == (1, 3, 2, 4)
    assert batch[0, 1].min() == 1
    torch.testing.assert_close(augmentation.normalised(batch)[0, 0, 0, 0], torch.tensor(-0.485 / 0.229))
    assert augmentation.normalised(torch.zeros(1, 1, 2, 2)).unique().tolist() == [-2]
