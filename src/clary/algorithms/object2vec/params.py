"""The hyperparameters of ``object2vec``."""

from dataclasses import dataclass

from clary.toolkit.hyperparameters import AUTO, Hyperparameters, boolean, choice, free_text, integer, real

SOFTMAX, SQUARED_ERROR = "softmax", "mean_squared_error"
NETWORKS = ("hcnn", "bilstm", "pooled_embedding")
COMPARATORS = ("hadamard", "concat", "abs_diff")
_OPTIMIZERS = ("adadelta", "adagrad", "adam", "sgd", "rmsprop")
_AUTO_LAYERS = {"hcnn": 4, "bilstm": 1, "pooled_embedding": 1}


@dataclass(frozen=True, slots=True)
class EncoderForm:
    """What one of the two encoders is made of."""

    network: str
    layers: int
    filter_width: int
    token_dim: int
    vocab_size: int
    max_seq_len: int
    embedding_file: str
    vocab_file: str
    frozen: bool


def _comparators(text: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in text.split(","))
    if any(name not in COMPARATORS for name in found) or len(set(found)) < len(found):
        raise ValueError(text)
    return found


def _file(text: str) -> str | None:
    if not text:
        return None
    if text.strip(".") != text or not text.replace(".", "").replace("_", "").isalnum():
        raise ValueError(text)
    return text


def _name(about: str) -> str:
    rule = "a file's name of letters, digits, underscores and periods"
    return free_text(_file, default=None, rule=rule, about=about)  # type: ignore[no-any-return]


