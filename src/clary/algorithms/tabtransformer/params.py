"""The hyperparameters of TabTransformer."""

from clary.toolkit.hyperparameters import Hyperparameters, choice, integer, real
from clary.toolkit.supervised import problem_type


class TabTransformerParams(Hyperparameters):
    """Names, types, ranges and defaults as SageMaker documents them, and ``problem_type``."""

    n_epochs: int = integer(5, ge=1, about="Passes over the training data at most.")
    patience: int = integer(10, ge=2, le=60, about="Epochs without a lower loss that end training.")
    learning_rate: float = real(0.001, gt=0, about="Step size.", tunable=True)
    batch_size: int = integer(256, ge=1, le=2048, about="Rows of a step.")
    input_dim: str = choice(
        "16", "32", "64", "128", "256", "512",
        default="32", about="Numbers that stand for a category.", tunable=True,
    )  # fmt: skip
    n_blocks: int = integer(4, ge=1, le=12, about="Transformer blocks.", tunable=True)
    attn_dropout: float = real(0.2, ge=0, lt=1, about="Dropout in the blocks.", tunable=True)
    mlp_dropout: float = real(0.1, ge=0, lt=1, about="Dropout in the layers behind them.", tunable=True)
    frac_shared_embed: float = real(
        0.25, ge=0, lt=1, about="Share of the numbers that all categories of a column have in common.",
        tunable=True,
    )  # fmt: skip
    problem_type: str | None = problem_type()
