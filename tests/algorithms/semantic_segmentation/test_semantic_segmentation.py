"""Masks are read as label maps say, every network learns, and answers have the image's size."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from clary.algorithms.semantic_segmentation import SemanticSegmentation, mask_set
from clary.algorithms.semantic_segmentation.network import Network
from clary.algorithms.semantic_segmentation.params import SemanticSegmentationParams
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import record
from clary.toolkit.formats.image import Bytes
from clary.toolkit.host import Host
from clary.toolkit.picture_store import PictureStore
from clary.toolkit.request import Request
from tests.algorithms.conftest import trained

GIVEN: dict[str, object] = {
    "backbone": "resnet-18",
    "use_pretrained_model": "False",
    "num_classes": 2,
    "num_training_samples": 4,
    "base_size": 20,
    "crop_size": 18,
    "epochs": 1,
    "mini_batch_size": 2,
}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def png(pixels: Bytes) -> bytes:
    stream = io.BytesIO()
    Pillow.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def channels(folder: Path, scale: int = 1, size: int = 20, **besides: Any) -> dict[str, Channel]:
    """Write images whose right half is light and of class 1, and a label map."""
    for name in ("train", "validation"):
        for part in (name, f"{name}_annotation"):
            (folder / part).mkdir(parents=True)
        for number in range(4):
            mask = np.zeros((size, size), np.uint8)
            mask[:, size // 2 :] = 1
            pixels = np.repeat((mask * 200 + number)[:, :, None], 3, axis=2)
            (folder / name / f"{number}.png").write_bytes(png(pixels))
            (folder / f"{name}_annotation" / f"{number}.png").write_bytes(png(mask * scale))
    for name, document in besides.items():
        (folder / "label_map").mkdir(exist_ok=True)
        (folder / "label_map" / f"{name}_label_map.json").write_text(json.dumps(document))
    return {path.name: Channel(path.name, path) for path in sorted(folder.iterdir())}


def train(given: dict[str, Channel], **settings: Any) -> tuple[SemanticSegmentation, str]:
    model, log = trained(SemanticSegmentation, {**GIVEN, **settings}, given, Host())
    assert isinstance(model, SemanticSegmentation)
    return model, log


def test_probabilities_have_the_size_of_the_image(tmp_path: Path) -> None:
    model, log = train(
        channels(tmp_path, scale=3, train={"scale": "3"}, validation={"map": {"1": 3, "0": 0}})
    )
    assert "validation mIOU: 0." in log
    pixels = np.zeros((30, 25, 3), np.uint8)
    answer = model.answer(Request("POST", "/", "image/png", "application/x-recordio-protobuf", png(pixels)))
    assert isinstance(answer.body, bytes)
    found = record.parse(memoryview(answer.body[8 : 8 + int.from_bytes(answer.body[4:8], "little")]))
    assert found.features["shape"].dense().tolist() == [1, 2, 30, 25]
    shares = found.features["target"].dense().reshape(2, 30, 25)
    np.testing.assert_allclose(shares.sum(axis=0), 1, atol=1e-5)
    mask = model.answer(Request("POST", "/", "image/png", "", png(pixels)))
    assert isinstance(mask.body, bytes)
    told = np.array(Pillow.open(io.BytesIO(mask.body)))
    np.testing.assert_array_equal(told, shares.argmax(axis=0))


@pytest.mark.parametrize("name", ["fcn", "psp", "deeplab"])
def test_each_network_scores_each_pixel(name: str) -> None:
    network = Network(18, name, 5)
    scores = network(torch.rand(2, 3, 33, 26))
    assert scores.shape == (2, 5, 33, 26)
    scores.sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


@pytest.mark.parametrize(
    ("document", "table"),
    [
        ({"scale": "3"}, {0: 0, 3: 1, 5: 1, 6: 2}),
        ({"scale": 1}, {7: 7}),
        ({"map": {"0": 5, "1": 0, "2": 2}}, {5: 0, 0: 1, 2: 2, 9: mask_set.IGNORED}),
    ],
)
def test_label_maps_turn_numbers_into_classes(
    tmp_path: Path, document: dict[str, Any], table: dict[int, int]
) -> None:
    (tmp_path / "train_label_map.json").write_text(json.dumps(document))
    found = mask_set.label_table(Channel("label_map", tmp_path), "train")
    assert {number: found[number] for number in table} == table
    assert mask_set.label_table(Channel("label_map", tmp_path), "validation").tolist() == list(range(256))
    assert mask_set.label_table(None, "train").tolist() == list(range(256))


@pytest.mark.parametrize(
    "document", [[], {}, {"scale": 0}, {"scale": "x"}, {"map": {"a": 1}}, {"map": {"0": 300}}]
)
def test_bad_label_maps_are_named(tmp_path: Path, document: Any) -> None:
    (tmp_path / "train_label_map.json").write_text(json.dumps(document))
    with pytest.raises(ClientError, match=r"train_label_map\.json is no label map: it must be like"):
        mask_set.label_table(Channel("label_map", tmp_path), "train")


def test_pieces_are_of_one_size_and_keep_to_their_masks() -> None:
    params = SemanticSegmentationParams.parse({name: str(value) for name, value in GIVEN.items()})
    with PictureStore() as store:
        mask = np.zeros((12, 40), np.uint8)
        mask[:, 20:] = 1
        store.append(np.repeat((mask * 200)[:, :, None], 3, axis=2))
        store.append(mask)
        images = mask_set.MaskSet(store)
        assert len(images) == 1
        taken, masks = mask_set.pieces(images, [0] * 20, params, 1)
        assert masks.shape == (20, 18, 18)
        assert {pixels.shape for pixels in taken} == {(18, 18, 3)}
        assert mask_set.IGNORED in masks
        for pixels, found in zip(taken, masks, strict=True):
            assert (pixels[found == 1].mean() if (found == 1).any() else 200) > 150
            assert (pixels[found == 0].mean() if (found == 0).any() else 0) < 50
        whole, middle = mask_set.pieces(images, [0], params, None)
        assert whole[0].shape == (18, 18, 3)
        assert mask_set.IGNORED not in middle


def test_a_mask_of_another_size_is_refused(tmp_path: Path) -> None:
    given = channels(tmp_path)
    (tmp_path / "train_annotation" / "0.png").write_bytes(png(np.zeros((3, 4), np.uint8)))
    with pytest.raises(ClientError, match=r"0\.png has 4 x 3 pixels, but its image has 20 x 20"):
        train(given)


def test_pretrained_weights_are_asked_for_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLARY_PRETRAINED_MODELS", raising=False)
    with pytest.raises(ClientError, match=r"no pretrained weights 'resnet-18'.*use_pretrained_model"):
        train(channels(tmp_path), use_pretrained_model="True")


def test_a_model_goes_on_from_an_earlier_one(tmp_path: Path) -> None:
    given = channels(tmp_path / "data")
    model, _ = train(given)
    (tmp_path / "model").mkdir()
    model.save(tmp_path / "model")
    _, log = train({**given, "model": Channel("model", tmp_path / "model")}, algorithm="psp")
    assert "from model.npz" in log


def test_steps_are_required_where_the_rate_falls_by_steps() -> None:
    given = {name: str(value) for name, value in {**GIVEN, "lr_scheduler": "step"}.items()}
    with pytest.raises(ClientError, match="'lr_scheduler_step' is required with lr_scheduler=step"):
        SemanticSegmentationParams.parse(given)
    assert SemanticSegmentationParams.parse({**given, "lr_scheduler_step": "3,6"}).lr_scheduler_step == (3, 6)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClientError, match="does not hold a model of segmentation"):
        SemanticSegmentation.load(tmp_path)
