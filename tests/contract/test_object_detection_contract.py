"""Object detection keeps the algorithm contract; the reference is linear in the pixels."""

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
from sklearn.linear_model import LogisticRegression, Ridge

from clary.algorithms.object_detection import ObjectDetection
from clary.algorithms.object_detection.detection import mean_average_precision
from clary.testing.algorithm_contract import AlgorithmContract, Trained
from clary.toolkit.algorithm import Algorithm
from clary.toolkit.batch import Floats
from clary.toolkit.channel import Channel
from clary.toolkit.formats.image import Bytes
from clary.toolkit.host import Host
from clary.toolkit.report import Report
from clary.toolkit.request import Request

pytestmark = pytest.mark.contract

SIDE, TRAINING = 64, 32


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def scene(seed: int) -> tuple[Bytes, Floats]:
    """Return a picture of a square or a disc in a colour of its own, and where it is: class and corners."""
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 70, (SIDE, SIDE, 3)).astype(np.uint8)
    kind, size = int(random.integers(2)), int(random.integers(20, 34))
    top, left = (int(start) for start in random.integers(0, SIDE - size, 2))
    down, across = np.mgrid[0:size, 0:size] - (size - 1) / 2
    part = np.hypot(down, across) <= size / 2 if kind else np.ones((size, size), bool)
    pixels[top : top + size, left : left + size][part] = random.integers(130, 255, 3)
    corners = [left, top, left + size, top + size]
    return pixels, np.array([[kind, *(corner / SIDE for corner in corners)]], np.float32)


def encoded(pixels: Bytes, form: str = "PNG") -> bytes:
    stream = io.BytesIO()
    Pillow.fromarray(pixels).save(stream, form)
    return stream.getvalue()


def annotation(objects: Floats) -> str:
    rows = []
    for kind, left, top, right, bottom in (objects * [[1, SIDE, SIDE, SIDE, SIDE]]).round().tolist():
        box = {"left": left, "top": top, "width": right - left, "height": bottom - top}
        rows.append({"class_id": int(kind), **box})
    return json.dumps({"annotations": rows, "image_size": [{"width": SIDE, "height": SIDE, "depth": 3}]})


FRESH = [scene(seed) for seed in range(1000, 1024)]


class TestObjectDetection(AlgorithmContract):
    """The mean average precision is above that of regression on pixels."""

    algorithm = ObjectDetection
    hyperparameters = MappingProxyType(
        {
            "base_network": "resnet-18",
            "use_pretrained_model": "0",
            "num_classes": "2",
            "num_training_samples": str(TRAINING),
            "image_shape": str(SIDE),
            "epochs": "7",
            "mini_batch_size": "4",
            "optimizer": "adam",
            "learning_rate": "0.001",
        }
    )
    illegal = ("base_network", "vgg-19")

    def test_same_data_same_model(self, trained: Trained, tmp_path: Path) -> None:
        """One epoch tells, in a fraction of the time that all of them take."""
        brief = {**self.hyperparameters, "epochs": "1"}
        found = []
        for name in ("first", "second"):
            (tmp_path / name).mkdir()
            model = ObjectDetection()
            channels = self.channels(tmp_path / name)
            model.train(ObjectDetection.Params.parse(brief), channels, Report(stream=io.StringIO()), Host())
            (tmp_path / name / "model").mkdir()
            model.save(tmp_path / name / "model")
            found.append((tmp_path / name / "model" / "model.npz").read_bytes())
        assert found[0] == found[1]

    def channels(self, folder: Path) -> dict[str, Channel]:
        for name, first, count in (("train", 0, TRAINING), ("validation", 500, 6)):
            for part in (name, f"{name}_annotation"):
                (folder / part).mkdir()
            for number in range(count):
                pixels, objects = scene(first + number)
                (folder / name / f"{number}.png").write_bytes(encoded(pixels))
                (folder / f"{name}_annotation" / f"{number}.json").write_text(annotation(objects))
        return {path.name: Channel(path.name, path) for path in sorted(folder.iterdir())}

    def requests(self) -> Sequence[Request]:
        pixels = FRESH[0][0]
        return (
            Request("POST", "/invocations", "image/jpeg", "", encoded(pixels, "JPEG")),
            Request("POST", "/invocations", "image/png", "application/json;annotation=1", encoded(pixels)),
            Request("POST", "/", "application/x-image", "application/jsonlines", encoded(pixels)),
        )

    def quality(self, model: Algorithm[Any]) -> float:
        found = []
        for pixels, _ in FRESH:
            answer = model.answer(Request("POST", "/", "image/png", "", encoded(pixels)))
            assert isinstance(answer.body, bytes)
            found.append(np.array(json.loads(answer.body)["prediction"], np.float32).reshape(-1, 6))
        return mean_average_precision(found, [objects for _, objects in FRESH], 2, 0.5)

    def reference_quality(self) -> float:
        scenes = [scene(seed) for seed in range(TRAINING)]
        rows = [pixels.ravel() / 255 for pixels, _ in scenes]
        places = Ridge(10).fit(rows, [objects[0, 1:] for _, objects in scenes])
        kinds = LogisticRegression().fit(rows, [objects[0, 0] for _, objects in scenes])
        fresh = [pixels.ravel() / 255 for pixels, _ in FRESH]
        told = zip(
            kinds.predict(fresh), kinds.predict_proba(fresh).max(axis=1), places.predict(fresh), strict=True
        )
        found = [np.array([[kind, score, *box]], np.float32) for kind, score, box in told]
        return max(0.4, mean_average_precision(found, [objects for _, objects in FRESH], 2, 0.5))
