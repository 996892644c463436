"""The hyperparameters of Random Cut Forest, as the guide's page "RCF Hyperparameters" has them."""

from clary.toolkit.hyperparameters import Hyperparameters, integer, words


class RandomCutForestParams(Hyperparameters):
    """Names, types, ranges and defaults as SageMaker documents them."""

    feature_dim: int = integer(ge=1, le=10000, about="Number of features.")
    num_trees: int = integer(100, ge=50, le=1000, tunable=True, about="Number of trees.")
    num_samples_per_tree: int = integer(
        256,
        ge=1,
        le=2048,
        tunable=True,
        about="Rows drawn for each tree; 1 of them to the rate of anomalies.",
    )
    eval_metrics: tuple[str, ...] = words(
        "accuracy",
        "precision_recall_fscore",
        default='["accuracy", "precision_recall_fscore"]',
        about="What is measured on channel test.",
    )
    mini_batch_size: int = integer(
        1000, ge=1, about="Rows read at a time; the SDK's class always sends 1000."
    )

    @property
    def samples(self) -> int:
        """The number of rows drawn for the forest."""
        return self.num_trees * self.num_samples_per_tree
