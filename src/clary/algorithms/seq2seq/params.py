"""The hyperparameters of ``seq2seq``."""

from clary.toolkit.hyperparameters import Hyperparameters, boolean, choice, integer, real

PERPLEXITY, ACCURACY, BLEU = "perplexity", "accuracy", "bleu"
RNN, CNN = "rnn", "cnn"
_ACTIVATIONS = ("glu", "relu", "softrelu", "sigmoid", "tanh")
_SCHEDULES = ("plateau_reduce", "fixed_rate_inv_t", "fixed_rate_inv_sqrt_t")


def _part(about: str) -> float:
    return real(0, ge=0, le=1, tunable=True, about=about)  # type: ignore[no-any-return]


class Seq2SeqParams(Hyperparameters):
    """Names, types, ranges and defaults as SageMaker documents them."""

    batch_size: int = integer(64, ge=1, tunable=True, about="Pairs of a step.")
    beam_size: int = integer(5, ge=1, about="Sequences that are followed at a time.")
    bleu_sample_size: int = integer(
        0, ge=-1, about="Validation pairs for BLEU; -1 is all, 0 none unless it is the optimized metric."
    )
    bucket_width: int = integer(10, ge=1, about="Lengths of sequences that a step may mix differ by less.")
    bucketing_enabled: bool = boolean(True, about="Whether steps have sequences of much the same length.")
    checkpoint_frequency_num_batches: int = integer(1000, ge=1, about="Steps between two evaluations.")
    checkpoint_threshold: int = integer(3, ge=1, about="Evaluations without improvement that end training.")
    clip_gradient: float = real(1, tunable=True, about="Largest element of a gradient; below 0 any.")
    cnn_activation_type: str = choice(*_ACTIVATIONS, default="glu", about="Activation of convolutions.")
    cnn_hidden_dropout: float = _part("Part left out between convolutions.")
    cnn_kernel_width_decoder: int = integer(5, ge=1, about="Tokens that a decoder's convolution sees.")
    cnn_kernel_width_encoder: int = integer(3, ge=1, about="Tokens that an encoder's convolution sees.")
    cnn_num_hidden: int = integer(512, ge=1, tunable=True, about="Size of a convolution.")
    decoder_type: str = choice(RNN, CNN, default=RNN, about="Kind of the decoder.")
    embed_dropout_source: float = _part("Part left out of the source's embeddings.")
    embed_dropout_target: float = _part("Part left out of the target's embeddings.")
    encoder_type: str = choice(RNN, CNN, default=RNN, about="Kind of the encoder.")
    fixed_rate_lr_half_life: int = integer(
        10, ge=1, tunable=True, about="Evaluations after which fixed rates have fallen by their law."
    )
    learning_rate: float = real(0.0003, gt=0, tunable=True, about="Step size.")
    loss_type: str = choice("cross-entropy", default="cross-entropy", about="Loss.")
    lr_scheduler_type: str = choice(
        *_SCHEDULES, default="plateau_reduce", tunable=True, about="How the step size falls."
    )
    max_num_batches: int = integer(-1, ge=-1, about="Most steps; -1 is no limit.")
    max_num_epochs: int | None = integer(None, ge=1, about="Most passes over the training data.")
    max_seq_len_source: int = integer(100, ge=1, about="Tokens of a source; longer ones are cut.")
    max_seq_len_target: int = integer(100, ge=1, about="Tokens of a target; longer ones are cut.")
    min_num_epochs: int = integer(0, ge=0, about="Passes before training may end for want of improvement.")
    momentum: float | None = real(None, ge=0, lt=1, tunable=True, about="Momentum of sgd.")
    num_embed_source: int = integer(512, ge=1, tunable=True, about="Size of a source token's vector.")
    num_embed_target: int = integer(512, ge=1, tunable=True, about="Size of a target token's vector.")
    num_layers_decoder: int = integer(1, ge=1, tunable=True, about="Layers of the decoder.")
    num_layers_encoder: int = integer(1, ge=1, tunable=True, about="Layers of the encoder.")
    optimized_metric: str = choice(
        PERPLEXITY, ACCURACY, BLEU, default=PERPLEXITY, about="What evaluations are judged by."
    )
    optimizer_type: str = choice("adam", "sgd", "rmsprop", default="adam", tunable=True, about="Optimizer.")
    plateau_reduce_lr_factor: float = real(0.5, gt=0, lt=1, tunable=True, about="Factor of plateau_reduce.")
    plateau_reduce_lr_threshold: int = integer(
        3, ge=1, tunable=True, about="Evaluations without improvement after which it is applied."
    )
    rnn_attention_in_upper_layers: bool = boolean(True, about="Whether all layers see what is attended to.")
    rnn_attention_num_hidden: int | None = integer(None, ge=1, about="Size of the attention's layer.")
    rnn_attention_type: str = choice(
        "dot", "fixed", "mlp", "bilinear", default="mlp", about="How attention compares."
    )
    rnn_cell_type: str = choice("lstm", "gru", default="lstm", about="Recurrent cell.")
    rnn_decoder_state_init: str = choice(
        "last", "avg", "zero", default="last", about="What the decoder begins with."
    )
    rnn_first_residual_layer: int = integer(2, ge=1, about="First layer with a residual connection.")
    rnn_num_hidden: int = integer(1024, ge=2, tunable=True, about="Size of a recurrent layer, even.")
    rnn_residual_connections: bool = boolean(False, about="Whether layers add to what they get.")
    rnn_decoder_hidden_dropout: float = _part("Part left out of what the decoder tells by.")
    training_metric: str = choice(PERPLEXITY, ACCURACY, default=PERPLEXITY, about="What training tells.")
    weight_decay: float = real(0, ge=0, tunable=True, about="Weight of the L2 penalty.")
    weight_init_scale: float = real(2.34, gt=0, tunable=True, about="Size of the first weights.")
    weight_init_type: str = choice(
        "uniform", "xavier", default="xavier", tunable=True, about="Law of the first weights."
    )
    xavier_factor_type: str = choice("in", "out", "avg", default="in", about="What xavier divides by.")

    def conflicts(self) -> list[str]:
        """Return what does not go together."""
        problems = []
        if self.rnn_num_hidden % 2:
            problems.append("hyperparameter 'rnn_num_hidden' must be even")
        if self.max_num_epochs is not None and self.min_num_epochs > self.max_num_epochs:
            problems.append(
                f"hyperparameter 'min_num_epochs' is above 'max_num_epochs', {self.max_num_epochs}: lower it"
            )
        return problems
