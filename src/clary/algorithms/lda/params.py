"""The hyperparameters of LDA, as the guide's page "LDA Hyperparameters" has them, and one more."""

from clary.toolkit.hyperparameters import Hyperparameters, integer, real


class LDAParams(Hyperparameters):
    """Names, types, ranges and defaults as SageMaker documents them; ``refine_iterations`` is Clary's own."""

    num_topics: int = integer(ge=1, tunable=True, about="Number of topics.")
    feature_dim: int = integer(ge=1, about="Number of words in the vocabulary.")
    mini_batch_size: int = integer(
        ge=1, about="Number of documents; all are learnt from, whatever is given here."
    )
    alpha0: float = real(
        1.0, gt=0, tunable=True, about="Sum of the prior of topics; small where documents have few topics."
    )
    max_restarts: int = integer(10, ge=1, about="Times that the decomposition starts anew; the best is kept.")
    max_iterations: int = integer(1000, ge=1, about="Iterations of the decomposition at most.")
    tol: float = real(1e-8, gt=0, about="Relative gain below which the decomposition is done.")
    refine_iterations: int = integer(
        0, ge=0, about="Clary's own: passes over the documents by which topics are refined afterwards."
    )
