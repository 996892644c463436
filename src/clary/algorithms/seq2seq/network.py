"""Encoder and decoder, as one network, with its first weights."""

from typing import Any

from torch import nn

from clary.algorithms.seq2seq import decoders, encoders
from clary.algorithms.seq2seq.encoders import Memory
from clary.algorithms.seq2seq.params import Seq2SeqParams
from clary.toolkit.neural import seeding

_SEED = 11


class Network(nn.Module):
    """Sequences of source tokens to scores for target tokens; ``filler`` is the source's padding."""

    def __init__(self, params: Seq2SeqParams, source_size: int, target_size: int, filler: int) -> None:
        super().__init__()
        self.filler = filler
        self.embedding = nn.Embedding(source_size, params.num_embed_source)
        self.dropout = nn.Dropout(params.embed_dropout_source)
        self.encoder = encoders.made(params)
        target = nn.Embedding(target_size, params.num_embed_target)
        self.decoder = decoders.made(params, target, self.encoder.size)
        for value in self.parameters():
            _begin(value, params)

    def encoded(self, sources: Any) -> Memory:
        """Return the memory of sources, (sequences, tokens)."""
        return self.encoder(self.dropout(self.embedding(sources)), sources != self.filler)  # type: ignore[no-any-return]

    def forward(self, sources: Any, told: Any) -> Any:
        """Return the scores of what follows each token told, (sequences, tokens, vocabulary)."""
        return self.decoder(told, self.encoded(sources))


def _begin(value: Any, params: Seq2SeqParams) -> None:
    """Draw first weights as MXNet's initializers ``Uniform`` and ``Xavier`` do; biases are zero."""
    if value.dim() < 2:
        nn.init.zeros_(value)
        return
    bound = params.weight_init_scale
    if params.weight_init_type == "xavier":
        area = value[0, 0].numel()
        into, out = value.shape[1] * area, value.shape[0] * area
        parts = {"in": into, "out": out, "avg": (into + out) / 2}[params.xavier_factor_type]
        bound = (bound / parts) ** 0.5
    nn.init.uniform_(value, -bound, bound)


def built(params: Seq2SeqParams, source_size: int, target_size: int, filler: int) -> Network:
    """Return a network whose first weights are always the same."""
    return seeding.built(lambda: Network(params, source_size, target_size, filler), _SEED)
