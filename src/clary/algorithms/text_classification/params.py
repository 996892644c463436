"""The hyperparameters of ``text-classification``, as the guide's page on TensorFlow's has them."""

from clary.toolkit.hyperparameters import Hyperparameters, boolean, choice, integer, real


class TextClassificationParams(Hyperparameters):
    """Names, types, ranges and defaults as SageMaker documents them."""

    batch_size: int = integer(32, ge=1, tunable=True, about="Texts of a step.")
    beta_1: float = real(0.9, ge=0, le=1, tunable=True, about="Decay of Adam's mean of gradients.")
    beta_2: float = real(0.999, ge=0, le=1, tunable=True, about="Decay of Adam's mean of their squares.")
    dropout_rate: float = real(0.2, ge=0, lt=1, about="Share of what is dropped before the top layer.")
    early_stopping: bool = boolean(False, about="Whether training stops when the loss no longer falls.")
    early_stopping_min_delta: float = real(0.0, ge=0, le=1, about="The least fall of the loss that counts.")
    early_stopping_patience: int = integer(5, ge=1, about="Epochs without such a fall that are allowed.")
    epochs: int = integer(10, ge=1, about="Passes over the training data.")
    epsilon: float = real(1e-7, ge=0, le=1, about="What adaptive optimizers divide by at least.")
    initial_accumulator_value: float = real(0.0001, ge=0, le=1, about="What AdaGrad's sums begin at.")
    learning_rate: float = real(0.001, ge=0, le=1, tunable=True, about="Step size.")
    momentum: float = real(0.9, ge=0, le=1, tunable=True, about="Momentum of sgd and nesterov.")
    optimizer: str = choice(
        "adamw", "adam", "sgd", "nesterov", "rmsprop", "adagrad", "adadelta",
        default="adam", tunable=True, about="How weights are updated.",
    )  # fmt: skip
    regularizers_l2: float = real(0.0001, ge=0, le=1, tunable=True, about="Weight decay of the top layer.")
    reinitialize_top_layer: bool | None = boolean(
        "auto", auto=True, about="Whether an earlier model's top layer is drawn anew; auto: for other labels."
    )
    rho: float = real(0.95, ge=0, le=1, about="Decay of AdaDelta and RMSProp.")
    train_only_on_top_layer: bool = boolean(
        False, tunable=True, about="Whether an earlier model's other layers stay as they are."
    )
    validation_split_ratio: float = real(
        0.2, ge=0, lt=1, about="Share of the training data to validate on where there is no such channel."
    )
    warmup_steps_fraction: float = real(
        0.1, ge=0, le=1, about="Share of the steps in which adamw's rate goes up from 0."
    )
