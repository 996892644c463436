"""Semantic segmentation keeps the algorithm contract; the reference looks at each pixel's colour alone."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image as Pillow
from sklearn.linear_model import LogisticRegression

from clary.algorithms.semantic_segmentation import SemanticSegmentation
from clary.testing.algorithm_contract import AlgorithmContract
from clary.toolkit.algorithm import Algorithm
from clary.toolkit.channel import Channel
from clary.toolkit.formats.image import Bytes
from clary.toolkit.request import Request

pytestmark = pytest.mark.contract

SIDE = 48


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def scene(seed: int) -> tuple[Bytes, Bytes]:
    """Return a picture of vertical stripes with a part of horizontal ones, and where that is."""
    random = np.random.default_rng(seed)
    stripes = (np.arange(SIDE) // 3 % 2 * 150 + 50).astype(np.uint8)
    pixels = np.broadcast_to(stripes[None], (SIDE, SIDE)).copy()
    mask = np.zeros((SIDE, SIDE), np.uint8)
    top, left = random.integers(0, SIDE - 28, 2)
    part = (slice(top, top + 28), slice(left, left + 28))
    pixels[part] = stripes[: SIDE - 20][:, None]
    mask[part] = 1
    noise = random.integers(0, 40, (SIDE, SIDE, 3))
    return (pixels[:, :, None] + noise).astype(np.uint8), mask


def encoded(pixels: Bytes, form: str = "PNG") -> bytes:
    stream = io.BytesIO()
    Pillow.fromarray(pixels).save(stream, form, **({"quality": 95} if form == "JPEG" else {}))
    return stream.getvalue()


def overlap(told: Bytes, truth: Bytes) -> float:
    """Return the mean over both classes of intersection by union."""
    shares = [((told == k) & (truth == k)).sum() / ((told == k) | (truth == k)).sum() for k in (0, 1)]
    return float(np.mean(shares))


class TestSemanticSegmentation(AlgorithmContract):
    """Textures are told apart, which no pixel shows by itself."""

    algorithm = SemanticSegmentation
    hyperparameters = MappingProxyType(
        {
            "backbone": "resnet-18",
            "use_pretrained_model": "False",
            "num_classes": "2",
            "num_training_samples": "15",
            "base_size": "48",
            "crop_size": "48",
            "epochs": "4",
            "mini_batch_size": "5",
            "optimizer": "adam",
            "learning_rate": "0.002",
        }
    )
    illegal = ("algorithm", "unet")

    def channels(self, folder: Path) -> dict[str, Channel]:
        for name, first, count in (("train", 0, 15), ("validation", 100, 3)):
            for part in (name, f"{name}_annotation"):
                (folder / part).mkdir()
            for number in range(count):
                pixels, mask = scene(first + number)
                (folder / name / f"{number}.jpg").write_bytes(encoded(pixels, "JPEG"))
                (folder / f"{name}_annotation" / f"{number}.png").write_bytes(encoded(mask))
        return {path.name: Channel(path.name, path) for path in sorted(folder.iterdir())}

    def requests(self) -> Sequence[Request]:
        pixels = scene(200)[0]
        return (
            Request("POST", "/invocations", "image/jpeg", "", encoded(pixels, "JPEG")),
            Request("POST", "/invocations", "image/png", "image/png", encoded(pixels)),
            Request("POST", "/", "application/x-image", "application/x-recordio-protobuf", encoded(pixels)),
        )

    def quality(self, model: Algorithm[Any]) -> float:
        found = []
        for seed in range(200, 206):
            pixels, mask = scene(seed)
            answer = model.answer(Request("POST", "/", "image/png", "image/png", encoded(pixels)))
            assert isinstance(answer.body, bytes)
            found.append(overlap(np.array(Pillow.open(io.BytesIO(answer.body))), mask))
        return float(np.mean(found))

    def reference_quality(self) -> float:
        scenes = [scene(seed) for seed in range(20)]
        rows = np.concatenate([pixels.reshape(-1, 3) for pixels, _ in scenes]) / 255
        reference = LogisticRegression().fit(rows, np.concatenate([mask.ravel() for _, mask in scenes]))
        fresh = [scene(seed) for seed in range(200, 206)]
        shares = [
            overlap(reference.predict(pixels.reshape(-1, 3) / 255).reshape(SIDE, SIDE), mask)
            for pixels, mask in fresh
        ]
        return max(0.6, float(np.mean(shares)))
