"""Images come from lists, records and folders, labels are checked, and models go on from earlier ones."""

import io
import json
import random
import tarfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from clary.algorithms.image_classification import ImageClassification
from clary.toolkit.channel import Channel
from clary.toolkit.checkpoints import Checkpoints
from clary.toolkit.cluster import Cluster
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import image_record
from clary.toolkit.formats.image import Bytes
from clary.toolkit.frame import framed
from clary.toolkit.host import Host
from clary.toolkit.neural import weights
from clary.toolkit.request import Request
from tests.algorithms.conftest import trained

GIVEN: dict[str, object] = {
    "num_classes": 2,
    "num_training_samples": 12,
    "num_layers": 20,
    "image_shape": "3,8,8",
    "epochs": 2,
    "mini_batch_size": 6,
    "optimizer": "adam",
    "learning_rate": 0.01,
}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def picture(kind: int, number: int, size: int = 10) -> Bytes:
    """Return something dark, or something light."""
    low = 150 * kind
    return np.random.default_rng(number).integers(low, low + 100, (size, size, 3)).astype(np.uint8)


def png(pixels: Bytes) -> bytes:
    stream = io.BytesIO()
    Pillow.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def listed(folder: Path, label: Callable[[int], str], name: str = "train") -> dict[str, Channel]:
    """Write images with a list of labels, as many as ``label`` says for each kind."""
    for part in (name, f"{name}_lst"):
        (folder / part).mkdir(parents=True)
    lines = []
    for number in range(12):
        (folder / name / f"{number}.png").write_bytes(png(picture(number % 2, number)))
        lines.append(f"{number}\t{label(number % 2)}\t{number}.png\n")
    (folder / f"{name}_lst" / "images.lst").write_text("".join(lines))
    return {part: Channel(part, folder / part, "application/x-image") for part in (name, f"{name}_lst")}


def recorded(folder: Path) -> dict[str, Channel]:
    (folder / "train").mkdir(parents=True)
    records = [
        framed(image_record.pack(png(picture(number % 2, number)), np.array([number % 2], np.float32)))
        for number in range(12)
    ]
    (folder / "train" / "images.rec").write_bytes(b"".join(records))
    return {"train": Channel("train", folder / "train", "application/x-recordio")}


def train(
    channels: dict[str, Channel], host: Host | None = None, **given: Any
) -> tuple[ImageClassification, str]:
    model, log = trained(ImageClassification, {**GIVEN, **given}, channels, host or Host())
    assert isinstance(model, ImageClassification)
    return model, log


def ask(model: ImageClassification, pixels: Bytes) -> list[float]:
    answer = model.answer(Request("POST", "/", "image/png", "", png(pixels)))
    assert isinstance(answer.body, bytes)
    found: list[float] = json.loads(answer.body)
    return found


def test_lists_and_records_make_the_same_model(tmp_path: Path) -> None:
    first, log = train(listed(tmp_path / "a", str))
    second, _ = train(recorded(tmp_path / "b"))
    for name, value in weights.arrays(first._network).items():
        np.testing.assert_array_equal(value, weights.arrays(second._network)[name])
    assert "Epoch[1] Train-accuracy=" in log
    found = ask(first, picture(1, 99, 30))
    assert len(found) == 2
    assert sum(found) == pytest.approx(1)


@pytest.mark.parametrize("form", ["", "; label-format=class-id", "; label-format=multi-hot"])
def test_an_image_may_be_of_several_classes(tmp_path: Path, form: str) -> None:
    numbered = form.endswith("class-id")

    def label(kind: int) -> str:
        return json.dumps(([0], [0, 2])[kind] if numbered else [1, 0, kind])

    channels = listed(tmp_path, label)
    channels["train"] = Channel("train", channels["train"].folder, f"application/x-image{form}")
    model, log = train(channels, num_classes=3, multi_label=1, use_weighted_loss=1, epochs=6)
    found = ask(model, picture(1, 99))
    assert found[0] > 0.5 > found[1]
    assert sum(found) != pytest.approx(1, abs=1e-3)
    assert "Train-accuracy" in log


@pytest.mark.parametrize(
    ("label", "given", "complaint"),
    [
        ("5", {}, "has the label 5; without multi_label it must be one number from 0 to 1"),
        ("[0, 1]", {}, "has the label 0, 1; without multi_label"),
        ("[3, 1]", {"multi_label": 1}, "has the label 3, 1, not classes from 0 to 1"),
        ("0", {"image_shape": "3,12,12"}, "has 10 x 10 pixels, less than image_shape: set"),
    ],
)
def test_labels_and_sizes_are_checked(
    tmp_path: Path, label: str, given: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ClientError, match=complaint):
        train(listed(tmp_path, lambda _kind: label), **given)


