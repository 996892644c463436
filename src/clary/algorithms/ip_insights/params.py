"""The hyperparameters of IP Insights, as the guide's page "IP Insights Hyperparameters" has them."""

from clary.toolkit.hyperparameters import Hyperparameters, integer, real

_MOST_NEGATIVES = 500


class IPInsightsParams(Hyperparameters):
    """Names, types, ranges and defaults as SageMaker documents them."""

    num_entity_vectors: int = integer(
        ge=1,
        le=250_000_000,
        tunable=True,
        about="Vectors that entities are hashed to, twice as many or more.",
    )
    vector_dim: int = integer(ge=4, le=4096, tunable=True, about="Size of a vector.")
    batch_metrics_publish_interval: int = integer(
        1000, ge=1, about="Minibatches after which speed and metrics are reported."
    )
    epochs: int = integer(10, ge=1, tunable=True, about="Passes over the training data.")
    learning_rate: float = real(0.001, ge=1e-6, le=10, tunable=True, about="Step size of Adam.")
    mini_batch_size: int = integer(
        10_000, ge=1, le=500_000, tunable=True, about="Pairs that a step is made from."
    )
    num_ip_encoder_layers: int = integer(
        1, ge=0, le=100, tunable=True, about="Fully connected layers that addresses pass."
    )
    random_negative_sampling_rate: int = integer(
        1, ge=0, le=500, tunable=True, about="Random addresses that each entity is paired with."
    )
    shuffled_negative_sampling_rate: int = integer(
        1, ge=0, le=500, tunable=True, about="Addresses of other pairs that each entity is paired with."
    )
    weight_decay: float = real(0.00001, ge=0, le=10, tunable=True, about="Strength of the L2 penalty.")

    @property
    def negatives(self) -> int:
        """Pairs that are not in the data for each one that is."""
        return self.random_negative_sampling_rate + self.shuffled_negative_sampling_rate

    def conflicts(self) -> list[str]:
        """Return what does not go together."""
        if 1 <= self.negatives <= _MOST_NEGATIVES:
            return []
        rates = "'random_negative_sampling_rate' and 'shuffled_negative_sampling_rate'"
        wanted = f"their sum must be between 1 and {_MOST_NEGATIVES}"
        return [f"hyperparameters {rates} add up to {self.negatives}: {wanted}"]
