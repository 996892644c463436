"""The hyperparameters of k-NN, as the guide's page "k-NN Hyperparameters" has them."""

from math import isqrt

from clary.toolkit.hyperparameters import AUTO, Hyperparameters, choice, integer

FLAT, IVF_FLAT, IVF_PQ = "faiss.Flat", "faiss.IVFFlat", "faiss.IVFPQ"
L2, COSINE, INNER_PRODUCT = "L2", "COSINE", "INNER_PRODUCT"
CLASSIFIER, REGRESSOR = "classifier", "regressor"
PARTS = (1, 2, 3, 4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 96)
"""What ``faiss_index_pq_m`` may be."""


class KNNParams(Hyperparameters):
    """Names, types, ranges and defaults as SageMaker documents them; ``auto`` parses to None."""

    feature_dim: int = integer(ge=1, about="Number of features.")
    k: int = integer(ge=1, tunable=True, about="Number of nearest neighbours that an answer is made of.")
    predictor_type: str = choice(CLASSIFIER, REGRESSOR, about="Whether labels are classes or numbers.")
    sample_size: int = integer(ge=1, tunable=True, about="Rows of the training data that are kept.")
    dimension_reduction_type: str | None = choice(
        "sign", "fjlt", default=None, about="How rows are projected on fewer dimensions, if they are."
    )
    dimension_reduction_target: int | None = integer(
        None, ge=1, about="Dimensions that rows are projected on; fewer than feature_dim."
    )
    index_type: str = choice(
        FLAT, IVF_FLAT, IVF_PQ, default=FLAT, about="Exact, by inverted lists, or these of coded rows."
    )
    index_metric: str = choice(L2, COSINE, INNER_PRODUCT, default=L2, about="What nearness is measured by.")
    faiss_index_ivf_nlists: int | None = integer(
        AUTO, ge=1, about="Inverted lists; auto is the square root of sample_size."
    )
    faiss_index_pq_m: int | None = integer(
        None, ge=1, le=max(PARTS), about=f"Parts that a row is coded in, one of {', '.join(map(str, PARTS))}."
    )
    mini_batch_size: int = integer(5000, ge=1, about="Rows that are looked at at a time.")
    _faiss_index_nprobe: int = integer(5, ge=1, about="Inverted lists that are searched for a row.")

    @property
    def lists(self) -> int:
        """The number of inverted lists."""
        return self.faiss_index_ivf_nlists or isqrt(self.sample_size)

    @property
    def probes(self) -> int:
        """The number of inverted lists that are searched for a row."""
        return self._faiss_index_nprobe

    @property
    def target(self) -> int | None:
        """Dimensions that rows are projected on, so many that ``faiss_index_pq_m`` divides them; or None."""
        if self.dimension_reduction_type is None or self.dimension_reduction_target is None:
            return None
        return self._divisible(self.dimension_reduction_target)

    @property
    def width(self) -> int:
        """Dimensions of the rows in the index: zeros are added where nothing is projected."""
        return self.target or self._divisible(self.feature_dim)

    def _divisible(self, dimensions: int) -> int:
        parts = self.faiss_index_pq_m if self.index_type == IVF_PQ else None
        return -(-dimensions // parts) * parts if parts else dimensions

    def conflicts(self) -> list[str]:
        """Return what does not go together."""
        problems = []
        if (self.dimension_reduction_type is None) != (self.dimension_reduction_target is None):
            problems.append(
                "hyperparameters 'dimension_reduction_type' and 'dimension_reduction_target' go together: "
                "give both or none"
            )
        elif (self.dimension_reduction_target or 0) >= self.feature_dim:
            problems.append(
                "hyperparameter 'dimension_reduction_target' is not below 'feature_dim', "
                f"{self.feature_dim}: lower it"
            )
        if self.k > self.sample_size:
            problems.append(f"hyperparameter 'k' is above 'sample_size', {self.sample_size}: lower it")
        return problems + (self._coding_conflicts() if self.index_type == IVF_PQ else [])

    def _coding_conflicts(self) -> list[str]:
        problems = []
        if self.faiss_index_pq_m not in PARTS:
            problems.append(
                f"hyperparameter 'faiss_index_pq_m' is required by 'index_type' {IVF_PQ}: give one of "
                f"{', '.join(map(str, PARTS))}"
            )
        if self.index_metric != L2:
            problems.append(
                f"hyperparameter 'index_metric' {self.index_metric} is not supported with 'index_type' "
                f"{IVF_PQ}: choose {L2}, or another index"
            )
        return problems
