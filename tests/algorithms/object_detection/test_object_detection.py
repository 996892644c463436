"""Objects are read from annotations and records, parts keep their objects, answers have two forms."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from clary.algorithms.object_detection import ObjectDetection, box_set
from clary.algorithms.object_detection.network import SSD
from clary.toolkit.batch import Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import image_record
from clary.toolkit.frame import framed
from clary.toolkit.host import Host
from clary.toolkit.picture_store import PictureStore
from clary.toolkit.request import Request
from tests.algorithms.conftest import trained

GIVEN: dict[str, object] = {
    "base_network": "resnet-18",
    "use_pretrained_model": 0,
    "num_classes": 2,
    "num_training_samples": 2,
    "image_shape": 64,
    "epochs": 1,
    "mini_batch_size": 2,
}
OBJECT = {"class_id": 1, "left": 10, "top": 5, "width": 20, "height": 30}
EXPECTED = [[1, 0.125, 0.125, 0.375, 0.875]]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def png() -> bytes:
    stream = io.BytesIO()
    Pillow.fromarray(np.zeros((40, 80, 3), np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def annotated(folder: Path, *objects: Any) -> dict[str, Channel]:
    for name in ("train", "validation"):
        for part in (name, f"{name}_annotation"):
            (folder / part).mkdir(parents=True)
        for number in range(2):
            (folder / name / f"{number}.png").write_bytes(png())
            document = json.dumps({"file": f"{number}.png", "annotations": objects})
            (folder / f"{name}_annotation" / f"{number}.json").write_text(document)
    return {path.name: Channel(path.name, path) for path in sorted(folder.iterdir())}


def recorded(folder: Path, *labels: float) -> Channel:
    folder.mkdir()
    record = image_record.pack(png(), np.array(labels, np.float32))
    (folder / "images.rec").write_bytes(framed(record))
    return Channel("train", folder, "application/x-recordio")


def objects_of(*channels: Channel) -> Floats:
    with PictureStore() as store:
        pair = (channels[0], channels[1] if len(channels) > 1 else None)
        found = box_set.read(pair, (64, 2), store, Host())
        assert store[0].shape == (64, 64, 3)
        return found.objects[0]


def test_annotations_and_records_tell_the_same_objects(tmp_path: Path) -> None:
    given = annotated(tmp_path / "a", OBJECT)
    np.testing.assert_allclose(objects_of(given["train"], given["train_annotation"]), EXPECTED)
    record = recorded(tmp_path / "b", 4, 6, 0, 0, *EXPECTED[0], 0, -1, 0, 0, 0, 0, 0)
    np.testing.assert_allclose(objects_of(record), EXPECTED)
    empty = annotated(tmp_path / "c")
    assert objects_of(empty["train"], empty["train_annotation"]).shape == (0, 5)


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"class_id": 1}, r"must have 'annotations', each with class_id, left, top, width, height: KeyError"),
        ({**OBJECT, "class_id": 2}, "an object of a class that is not from 0 to 1"),
        ("box", "must have 'annotations'"),
    ],
)
def test_bad_annotations_are_named(tmp_path: Path, wrong: Any, complaint: str) -> None:
    given = annotated(tmp_path, wrong)
    with pytest.raises(ClientError, match=complaint):
        objects_of(given["train"], given["train_annotation"])


@pytest.mark.parametrize("labels", [(1,), (2, 4, 0, 0, 0, 0), (2, 5, 0, 0, 0, 0), (1, 5, 0, 0, 0, 0, 0)])
def test_bad_records_are_named(tmp_path: Path, labels: tuple[float, ...]) -> None:
    with pytest.raises(ClientError, match="is no record of a detection: its label must be"):
        objects_of(recorded(tmp_path / "train", *labels))


def test_parts_of_images_keep_their_objects() -> None:
    random = np.random.default_rng(0)
    pixels = np.zeros((40, 40, 3), np.uint8)
    pixels[10:20, 4:16] = 200
    objects = np.array([[1, 0.1, 0.25, 0.4, 0.5]], np.float32)
    for _ in range(30):
        part, found = box_set.augmented(pixels, objects, random)
        assert part.shape == pixels.shape
        corners = (found[0, 1:] * 40).round().astype(int)
        light = part[corners[1] : corners[3], corners[0] : corners[2]]
        assert light.mean() > 160
        assert part.sum() * 0.8 < light.sum()


@pytest.mark.parametrize(("base", "places"), [("vgg-16", 64 + 4 + 1), ("resnet-18", 64 + 16 + 4 + 1)])
def test_a_network_tells_something_at_every_place(base: str, places: int) -> None:
    scores, differences, sides = SSD(base, 3, 64).eval()(torch.zeros(1, 3, 64, 64))
    assert sum(height * width for height, width in sides) == places
    assert scores.shape == (1, 4 * places, 4)
    assert differences.shape == (1, 4 * places, 4)


def test_answers_are_parts_or_pixels(tmp_path: Path) -> None:
    given = annotated(tmp_path / "data", OBJECT)
    model, log = trained(ObjectDetection, {**GIVEN, "freeze_layer_pattern": "backbone"}, given, Host())
    assert "validation mAP <score>=(" in log

    def ask(accept: str) -> Any:
        answer = model.answer(Request("POST", "/", "image/png", accept, png()))
        assert isinstance(answer.body, bytes)
        return json.loads(answer.body)

    rows = np.array(ask("")["prediction"])
    assert rows.shape[1] == 6
    assert ((rows[:, 2:] >= 0) & (rows[:, 2:] <= 1)).all()
    assert (np.diff(rows[:, 1]) <= 0).all()
    told = ask("application/json;annotation=1")
    assert told["image_size"] == [{"width": 80, "height": 40, "depth": 3}]
    assert len(told["annotations"]) == len(rows)
    assert told["annotations"][0]["left"] == round(rows[0, 2] * 80)
    assert told["annotations"][0]["score"] == rows[0, 1]
    (tmp_path / "model").mkdir()
    model.save(tmp_path / "model")
    more = {**given, "model": Channel("model", tmp_path / "model")}
    _, again = trained(ObjectDetection, {**GIVEN, "num_classes": 3}, more, Host())
    assert "from model.npz" in again


def test_pretrained_weights_are_asked_for_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLARY_PRETRAINED_MODELS", raising=False)
    with pytest.raises(ClientError, match=r"no pretrained weights 'resnet-18'"):
        trained(ObjectDetection, {**GIVEN, "use_pretrained_model": 1}, annotated(tmp_path, OBJECT), Host())


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="does not hold a model of object detection"):
        ObjectDetection.load(tmp_path)
    with pytest.raises(ClientError, match="'freeze_layer_pattern': give a regular expression"):
        ObjectDetection.Params.parse({**{k: str(v) for k, v in GIVEN.items()}, "freeze_layer_pattern": "("})
