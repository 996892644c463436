"""The hyperparameters of ``object-detection``, as the guide's page on them has them."""

import re
from typing import Any

from clary.toolkit.hyperparameters import (
    Hyperparameter,
    Hyperparameters,
    boolean,
    choice,
    flag,
    integer,
    real,
)


def _steps(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(",") if part.strip())


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(text) from error
    return text


def _free(default: Any, about: str, convert: Any, rule: str) -> Any:
    return Hyperparameter("FreeText", default, about, convert, rule)


class ObjectDetectionParams(Hyperparameters):
    """Names, types, ranges and defaults as SageMaker documents them.

    Clary's own are ``resnet-18`` and images of less than 300 pixels.
    """

    num_classes: int = integer(ge=1, about="Number of classes.")
    num_training_samples: int = integer(ge=1, about="Number of training images.")
    base_network: str = choice(
        "vgg-16",
        "resnet-50",
        "resnet-18",
        default="vgg-16",
        about="Network that sees; resnet-18 is for CPUs.",
    )
    early_stopping: bool = boolean(False, about="Whether training stops when mAP no longer improves.")
    early_stopping_min_epochs: int = integer(10, ge=1, about="Epochs before training may stop early.")
    early_stopping_patience: int = integer(5, ge=1, about="Epochs without improvement that are allowed.")
    early_stopping_tolerance: float = real(0.0, ge=0, le=1, about="What part of the best counts as nothing.")
    image_shape: int = integer(300, ge=64, about="Pixels of both sides of images in the network.")
    epochs: int = integer(30, ge=1, about="Passes over the training data.")
    freeze_layer_pattern: str | None = _free(
        None,
        "Parameters that are not learnt.",
        _pattern,
        "a regular expression, matched from a name's beginning",
    )
    kv_store: str | None = choice(
        "dist_sync", "dist_async", default=None, about="How hosts work together; always in step here."
    )
    label_width: int = integer(350, ge=1, about="Room for labels in MXNet; any number of them fits here.")
    learning_rate: float = real(0.001, gt=0, le=1, tunable=True, about="Step size.")
    lr_scheduler_factor: float = real(0.1, gt=0, lt=1, about="What the rate is multiplied by at each step.")
    lr_scheduler_step: tuple[int, ...] | None = _free(
        None, "Epochs at which the learning rate falls.", _steps, "epochs such as 10,20"
    )
    mini_batch_size: int = integer(32, ge=1, tunable=True, about="Images of a step, over all hosts.")
    momentum: float = real(0.9, gt=0, le=1, tunable=True, about="Momentum of sgd.")
    nms_threshold: float = real(
        0.45, gt=0, le=1, about="Overlap from which the less likely of two boxes of a class is left out."
    )
    optimizer: str = choice(
        "sgd", "adam", "rmsprop", "adadelta", default="sgd", tunable=True, about="How weights are updated."
    )
    overlap_threshold: float = real(0.5, gt=0, le=1, about="Overlap from which a box counts as found.")
    use_pretrained_model: bool = flag(default=True, about="Whether to begin with weights of others.")
    weight_decay: float = real(0.0005, gt=0, lt=1, tunable=True, about="Weight decay.")

    def as_given(self) -> dict[str, str]:
        """Return what the model is made by, as a user gives it."""
        names = ("num_classes", "num_training_samples", "base_network", "image_shape", "nms_threshold")
        return {name: str(getattr(self, name)) for name in names}