class Object2VecParams(Hyperparameters):
    """Names, types, ranges and defaults as SageMaker documents them."""

    bucket_width: int = integer(
        0, ge=0, le=100, about="Lengths of sequences that a step may mix differ by less; 0 mixes all."
    )
    comparator_list: tuple[str, ...] = free_text(
        _comparators,
        default="hadamard, concat, abs_diff",
        rule="some of 'hadamard', 'concat' and 'abs_diff' between commas",
        about="How the two vectors are put together.",
    )
    dropout: float = real(0.0, ge=0, le=1, tunable=True, about="Part of a layer left out of each step.")
    early_stopping_patience: int = integer(3, ge=1, le=5, tunable=True, about="Epochs without improvement.")
    early_stopping_tolerance: float = real(
        0.01, ge=1e-6, le=0.1, tunable=True, about="Relative fall of the loss that counts."
    )
    enc_dim: int = integer(4096, ge=4, le=10_000, tunable=True, about="Length of an object's vector.")
    enc0_network: str = choice(*NETWORKS, default="hcnn", about="Network of the first encoder.")
    enc0_cnn_filter_width: int = integer(
        3, ge=1, le=9, tunable=True, about="Tokens that a filter of hcnn sees."
    )
    enc0_freeze_pretrained_embedding: bool = boolean(True, about="Whether given vectors of tokens stay.")
    enc0_layers: int | None = integer(AUTO, ge=1, le=4, tunable=True, about="Layers of the first encoder.")
    enc0_max_seq_len: int = integer(ge=1, le=5000, about="Tokens of a sequence; the others are left out.")
    enc0_pretrained_embedding_file: str | None = _name("File of vectors of tokens in channel auxiliary.")
    enc0_token_embedding_dim: int = integer(
        300, ge=2, le=1000, tunable=True, about="Length of a token's vector."
    )
    enc0_vocab_file: str | None = _name("File of the numbers of tokens in channel auxiliary.")
    enc0_vocab_size: int = integer(ge=2, le=3_000_000, about="Number of different tokens.")
    enc1_network: str = choice(
        "enc0",
        *NETWORKS,
        default="enc0",
        about="Network of the second encoder; enc0 is one formed as the first.",
    )
    enc1_cnn_filter_width: int = integer(
        3, ge=1, le=9, tunable=True, about="Tokens that a filter of hcnn sees."
    )
    enc1_freeze_pretrained_embedding: bool = boolean(True, about="Whether given vectors of tokens stay.")
    enc1_layers: int | None = integer(AUTO, ge=1, le=4, tunable=True, about="Layers of the second encoder.")
    enc1_max_seq_len: int | None = integer(None, ge=1, le=5000, about="Tokens of a sequence.")
    enc1_pretrained_embedding_file: str | None = _name("File of vectors of tokens in channel auxiliary.")
    enc1_token_embedding_dim: int = integer(
        300, ge=2, le=1000, tunable=True, about="Length of a token's vector."
    )
    enc1_vocab_file: str | None = _name("File of the numbers of tokens in channel auxiliary.")
    enc1_vocab_size: int | None = integer(None, ge=2, le=3_000_000, about="Number of different tokens.")
    epochs: int = integer(30, ge=1, le=100, tunable=True, about="Most passes over the training data.")
    learning_rate: float = real(0.0004, ge=1e-6, le=1, tunable=True, about="Step size.")
    mini_batch_size: int = integer(32, ge=1, le=10_000, tunable=True, about="Pairs of a step.")
    mlp_activation: str = choice(
        "tanh", "relu", "linear", default="linear", tunable=True, about="Activation of the layers behind."
    )
    mlp_dim: int = integer(512, ge=2, le=10_000, tunable=True, about="Size of these layers.")
    mlp_layers: int = integer(2, ge=0, le=10, tunable=True, about="Number of these layers.")
    negative_sampling_rate: int = integer(
        0, ge=0, about="Pairs made up at random, with label 0, for each pair given."
    )
    num_classes: int = integer(2, ge=2, le=30, about="Number of classes of softmax.")
    optimizer: str = choice(*_OPTIMIZERS, default="adam", tunable=True, about="Optimizer.")
    output_layer: str = choice(SOFTMAX, SQUARED_ERROR, default=SOFTMAX, about="Classes, or a number.")
    tied_token_embedding_weight: bool = boolean(False, about="Whether both encoders share vectors of tokens.")
    token_embedding_storage_type: str = choice(
        "dense",
        "row_sparse",
        default="dense",
        about="How gradients of vectors of tokens are kept; dense here.",
    )
    weight_decay: float = real(0, ge=0, le=10_000, tunable=True, about="Weight of the L2 penalty.")

    def conflicts(self) -> list[str]:
        """Return what does not go together."""
        problems = []
        if self.enc1_network != "enc0":
            problems += [
                f"hyperparameter '{name}' is required where 'enc1_network' is not 'enc0'"
                for name in ("enc1_max_seq_len", "enc1_vocab_size")
                if getattr(self, name) is None
            ]
        if not problems and self.tied_token_embedding_weight:
            first, second = self.encoders
            if (first.vocab_size, first.token_dim) != (second.vocab_size, second.token_dim):
                problems.append(
                    "hyperparameter 'tied_token_embedding_weight' needs encoders of the same vocab_size and "
                    "token_embedding_dim"
                )
        for side in (0, 1):
            files = [getattr(self, f"enc{side}_{kind}_file") for kind in ("pretrained_embedding", "vocab")]
            if (files[0] is None) != (files[1] is None):
                problems.append(
                    f"hyperparameters 'enc{side}_pretrained_embedding_file' and 'enc{side}_vocab_file' go "
                    "together"
                )
        return problems

    @property
    def encoders(self) -> tuple[EncoderForm, EncoderForm]:
        """The forms of the two encoders."""
        return self._form(0), self._form(0 if self.enc1_network == "enc0" else 1)

    def _form(self, side: int) -> EncoderForm:
        def given(name: str) -> object:
            return getattr(self, f"enc{side}_{name}")

        network = str(given("network"))
        return EncoderForm(
            network=network,
            layers=int(given("layers") or _AUTO_LAYERS[network]),  # type: ignore[call-overload]
            filter_width=int(given("cnn_filter_width")),  # type: ignore[call-overload]
            token_dim=int(given("token_embedding_dim")),  # type: ignore[call-overload]
            vocab_size=int(given("vocab_size")),  # type: ignore[call-overload]
            max_seq_len=int(given("max_seq_len")),  # type: ignore[call-overload]
            embedding_file=str(given("pretrained_embedding_file") or ""),
            vocab_file=str(given("vocab_file") or ""),
            frozen=bool(given("freeze_pretrained_embedding")),
        )
