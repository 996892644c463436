"""Image classification: tell handwritten digits by a small residual network.

Writes the digits that scikit-learn bundles as PNG files with image lists, trains ``image-classification``,
hosts the model and asks it one image at a time. SageMaker Python SDK v2.

    eval "$(clary env)"
    python examples/digit_images.py
"""

import io
import json
import tempfile
from pathlib import Path

import numpy as np
import sagemaker
from PIL import Image
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import IdentitySerializer
from sklearn.datasets import load_digits

INSTANCE = "ml.m5.large"
SIDE = 16
PARTS = {"train": slice(0, 700), "validation": slice(700, 800)}
ASKED = slice(800, 900)


def main() -> None:
    """Write, upload, train, host, ask, clean up."""
    pixels, digits = load_digits(return_X_y=True)
    session = sagemaker.Session()
    inputs = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, part in PARTS.items():
            write(Path(folder), name, pixels[part], digits[part])
        for name in ("train", "validation", "train_lst", "validation_lst"):
            where = session.upload_data(f"{folder}/{name}", key_prefix=f"digit-images/{name}")
            inputs[name] = TrainingInput(where, content_type="application/x-image")

    estimator = Estimator(
        sagemaker.image_uris.retrieve("image-classification", session.boto_region_name),
        role="ClaryExecutionRole",
        instance_count=1,
        instance_type=INSTANCE,
        base_job_name="digit-images",
        sagemaker_session=session,
        hyperparameters={
            "num_classes": 10,
            "num_training_samples": PARTS["train"].stop,
            "num_layers": 20,
            "image_shape": f"3,{SIDE},{SIDE}",
            "epochs": 4,
            "optimizer": "adam",
            "learning_rate": 0.005,
            "lr_scheduler_step": "3",
        },
    )
    estimator.fit(inputs)

    predictor = estimator.deploy(
        1, INSTANCE, serializer=IdentitySerializer("application/x-image"), wait=False
    )
    session.wait_for_endpoint(predictor.endpoint_name, poll=1)
    answers = [json.loads(predictor.predict(encoded(row))) for row in pixels[ASKED]]
    right = np.argmax(answers, axis=1) == digits[ASKED]
    print(f"{right.mean():.2f} of {len(right)} digits are told right")

    predictor.delete_model()
    predictor.delete_endpoint()


def write(folder: Path, name: str, pixels: np.ndarray, digits: np.ndarray) -> None:
    """Write images below ``name`` and their labels below ``name``_lst."""
    for part in (name, f"{name}_lst"):
        (folder / part).mkdir()
    lines = []
    for number, (row, digit) in enumerate(zip(pixels, digits, strict=True)):
        (folder / name / f"{number}.png").write_bytes(encoded(row))
        lines.append(f"{number}\t{digit}\t{number}.png\n")
    (folder / f"{name}_lst" / "images.lst").write_text("".join(lines))


def encoded(row: np.ndarray) -> bytes:
    """Return 64 shades from 0 to 16 as a PNG."""
    image = Image.fromarray((row.reshape(8, 8) * 15).astype(np.uint8)).resize((SIDE, SIDE))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


if __name__ == "__main__":
    main()
