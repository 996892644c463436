"""Image classification keeps the algorithm contract, with logistic regression on pixels as the reference."""

import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image as Pillow
from sklearn.linear_model import LogisticRegression

from clary.algorithms.image_classification import ImageClassification
from clary.testing.algorithm_contract import AlgorithmContract
from clary.toolkit.algorithm import Algorithm
from clary.toolkit.channel import Channel
from clary.toolkit.formats.image import Bytes
from clary.toolkit.request import Request

pytestmark = pytest.mark.contract

SIDE, CLASSES = 16, 3


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def shape(kind: int, random: np.random.Generator) -> Bytes:
    """Return a picture of a square, a bar or a cross, somewhere, in some colour."""
    pixels = random.integers(0, 60, (SIDE, SIDE, 3)).astype(np.uint8)
    top, left = random.integers(0, SIDE - 7, 2)
    part = np.zeros((7, 7), bool)
    part[((slice(1, 6), slice(1, 6)), (slice(2, 5), slice(0, 7)), (3, slice(None)))[kind]] = True
    part[:, 3] |= kind == 2
    pixels[top : top + 7, left : left + 7][part] = random.integers(120, 255, 3)
    return pixels


def shapes(count: int, seed: int) -> list[tuple[Bytes, int]]:
    random = np.random.default_rng(seed)
    return [(shape(number % CLASSES, random), number % CLASSES) for number in range(count)]


def encoded(pixels: Bytes, form: str = "PNG") -> bytes:
    stream = io.BytesIO()
    Pillow.fromarray(pixels).save(stream, form)
    return stream.getvalue()


FRESH = shapes(60, 1)


class TestImageClassification(AlgorithmContract):
    """Shapes are told apart better than by their pixels."""

    algorithm = ImageClassification
    hyperparameters = MappingProxyType(
        {
            "num_classes": str(CLASSES),
            "num_training_samples": "150",
            "num_layers": "20",
            "image_shape": f"3,{SIDE},{SIDE}",
            "epochs": "6",
            "mini_batch_size": "16",
            "optimizer": "adam",
            "learning_rate": "0.005",
        }
    )
    illegal = ("num_layers", "19")

    def channels(self, folder: Path) -> dict[str, Channel]:
        for name, images in (("train", shapes(150, 0)), ("validation", shapes(45, 2))):
            for number, (pixels, kind) in enumerate(images):
                path = folder / name / str(kind) / f"{number}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(encoded(pixels))
        return {name: Channel(name, folder / name, "application/x-image") for name in ("train", "validation")}

    def requests(self) -> Sequence[Request]:
        png, jpeg = encoded(FRESH[0][0]), encoded(FRESH[1][0], "JPEG")
        return (
            Request("POST", "/invocations", "application/x-image", "", png),
            Request("POST", "/invocations", "image/png", "application/jsonlines", png),
            Request("POST", "/invocations", "image/jpeg", "application/json", jpeg),
        )

    def quality(self, model: Algorithm[Any]) -> float:
        right = 0
        for pixels, kind in FRESH:
            answer = model.answer(Request("POST", "/", "application/x-image", "", encoded(pixels)))
            assert isinstance(answer.body, bytes)
            right += int(np.argmax(json.loads(answer.body))) == kind
        return right / len(FRESH)

    def reference_quality(self) -> float:
        rows = [pixels.ravel() / 255 for pixels, _ in shapes(150, 0)]
        reference = LogisticRegression(max_iter=300).fit(rows, [kind for _, kind in shapes(150, 0)])
        fresh = [pixels.ravel() / 255 for pixels, _ in FRESH]
        return max(0.9, float(reference.score(fresh, [kind for _, kind in FRESH])))
