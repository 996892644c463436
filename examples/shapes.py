"""Object detection and semantic segmentation: find squares and discs, as boxes and pixel by pixel.

Draws small scenes with their annotations and masks, trains ``object-detection`` and ``semantic-segmentation``
on them, hosts both models and asks them about scenes they have not seen. SageMaker Python SDK v2.

    eval "$(clary env)"
    python examples/shapes.py
"""

import io
import json
import tempfile
from pathlib import Path

import numpy as np
import sagemaker
from PIL import Image
from sagemaker.base_deserializers import BaseDeserializer
from sagemaker.deserializers import BytesDeserializer, JSONDeserializer
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import IdentitySerializer

INSTANCE = "ml.m5.large"
SIDE = 64
KINDS = ("square", "disc")
PARTS = {"train": range(48), "validation": range(500, 506)}
ASKED = range(1000, 1010)
COMMON = {
    "num_training_samples": len(PARTS["train"]),
    "mini_batch_size": 4,
    "optimizer": "adam",
    "learning_rate": 0.001,
    "epochs": 6,
}


def main() -> None:
    """Draw, upload, train, host, ask, clean up."""
    session = sagemaker.Session()
    with tempfile.TemporaryDirectory() as folder:
        draw(Path(folder))
        where = {
            path.name: session.upload_data(str(path), key_prefix=f"shapes/{path.name}")
            for path in Path(folder).iterdir()
        }

    boxes = trained(
        session,
        "object-detection",
        {"base_network": "resnet-18", "use_pretrained_model": 0, "num_classes": 2, "image_shape": SIDE},
        {name: where[name] for name in ("train", "validation")}
        | {f"{name}_annotation": where[f"{name}_boxes"] for name in PARTS},
    )
    masks = trained(
        session,
        "semantic-segmentation",
        {
            "backbone": "resnet-18",
            "use_pretrained_model": "False",
            "num_classes": 3,
            "base_size": SIDE,
            "crop_size": SIDE,
        },
        {name: where[name] for name in ("train", "validation")}
        | {f"{name}_annotation": where[f"{name}_masks"] for name in PARTS},
    )
    finder = deployed(session, boxes, JSONDeserializer())
    painter = deployed(session, masks, BytesDeserializer())
    overlaps, agreements = [], []
    for seed in ASKED:
        pixels, mask, box = scene(seed)
        kind, score, *corners = max(finder.predict(encoded(pixels))["prediction"], key=lambda each: each[1])
        overlaps.append(overlap(np.array(corners) * SIDE, box))
        painted = np.array(
            Image.open(io.BytesIO(painter.predict(encoded(pixels), initial_args={"Accept": "image/png"})))
        )
        agreements.append((painted == mask).mean())
        print(f"a {KINDS[mask.max() - 1]}: {KINDS[int(kind)]} with score {score:.2f}")
    print(f"boxes overlap by {np.mean(overlaps):.2f}, {np.mean(agreements):.2f} of the pixels are told right")
    for predictor in (finder, painter):
        predictor.delete_model()
        predictor.delete_endpoint()


def trained(
    session: sagemaker.Session, algorithm: str, hyperparameters: dict, channels: dict[str, str]
) -> Estimator:
    """Train ``algorithm`` on the objects of ``channels``."""
    estimator = Estimator(
        sagemaker.image_uris.retrieve(algorithm, session.boto_region_name),
        role="ClaryExecutionRole",
        instance_count=1,
        instance_type=INSTANCE,
        base_job_name=algorithm,
        sagemaker_session=session,
        hyperparameters=COMMON | hyperparameters,
    )
    estimator.fit(
        {name: TrainingInput(uri, content_type="image/png") for name, uri in channels.items()}, logs=False
    )
    return estimator


def deployed(
    session: sagemaker.Session, estimator: Estimator, deserializer: BaseDeserializer
) -> sagemaker.Predictor:
    """Host the model of ``estimator``."""
    predictor = estimator.deploy(
        1, INSTANCE, serializer=IdentitySerializer("image/png"), deserializer=deserializer, wait=False
    )
    session.wait_for_endpoint(predictor.endpoint_name, poll=1)
    return predictor


def draw(folder: Path) -> None:
    """Write the scenes of each part, and beside them boxes as JSON and masks as PNG files."""
    for name, seeds in PARTS.items():
        for part in (name, f"{name}_boxes", f"{name}_masks"):
            (folder / part).mkdir()
        for seed in seeds:
            pixels, mask, (left, top, right, bottom) = scene(seed)
            box = {"left": left, "top": top, "width": right - left, "height": bottom - top}
            found = {"annotations": [{"class_id": int(mask.max()) - 1, **box}], "file": f"{seed}.png"}
            found["image_size"] = [{"width": SIDE, "height": SIDE, "depth": 3}]
            (folder / name / f"{seed}.png").write_bytes(encoded(pixels))
            (folder / f"{name}_masks" / f"{seed}.png").write_bytes(encoded(mask))
            (folder / f"{name}_boxes" / f"{seed}.json").write_text(json.dumps(found))


def scene(seed: int) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Return a picture of a square or a disc, which class each pixel is of, and the box around it."""
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 70, (SIDE, SIDE, 3)).astype(np.uint8)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    kind, size = int(random.integers(2)), int(random.integers(20, 34))
    top, left = (int(start) for start in random.integers(0, SIDE - size, 2))
    down, across = np.mgrid[0:size, 0:size] - (size - 1) / 2
    part = np.hypot(down, across) <= size / 2 if kind else np.ones((size, size), bool)
    pixels[top : top + size, left : left + size][part] = random.integers(130, 255, 3)
    mask[top : top + size, left : left + size][part] = kind + 1
    return pixels, mask, [left, top, left + size, top + size]


def overlap(one: np.ndarray, other: list[int]) -> float:
    """Return the intersection of two boxes (left, top, right, bottom) as a share of their union."""
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    common = np.prod(np.maximum(high - low, 0))
    areas = [np.prod(np.subtract(box[2:], box[:2])) for box in (one, other)]
    return float(common / (sum(areas) - common))


def encoded(pixels: np.ndarray) -> bytes:
    """Return an array as a PNG."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


if __name__ == "__main__":
    main()
