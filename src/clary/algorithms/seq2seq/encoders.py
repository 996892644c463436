"""Encoders: a sequence of tokens to a vector for each, by recurrence or by convolutions."""

from dataclasses import dataclass
from itertools import count
from typing import Any

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from clary.algorithms.seq2seq.params import RNN, Seq2SeqParams

_CELLS = {"lstm": nn.LSTM, "gru": nn.GRU}


@dataclass(frozen=True, slots=True)
class Memory:
    """What an encoder says: vectors, (sequences, tokens, size), and where there are tokens."""

    vectors: Any
    mask: Any

    def repeated(self, times: int) -> "Memory":
        """Return the memory of one sequence ``times`` over."""
        return Memory(self.vectors.expand(times, -1, -1), self.mask.expand(times, -1))

    @property
    def mean(self) -> Any:
        """The mean vector of each sequence."""
        mask = self.mask.unsqueeze(2)
        return (self.vectors * mask).sum(dim=1) / mask.sum(dim=1)

    @property
    def last(self) -> Any:
        """The vector of each sequence's last token."""
        ends = self.mask.sum(dim=1) - 1
        return self.vectors[torch.arange(len(ends), device=ends.device), ends]


class RecurrentEncoder(nn.Module):
    """A bidirectional layer, and forward ones above it."""

    def __init__(self, params: Seq2SeqParams) -> None:
        super().__init__()
        self.size = params.rnn_num_hidden
        cell = _CELLS[params.rnn_cell_type]
        self.both_ways = cell(params.num_embed_source, self.size // 2, batch_first=True, bidirectional=True)
        self.upper = nn.ModuleList(
            cell(self.size, self.size, batch_first=True) for _ in range(params.num_layers_encoder - 1)
        )
        self.first_residual = params.rnn_first_residual_layer if params.rnn_residual_connections else None

    def forward(self, embedded: Any, mask: Any) -> Memory:
        """Return the memory of embedded sequences."""
        packed = pack_padded_sequence(embedded, mask.sum(dim=1).cpu(), batch_first=True, enforce_sorted=False)
        hidden, _ = pad_packed_sequence(self.both_ways(packed)[0], batch_first=True)
        for number, layer in zip(count(2), self.upper, strict=False):
            above = layer(hidden)[0]
            residual = self.first_residual is not None and number >= self.first_residual
            hidden = above + hidden if residual else above
        return Memory(hidden * mask.unsqueeze(2), mask)


class Convolution(nn.Module):
    """A convolution with its activation, added to what it gets; a ``causal`` one sees no later token."""

    def __init__(self, params: Seq2SeqParams, width: int, *, causal: bool) -> None:
        super().__init__()
        size = params.cnn_num_hidden
        gated = params.cnn_activation_type == "glu"
        self.before = width - 1 if causal else (width - 1) // 2
        self.behind = width - 1 - self.before
        self.layer = nn.Conv1d(size, 2 * size if gated else size, width)
        self.dropout = nn.Dropout(params.cnn_hidden_dropout)
        self.activation = {
            "glu": lambda values: nn.functional.glu(values, dim=1),
            "relu": torch.relu,
            "softrelu": nn.functional.softplus,
            "sigmoid": torch.sigmoid,
            "tanh": torch.tanh,
        }[params.cnn_activation_type]

    def forward(self, hidden: Any) -> Any:
        """Return (sequences, tokens, size)."""
        padded = nn.functional.pad(self.dropout(hidden).transpose(1, 2), (self.before, self.behind))
        return self.activation(self.layer(padded)).transpose(1, 2) + hidden


class ConvolutionalEncoder(nn.Module):
    """Gehring et al., "Convolutional Sequence to Sequence Learning" (2017)."""

    def __init__(self, params: Seq2SeqParams) -> None:
        super().__init__()
        self.size = params.cnn_num_hidden
        self.places = nn.Embedding(params.max_seq_len_source, params.num_embed_source)
        self.widen = nn.Linear(params.num_embed_source, self.size)
        self.layers = nn.ModuleList(
            Convolution(params, params.cnn_kernel_width_encoder, causal=False)
            for _ in range(params.num_layers_encoder)
        )

    def forward(self, embedded: Any, mask: Any) -> Memory:
        """Return the memory of embedded sequences."""
        there = mask.unsqueeze(2)
        places = self.places(torch.arange(embedded.shape[1], device=embedded.device))
        hidden = self.widen(embedded + places) * there
        for layer in self.layers:
            hidden = layer(hidden) * there
        return Memory(hidden, mask)


def made(params: Seq2SeqParams) -> Any:
    """Return the encoder that ``encoder_type`` names."""
    return (RecurrentEncoder if params.encoder_type == RNN else ConvolutionalEncoder)(params)
