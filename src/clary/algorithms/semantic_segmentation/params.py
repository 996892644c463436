"""The hyperparameters of ``semantic-segmentation``, as the guide's page on them has them."""

from typing import Any

from clary.toolkit.hyperparameters import Hyperparameter, Hyperparameters, boolean, choice, integer, real


def _steps(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(",") if part.strip())


class SemanticSegmentationParams(Hyperparameters):
    """Names, types, ranges and defaults as SageMaker documents them; ``resnet-18`` is Clary's own."""

    backbone: str = choice(
        "resnet-18",
        "resnet-50",
        "resnet-101",
        default="resnet-50",
        about="Network that sees; 18 is for CPUs.",
    )
    use_pretrained_model: bool = boolean(True, about="Whether the backbone begins with weights of others.")
    algorithm: str = choice("fcn", "psp", "deeplab", default="fcn", about="Network that tells classes.")
    num_classes: int = integer(ge=2, le=254, about="Number of classes.")
    num_training_samples: int = integer(ge=1, about="Number of training images.")
    base_size: int = integer(520, gt=16, about="About how large the longer side is before images are cut.")
    crop_size: int = integer(240, gt=16, about="Pixels of both sides of what is learnt from.")
    early_stopping: bool = boolean(False, about="Whether training stops when mIOU no longer improves.")
    early_stopping_min_epochs: int = integer(5, ge=0, about="Epochs before training may stop early.")
    early_stopping_patience: int = integer(4, ge=1, about="Epochs without improvement that are allowed.")
    early_stopping_tolerance: float = real(0.0, ge=0, le=1, about="What part of the best counts as nothing.")
    epochs: int = integer(10, ge=1, about="Passes over the training data.")
    gamma1: float = real(0.9, ge=0, le=1, about="Decay of RMSProp.")
    gamma2: float = real(0.9, ge=0, le=1, about="Momentum of RMSProp.")
    learning_rate: float = real(0.001, gt=0, le=1, tunable=True, about="Step size.")
    lr_scheduler: str = choice("poly", "step", "cosine", default="poly", about="How the rate falls.")
    lr_scheduler_factor: float = real(0.1, ge=0, le=1, about="What the rate is multiplied by at each step.")
    lr_scheduler_step: tuple[int, ...] | None = Hyperparameter(
        "FreeText", None, "Epochs at which the learning rate falls.", _steps, "epochs such as 10,20"
    )  # type: ignore[assignment]
    mini_batch_size: int = integer(16, ge=1, tunable=True, about="Images of a step.")
    momentum: float = real(0.9, gt=0, le=1, tunable=True, about="Momentum of sgd and nag.")
    optimizer: str = choice(
        "adam", "adagrad", "nag", "rmsprop", "sgd", default="sgd", tunable=True, about="How weights change."
    )
    syncbn: bool = boolean(False, about="Whether GPUs share their moments; there is one device here.")
    validation_mini_batch_size: int = integer(16, ge=1, about="Images that are validated at once.")
    weight_decay: float = real(0.0001, gt=0, lt=1, tunable=True, about="Weight decay.")

    def conflicts(self) -> list[str]:
        """Return what does not go together."""
        if self.lr_scheduler == "step" and not self.lr_scheduler_step:
            return ["hyperparameter 'lr_scheduler_step' is required with lr_scheduler=step: give epochs"]
        return []

    def as_given(self) -> dict[str, Any]:
        """Return what the network is made by, as a user gives it."""
        names = ("backbone", "algorithm", "num_classes", "num_training_samples", "base_size", "crop_size")
        return {name: str(getattr(self, name)) for name in names}
