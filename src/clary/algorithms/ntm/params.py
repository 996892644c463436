"""The hyperparameters of ``ntm``."""

import json

from clary.toolkit.hyperparameters import (
    AUTO,
    Hyperparameters,
    boolean,
    choice,
    free_text,
    integer,
    real,
    real_or,
)

_LAYERS = "'auto', or a comma-separated list of positive integers"


def _layers(text: str) -> tuple[int, ...]:
    """Return the sizes in ``3,2``, or in ``[3, 2]`` as the SDK's class sends them."""
    given = json.loads(text if text.startswith("[") else f"[{text}]")
    if not given or any(not isinstance(size, int) or isinstance(size, bool) or size < 1 for size in given):
        raise ValueError(text)
    return tuple(given)


class NTMParams(Hyperparameters):
    """Names, types, ranges and defaults as SageMaker documents them."""

    feature_dim: int = integer(ge=1, le=1_000_000, about="Size of the vocabulary.")
    num_topics: int = integer(ge=2, le=1000, about="Number of topics.")
    batch_norm: bool = boolean(False, about="Whether the layers of the encoder are normalised by batches.")
    clip_gradient: float | str = real_or(
        "Infinity", default="Infinity", ge=1e-3, about="Largest element of a gradient."
    )
    encoder_layers: tuple[int, ...] | None = free_text(
        _layers, default=AUTO, auto=True, rule=_LAYERS, about="Sizes of the encoder's layers."
    )
    encoder_layers_activation: str = choice(
        "sigmoid", "tanh", "relu", default="sigmoid", tunable=True, about="Activation of these layers."
    )
    epochs: int = integer(50, ge=1, about="Most passes over the training data.")
    learning_rate: float = real(0.001, ge=1e-6, le=1.0, tunable=True, about="Step size; not of adadelta.")
    mini_batch_size: int = integer(256, ge=1, le=10_000, tunable=True, about="Documents of a step.")
    num_patience_epochs: int = integer(3, ge=1, about="Epochs without improvement before training stops.")
    optimizer: str = choice(
        "sgd", "adam", "adagrad", "adadelta", "rmsprop", default="adadelta", tunable=True, about="Optimizer."
    )
    rescale_gradient: float = real(1.0, ge=1e-3, le=1.0, tunable=True, about="Factor of gradients.")
    sub_sample: float = real(1.0, ge=0.0, le=1.0, about="Part of the training data that an epoch sees.")
    tolerance: float = real(0.001, ge=1e-6, le=0.1, about="Relative change of the loss that counts.")
    weight_decay: float = real(0.0, ge=0.0, le=1.0, tunable=True, about="Weight of the L2 penalty.")

    @property
    def layers(self) -> tuple[int, ...]:
        """The sizes of the encoder's layers; ``auto`` is three times the topics, then twice."""
        return self.encoder_layers or (3 * self.num_topics, 2 * self.num_topics)
