"""The linear learner's hyperparameters, as the guide's page "Linear Learner Hyperparameters" has them."""

from clary.toolkit.hyperparameters import (
    AUTO,
    Hyperparameters,
    boolean,
    choice,
    integer,
    real,
    real_or,
)

BINARY, MULTICLASS, REGRESSOR = "binary_classifier", "multiclass_classifier", "regressor"

LOSSES = {
    BINARY: ("logistic", "hinge_loss"),
    MULTICLASS: ("softmax_loss",),
    REGRESSOR: (
        "squared_loss", "absolute_loss", "eps_insensitive_squared_loss", "eps_insensitive_absolute_loss",
        "quantile_loss", "huber_loss",
    ),
}  # fmt: skip
"""The losses of each predictor type, the one that ``auto`` means first."""


class LinearLearnerParams(Hyperparameters):
    """Names, types, ranges and defaults as SageMaker documents them; ``auto`` parses to None."""

    predictor_type: str = choice(BINARY, MULTICLASS, REGRESSOR, about="What the label is.")
    num_classes: int | None = integer(
        None, ge=3, le=1_000_000, about="Number of classes; required for multiclass_classifier."
    )
    feature_dim: int | None = integer(AUTO, ge=1, about="Number of features; auto counts them.")
    epochs: int = integer(15, ge=1, about="Passes over the training data.")
    mini_batch_size: int = integer(1000, ge=1, tunable=True, about="Rows in a step of the optimizer.")
    num_models: int | None = integer(
        AUTO, ge=1, about="Models trained side by side with different settings; the best is kept."
    )
    loss: str | None = choice(
        AUTO, *(loss for losses in LOSSES.values() for loss in losses), default=AUTO, about="Loss function."
    )
    optimizer: str | None = choice(
        AUTO, "adam", "sgd", "rmsprop", default=AUTO, about="Optimizer; auto is adam."
    )
    learning_rate: float | None = real(AUTO, gt=0, tunable=True, about="Step size of the optimizer.")
    momentum: float | None = real(AUTO, ge=0, lt=1, about="Momentum of sgd.")
    beta_1: float | None = real(AUTO, ge=0, lt=1, about="Decay of adam's first moment.")
    beta_2: float | None = real(AUTO, ge=0, lt=1, about="Decay of adam's second moment, and of rmsprop's.")
    use_lr_scheduler: bool = boolean(True, about="Whether the learning rate decays.")
    lr_scheduler_step: int | None = integer(AUTO, ge=1, about="Steps between decays of the learning rate.")
    lr_scheduler_factor: float | None = real(AUTO, gt=0, lt=1, about="What a decay multiplies the rate by.")
    lr_scheduler_minimum_lr: float | None = real(AUTO, gt=0, about="Rate below which it does not decay.")
    l1: float | None = real(AUTO, ge=0, tunable=True, about="L1 regularisation.")
    wd: float | None = real(AUTO, ge=0, tunable=True, about="L2 regularisation (weight decay).")
    use_bias: bool = boolean(True, tunable=True, about="Whether the model has a bias.")
    bias_lr_mult: float | None = real(AUTO, gt=0, about="Learning rate of the bias over that of the weights.")
    bias_wd_mult: float | None = real(
        AUTO, ge=0, about="Regularisation of the bias over that of the weights."
    )
    init_method: str = choice(
        "uniform", "normal", default="uniform", about="Distribution of initial weights."
    )
    init_scale: float = real(0.07, gt=0, about="Half-width of the uniform distribution.")
    init_sigma: float = real(0.01, gt=0, about="Standard deviation of the normal distribution.")
    init_bias: float = real(0.0, about="Initial bias.")
    normalize_data: bool | None = boolean(
        True, auto=True, about="Whether to scale features to unit deviation."
    )
    normalize_label: bool | None = boolean(
        AUTO, auto=True, about="Whether to scale the label; auto does for regression."
    )
    unbias_data: bool | None = boolean(
        AUTO, auto=True, about="Whether to shift features to mean 0; auto does when use_bias is true."
    )
    unbias_label: bool | None = boolean(
        AUTO, auto=True, about="Whether to shift the label to mean 0; auto does for regression with a bias."
    )
    num_point_for_scaler: int = integer(10_000, ge=1, about="Rows that scales and shifts are computed from.")
    num_calibration_samples: int | None = integer(
        AUTO, ge=1, about="Rows used to choose the threshold of a binary classifier; auto takes all."
    )
    early_stopping_patience: int = integer(3, ge=1, about="Epochs without improvement before training ends.")
    early_stopping_tolerance: float = real(0.001, gt=0, about="Relative improvement that counts as one.")
    positive_example_weight_mult: float | str = real_or(
        "balanced", AUTO, default=1.0, gt=0, tunable=True, about="Weight of positive examples."
    )
    balance_multiclass_weights: bool = boolean(
        False, about="Whether classes count the same whatever their size."
    )
    binary_classifier_model_selection_criteria: str = choice(
        "accuracy", "f_beta", "f1", "precision_at_target_recall", "recall_at_target_precision",
        "cross_entropy_loss", "loss_function",
        default="accuracy",
        about="What the best binary classifier and its threshold are chosen by.",
    )  # fmt: skip
    f_beta: float = real(1.0, gt=0, about="Beta of the F score.")
    target_precision: float = real(0.8, gt=0, le=1, about="Precision that recall_at_target_precision holds.")
    target_recall: float = real(0.8, gt=0, le=1, about="Recall that precision_at_target_recall holds.")
    accuracy_top_k: int = integer(3, ge=1, about="K of the top-k accuracy of a multiclass classifier.")
    margin: float = real(1.0, gt=0, about="Margin of hinge_loss.")
    quantile: float = real(0.5, gt=0, lt=1, about="Quantile that quantile_loss estimates.")
    loss_insensitivity: float = real(
        0.01, gt=0, about="Error, in units of the label, that the eps_insensitive losses ignore."
    )
    huber_delta: float = real(
        1.0, gt=0, about="Error, in units of the label, above which huber_loss is linear."
    )

    def conflicts(self) -> list[str]:
        """Return what does not go together."""
        problems = []
        if self.predictor_type == MULTICLASS and self.num_classes is None:
            problems.append("hyperparameter 'num_classes' is required for multiclass_classifier")
        if self.predictor_type != MULTICLASS and self.num_classes not in (None, 1):
            problems.append("hyperparameter 'num_classes' is for multiclass_classifier only: leave it out")
        losses = LOSSES[self.predictor_type]
        if self.loss is not None and self.loss not in losses:
            problems.append(
                f"loss '{self.loss}' does not go with predictor_type '{self.predictor_type}': "
                f"give auto or {', '.join(losses)}"
            )
        if not self.use_bias:
            problems += [
                f"hyperparameter '{name}' is true, but a model without a bias cannot make up for the shift: "
                "set it to auto or false, or use_bias to true"
                for name, chosen in (("unbias_data", self.unbias_data), ("unbias_label", self.unbias_label))
                if chosen
            ]
        return problems

    @property
    def resolved_loss(self) -> str:
        """The loss, ``auto`` resolved."""
        return self.loss or LOSSES[self.predictor_type][0]

    @property
    def free(self) -> bool:
        """Whether the way to the optimum is ours to choose: optimizer and learning rate are auto."""
        return self.optimizer is None and self.learning_rate is None

    @property
    def outputs(self) -> int:
        """The number of scores of a model: one for each class of a multiclass classifier, else one."""
        return self.num_classes or 1 if self.predictor_type == MULTICLASS else 1