@pytest.mark.parametrize("kind", ["crop", "crop_color", "crop_color_transform"])
@pytest.mark.parametrize("shape", ["3,8,8", "1,8,8"])
def test_augmented_images_are_learnt_from(tmp_path: Path, kind: str, shape: str) -> None:
    given: dict[str, Any] = {"augmentation_type": kind, "image_shape": shape, "epochs": 1, "resize": 9}
    first, _ = train(listed(tmp_path / "a", str), **given)
    second, _ = train(listed(tmp_path / "b", str), **given)
    assert ask(first, picture(0, 1)) == ask(second, picture(0, 1))


def test_top_k_is_reported(tmp_path: Path) -> None:
    channels = {**listed(tmp_path, str), **listed(tmp_path, str, "validation")}
    _, log = train(channels, num_classes=3, top_k=2)
    assert "Epoch[1] Validation-top_k_accuracy_2=" in log
    assert "Epoch[1] Validation-accuracy=" in log


def test_accuracy_that_does_not_improve_ends_training(tmp_path: Path) -> None:
    given: dict[str, Any] = {
        "early_stopping": "true",
        "early_stopping_patience": 1,
        "early_stopping_min_epochs": 2,
    }
    _, log = train(listed(tmp_path, str), epochs=30, learning_rate=0, **given)
    assert "Epoch[1] Train-accuracy" in log
    assert "Epoch[5] Train-accuracy" not in log


def test_a_model_goes_on_from_an_earlier_one(tmp_path: Path) -> None:
    channels = listed(tmp_path / "a", str)
    model, _ = train(channels)
    (tmp_path / "saved").mkdir()
    model.save(tmp_path / "saved")
    (tmp_path / "model").mkdir()
    with tarfile.open(tmp_path / "model" / "model.tar.gz", "w:gz") as archive:
        for path in (tmp_path / "saved").iterdir():
            archive.add(path, path.name)
    again, log = train({**channels, "model": Channel("model", tmp_path / "model")}, epochs=1, learning_rate=0)
    assert "from model.npz" in log
    np.testing.assert_array_equal(
        again._network.fc.weight.numpy(force=True), model._network.fc.weight.numpy(force=True)
    )
    more, _ = train({**channels, "model": Channel("model", tmp_path / "saved")}, num_classes=5, epochs=1)
    assert len(ask(more, picture(0, 1))) == 5


def test_pretrained_weights_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLARY_PRETRAINED_MODELS", raising=False)
    with pytest.raises(ClientError, match=r"no pretrained weights 'resnet-20'. Put resnet-20\.npz"):
        train(listed(tmp_path, str), use_pretrained_model=1)


def test_an_interruption_leaves_no_trace(tmp_path: Path) -> None:
    channels = listed(tmp_path / "a", str)
    whole, _ = train(channels, epochs=4)
    host = Host(checkpoints=Checkpoints(tmp_path / "checkpoints", "algo-1"))
    train(channels, host, epochs=2, checkpoint_frequency=1)
    resumed, log = train(channels, host, epochs=4, checkpoint_frequency=1)
    assert "Resuming from the checkpoint of epoch 2" in log
    assert ask(resumed, picture(0, 1)) == pytest.approx(ask(whole, picture(0, 1)), abs=1e-6)


def test_hosts_have_one_model(tmp_path: Path) -> None:
    network = f"127.{random.randint(1, 250)}.{random.randint(1, 250)}"
    names = [f"{network}.{number + 2}" for number in range(2)]

    def one(name: str) -> Any:
        channels = listed(tmp_path / name, str)
        cluster = Cluster.join(names, name, timeout=20)
        try:
            return train(channels, Host(cluster, None, frozenset(channels)))[0]
        finally:
            cluster.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(one, names)
    for name, value in weights.arrays(first._network).items():
        if "num_batches" not in name:
            np.testing.assert_array_equal(value, weights.arrays(second._network)[name])


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"image_shape": "8,8"}, "'image_shape': give colours"),
        ({"image_shape": "2,8,8"}, "'image_shape': give colours"),
        ({"resize": "4"}, "'resize' is below 'image_shape'"),
        ({"top_k": "2"}, "'top_k' must be below 'num_classes'"),
        ({"checkpoint_frequency": "3"}, "'checkpoint_frequency' is above 'epochs'"),
        ({"lr_scheduler_step": "soon"}, "'lr_scheduler_step': give epochs such as"),
    ],
)
def test_bad_hyperparameters_are_named(given: dict[str, str], complaint: str) -> None:
    with pytest.raises(ClientError, match=complaint):
        ImageClassification.Params.parse({name: str(value) for name, value in {**GIVEN, **given}.items()})


@pytest.mark.parametrize("content", [None, "{}", '{"hyperparameters": 3}'])
def test_a_folder_without_a_model_is_refused(tmp_path: Path, content: str | None) -> None:
    if content:
        (tmp_path / "model.json").write_text(content)
    with pytest.raises(ClientError, match="does not hold a model of image classification"):
        ImageClassification.load(tmp_path)
