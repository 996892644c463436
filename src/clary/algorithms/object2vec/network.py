"""Two encoders, of which each makes a vector of a sequence, and what compares the vectors.

The encoders are those of Conneau et al., "Supervised Learning of Universal Sentence Representations from
Natural Language Inference Data" (2017): a hierarchy of convolutions, or a bidirectional LSTM, each with the
greatest value over the tokens; or else the mean of the tokens' vectors.
"""

from collections.abc import Callable, Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import torch
from torch import nn

from clary.algorithms.object2vec.params import SOFTMAX, EncoderForm, Object2VecParams
from clary.toolkit.neural import seeding

_SEED = 11
_ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU, "linear": nn.Identity}


class Convolutions(nn.Module):
    """Convolutions over convolutions, the greatest values of each."""

    def __init__(self, form: EncoderForm, size: int) -> None:
        super().__init__()
        self.width = max(size // form.layers, 1)
        widths = [form.token_dim, *[self.width] * form.layers]
        self.layers = nn.ModuleList(
            nn.Conv1d(before, after, form.filter_width, padding="same") for before, after in pairwise(widths)
        )
        self.size = self.width * form.layers

    def forward(self, vectors: Any, mask: Any) -> Any:
        """Return (sequences, size)."""
        found, hidden = [], vectors.transpose(1, 2)
        beside = ~mask.unsqueeze(1)
        for layer in self.layers:
            hidden = torch.relu(layer(hidden)).masked_fill(beside, 0)
            found.append(hidden.amax(dim=2))
        return torch.cat(found, dim=1)


class Recurrence(nn.Module):
    """An LSTM in both directions, its greatest values."""

    def __init__(self, form: EncoderForm, size: int) -> None:
        super().__init__()
        self.size = 2 * max(size // 2, 1)
        self.lstm = nn.LSTM(form.token_dim, self.size // 2, form.layers, batch_first=True, bidirectional=True)

    def forward(self, vectors: Any, mask: Any) -> Any:
        """Return (sequences, size)."""
        lengths = mask.sum(dim=1).cpu()
        packed = nn.utils.rnn.pack_padded_sequence(vectors, lengths, batch_first=True, enforce_sorted=False)
        hidden, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return hidden.masked_fill(~mask.unsqueeze(2), float("-inf")).amax(dim=1)


class Pooling(nn.Module):
    """The mean of the vectors."""

    def __init__(self, form: EncoderForm, _size: int) -> None:
        super().__init__()
        self.size = form.token_dim

    def forward(self, vectors: Any, mask: Any) -> Any:
        """Return (sequences, size)."""
        return (vectors * mask.unsqueeze(2)).sum(dim=1) / mask.sum(dim=1, keepdim=True)


_NETWORKS: Mapping[str, Callable[[EncoderForm, int], Any]] = MappingProxyType(
    {"hcnn": Convolutions, "bilstm": Recurrence, "pooled_embedding": Pooling}
)


class Encoder(nn.Module):
    """Makes vectors, (sequences, enc_dim), of tokens; the number behind the last token fills up."""

    def __init__(self, form: EncoderForm, params: Object2VecParams, tokens: Any = None) -> None:
        super().__init__()
        self.filler = form.vocab_size
        self.tokens = tokens or nn.Embedding(form.vocab_size + 1, form.token_dim, padding_idx=self.filler)
        self.dropout = nn.Dropout(params.dropout)
        self.body = _NETWORKS[form.network](form, params.enc_dim)
        self.projection = nn.Linear(self.body.size, params.enc_dim)

    def forward(self, tokens: Any) -> Any:
        """Return the vectors of sequences, (sequences, longest)."""
        mask = tokens != self.filler
        return self.projection(self.dropout(self.body(self.dropout(self.tokens(tokens)), mask)))


class Head(nn.Module):
    """Compares two vectors: one score for each class, or one number."""

    def __init__(self, params: Object2VecParams) -> None:
        super().__init__()
        self.comparators = params.comparator_list
        size = params.enc_dim * sum(2 if name == "concat" else 1 for name in self.comparators)
        layers: list[Any] = []
        for _ in range(params.mlp_layers):
            layers += [nn.Linear(size, params.mlp_dim), _ACTIVATIONS[params.mlp_activation]()]
            layers.append(nn.Dropout(params.dropout))
            size = params.mlp_dim
        layers.append(nn.Linear(size, params.num_classes if params.output_layer == SOFTMAX else 1))
        self.layers = nn.Sequential(*layers)

    def forward(self, first: Any, second: Any) -> Any:
        """Return scores, (pairs, classes)."""
        parts = {"hadamard": first * second, "abs_diff": (first - second).abs()}
        parts["concat"] = torch.cat([first, second], dim=1)
        return self.layers(torch.cat([parts[name] for name in self.comparators], dim=1))


class Network(nn.Module):
    """The two encoders and the head."""

    def __init__(self, params: Object2VecParams) -> None:
        super().__init__()
        first, second = params.encoders
        self.enc0 = Encoder(first, params)
        self.enc1 = Encoder(second, params, self.enc0.tokens if params.tied_token_embedding_weight else None)
        self.head = Head(params)

    def forward(self, first: Any, second: Any) -> Any:
        """Return scores of pairs of sequences."""
        return self.head(self.enc0(first), self.enc1(second))


def built(params: Object2VecParams) -> Network:
    """Return a network whose first weights are always the same."""
    return seeding.built(lambda: Network(params), _SEED)
