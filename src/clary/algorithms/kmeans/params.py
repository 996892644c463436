"""The hyperparameters of k-means, as the guide's page "K-Means Hyperparameters" has them."""

from clary.toolkit.hyperparameters import AUTO, Hyperparameters, choice, integer, real, words

_CENTRES = 100  # what extra_center_factor=auto aims at, between 4 and 10 times k


class KMeansParams(Hyperparameters):
    """Names, types, ranges and defaults as SageMaker documents them; ``auto`` parses to None."""

    k: int = integer(ge=1, about="Number of clusters.")
    feature_dim: int = integer(ge=1, about="Number of features.")
    epochs: int = integer(1, ge=1, tunable=True, about="Passes over the training data.")
    mini_batch_size: int = integer(5000, ge=1, tunable=True, about="Rows after which centres move.")
    init_method: str = choice(
        "random", "kmeans++", default="random", tunable=True, about="How the first centres are chosen."
    )
    extra_center_factor: int | None = integer(
        AUTO, ge=1, tunable=True, about="Centres kept while the data pass, as a multiple of k."
    )
    half_life_time_size: int = integer(
        0, ge=0, about="Rows after which a row counts half in its centre's mean; 0 is never."
    )
    local_lloyd_init_method: str = choice(
        "random", "kmeans++", default="kmeans++", about="How the k centres are chosen at first."
    )
    local_lloyd_max_iter: int = integer(300, ge=1, about="Iterations of Lloyd's algorithm at most.")
    local_lloyd_num_trials: int | None = integer(
        AUTO, ge=1, about="Times that Lloyd's algorithm is run; the best is kept."
    )
    local_lloyd_tol: float = real(0.0001, ge=0, le=1, about="Relative gain below which Lloyd's is done.")
    eval_metrics: tuple[str, ...] = words(
        "msd", "ssd", default='["msd"]', about="Mean or sum of squared distances on channel test."
    )

    @property
    def centres(self) -> int:
        """The number of centres kept while the data pass."""
        return self.k * (self.extra_center_factor or max(4, min(10, _CENTRES // self.k)))
