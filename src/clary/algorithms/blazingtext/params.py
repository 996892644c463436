"""The hyperparameters of ``blazingtext``."""

from clary.toolkit.hyperparameters import Hyperparameters, boolean, choice, integer, real

SUPERVISED = "supervised"
BATCH_SKIPGRAM = "batch_skipgram"
MODES = (BATCH_SKIPGRAM, "skipgram", "cbow", SUPERVISED)


class BlazingTextParams(Hyperparameters):
    """Names, types, ranges and defaults as SageMaker documents them; each mode reads its own."""

    mode: str = choice(*MODES, tunable=True, about="What is learnt: vectors of words, or a classifier.")
    batch_size: int = integer(
        11, ge=1, tunable=True, about="Words of a window that share negatives in batch_skipgram."
    )
    buckets: int = integer(2_000_000, ge=1, tunable=True, about="Rows for subwords, or for n-grams of words.")
    early_stopping: bool = boolean(
        False, about="Whether to stop when the accuracy on channel validation no longer improves."
    )
    epochs: int = integer(5, ge=1, tunable=True, about="Passes over the training data.")
    evaluation: bool = boolean(
        True, about="Whether vectors are compared with the pairs of words in channel validation, if given."
    )
    learning_rate: float = real(0.05, gt=0, tunable=True, about="Step size at the start; it falls to zero.")
    max_char: int = integer(6, ge=1, about="Characters of the longest subwords.")
    min_char: int = integer(3, ge=1, about="Characters of the shortest subwords.")
    min_count: int = integer(5, ge=0, tunable=True, about="Words that occur less often are left out.")
    min_epochs: int = integer(5, ge=1, about="Passes before early stopping may stop.")
    negative_samples: int = integer(5, ge=1, tunable=True, about="Random words set against each word.")
    patience: int = integer(4, ge=1, about="Passes without improvement before early stopping stops.")
    sampling_threshold: float = real(
        0.0001, gt=0, le=1, tunable=True, about="Share of the text above which a word is often left out."
    )
    subwords: bool = boolean(False, about="Whether words are made of vectors of their subwords.")
    vector_dim: int = integer(100, ge=1, tunable=True, about="Length of a vector.")
    window_size: int = integer(5, ge=1, tunable=True, about="Words on each side that a word is seen with.")
    word_ngrams: int = integer(2, ge=1, tunable=True, about="Words of the longest n-grams of a text.")

    def conflicts(self) -> list[str]:
        """Return what does not go together."""
        if self.max_char < self.min_char:
            return [f"hyperparameter 'max_char' is below 'min_char', {self.min_char}: raise it"]
        return []
