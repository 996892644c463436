"""The hyperparameters of ``image-classification``, as the guide's page on them has them."""

from typing import Any

from clary.toolkit.hyperparameters import (
    Hyperparameter,
    Hyperparameters,
    boolean,
    choice,
    flag,
    integer,
    one_of,
    real,
)

_LAYERS = (18, 34, 50, 101, 152, 200, 20, 32, 44, 56, 110)
CROP, COLOUR, TRANSFORM = AUGMENTATIONS = ("crop", "crop_color", "crop_color_transform")


def _shape(text: str) -> tuple[int, int, int]:
    colours, height, width = (int(part) for part in text.split(","))
    if colours not in (1, 3) or height < 8 or width < 8:
        raise ValueError(text)
    return colours, height, width


def _steps(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(",") if part.strip())


def _free(default: Any, about: str, convert: Any, rule: str) -> Any:
    return Hyperparameter("FreeText", default, about, convert, rule)


class ImageClassificationParams(Hyperparameters):
    """Names, types, ranges and defaults as SageMaker documents them."""

    num_classes: int = integer(ge=2, about="Number of classes.")
    num_training_samples: int = integer(ge=1, about="Number of training images.")
    augmentation_type: str | None = choice(
        *AUGMENTATIONS, default=None, about="How training images are changed; each way holds those before it."
    )
    beta_1: float = real(0.9, ge=0, le=1, tunable=True, about="Decay of Adam's mean of gradients.")
    beta_2: float = real(0.999, ge=0, le=1, tunable=True, about="Decay of Adam's mean of their squares.")
    checkpoint_frequency: int | None = integer(
        None, ge=1, about="Epochs between checkpoints; unless given, one is kept whenever accuracy improves."
    )
    early_stopping: bool = boolean(False, about="Whether training stops when accuracy no longer improves.")
    early_stopping_min_epochs: int = integer(10, ge=1, about="Epochs before training may stop early.")
    early_stopping_patience: int = integer(5, ge=1, about="Epochs without improvement that are allowed.")
    early_stopping_tolerance: float = real(0.0, ge=0, le=1, about="What part of the best counts as nothing.")
    epochs: int = integer(30, ge=1, about="Passes over the training data.")
    eps: float = real(1e-8, ge=0, le=1, tunable=True, about="What Adam and RMSProp divide by at least.")
    gamma: float = real(0.9, ge=0, le=1, tunable=True, about="Decay of RMSProp.")
    image_shape: tuple[int, int, int] = _free(
        "3,224,224", "Colours, height and width of images in the network.", _shape,
        "colours, 1 or 3, height and width, 8 at least, such as 3,224,224",
    )  # fmt: skip
    kv_store: str | None = choice(
        "dist_sync", "dist_async", default=None, about="How hosts work together; always in step here."
    )
    learning_rate: float = real(0.1, ge=0, le=1, tunable=True, about="Step size.")
    lr_scheduler_factor: float = real(0.1, ge=0, le=1, about="What the rate is multiplied by at each step.")
    lr_scheduler_step: tuple[int, ...] | None = _free(
        None, "Epochs at which the learning rate falls.", _steps, "epochs such as 10,20"
    )
    mini_batch_size: int = integer(32, ge=1, tunable=True, about="Images of a step, over all hosts.")
    momentum: float = real(0.9, ge=0, le=1, tunable=True, about="Momentum of sgd and nag.")
    multi_label: bool = flag(default=False, about="Whether an image may be of several classes.")
    num_layers: int = one_of(
        *_LAYERS, default=152, about="Layers; 20, 32, 44, 56 and 110 are for small images."
    )
    optimizer: str = choice(
        "sgd", "adam", "rmsprop", "nag", default="sgd", tunable=True, about="How weights are updated."
    )
    precision_dtype: str = choice(
        "float32", "float16", default="float32", about="Precision; GPUs only heed it."
    )
    resize: int | None = integer(None, ge=1, about="Pixels of the shorter side before images are cut.")
    top_k: int | None = integer(None, ge=2, about="Also report how often the class is among so many.")
    use_pretrained_model: bool = flag(default=False, about="Whether to begin with weights of others.")
    use_weighted_loss: bool = flag(default=False, about="Weigh classes of several labels by rarity.")
    weight_decay: float = real(0.0001, ge=0, le=1, tunable=True, about="Weight decay.")

    def conflicts(self) -> list[str]:
        """Return what does not go together."""
        found = []
        if self.resize is not None and self.resize < max(self.image_shape[1:]):
            found.append("hyperparameter 'resize' is below 'image_shape': give at least its larger side")
        if self.top_k is not None and self.top_k >= self.num_classes:
            found.append("hyperparameter 'top_k' must be below 'num_classes'")
        if self.checkpoint_frequency is not None and self.checkpoint_frequency > self.epochs:
            found.append("hyperparameter 'checkpoint_frequency' is above 'epochs'")
        return found
