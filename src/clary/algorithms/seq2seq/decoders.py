"""Decoders: what an encoder says to scores for the next token, with attention to the source.

A decoder's state is a list of tensors with a row for each sequence. ``start`` makes it, ``step`` goes on by a
token, and answers scores, (sequences, vocabulary), and how much is attended to each token of the source.
"""

from typing import Any

import torch
from torch import nn

from clary.algorithms.seq2seq.encoders import Convolution, Memory
from clary.algorithms.seq2seq.params import RNN, Seq2SeqParams

State = list[Any]
_CELLS = {"lstm": nn.LSTMCell, "gru": nn.GRUCell}


class Attention(nn.Module):
    """Compares what the decoder knows with each vector of the source."""

    def __init__(self, kind: str, query: int, key: int, size: int) -> None:
        super().__init__()
        self.kind = kind
        if kind in ("mlp", "dot"):
            self.query = nn.Linear(query, size, bias=False)
            self.key = nn.Linear(key, size, bias=False)
        if kind == "mlp":
            self.value = nn.Linear(size, 1, bias=False)
        if kind == "bilinear":
            self.query = nn.Linear(query, key, bias=False)

    def forward(self, query: Any, memory: Memory) -> tuple[Any, Any]:
        """Return the mean of the source's vectors, weighted, and the weights."""
        if self.kind == "fixed":  # to the last token, always
            ends = memory.mask.sum(dim=1) - 1
            weights = nn.functional.one_hot(ends, memory.mask.shape[1]).float()
        else:
            scores = self._scores(query, memory.vectors).masked_fill(~memory.mask, float("-inf"))
            weights = torch.softmax(scores, dim=1)
        return torch.einsum("bs,bsh->bh", weights, memory.vectors), weights

    def _scores(self, query: Any, vectors: Any) -> Any:
        if self.kind == "mlp":
            return self.value(torch.tanh(self.query(query).unsqueeze(1) + self.key(vectors))).squeeze(2)
        keys = self.key(vectors) if self.kind == "dot" else vectors
        return torch.einsum("bh,bsh->bs", self.query(query), keys)


class RecurrentDecoder(nn.Module):
    """Recurrent layers that also get what was attended to before (Luong et al., 2015)."""

    def __init__(self, params: Seq2SeqParams, embedding: Any, key: int) -> None:
        super().__init__()
        size = params.rnn_num_hidden
        self.params, self.embedding, self.key = params, embedding, key
        self.dropout = nn.Dropout(params.embed_dropout_target)
        extra = key if params.rnn_attention_in_upper_layers else 0
        widths = [params.num_embed_target + key, *[size + extra] * (params.num_layers_decoder - 1)]
        self.cells = nn.ModuleList(_CELLS[params.rnn_cell_type](width, size) for width in widths)
        self.states = 2 if params.rnn_cell_type == "lstm" else 1
        if params.rnn_decoder_state_init != "zero":
            self.first = nn.ModuleList(nn.Linear(key, size) for _ in range(self.states * len(widths)))
        hidden = params.rnn_attention_num_hidden or size
        self.attention = Attention(params.rnn_attention_type, size, key, hidden)
        self.hidden = nn.Linear(size + key, size)
        self.hidden_dropout = nn.Dropout(params.rnn_decoder_hidden_dropout)
        self.output = nn.Linear(size, embedding.num_embeddings)

    def start(self, memory: Memory) -> State:
        """Return the state before the first token."""
        rows, size = len(memory.mask), self.params.rnn_num_hidden
        context = memory.vectors.new_zeros(rows, self.key)
        if self.params.rnn_decoder_state_init == "zero":
            zeros = memory.vectors.new_zeros(rows, size)
            return [context, *[zeros] * (self.states * len(self.cells))]
        said = memory.last if self.params.rnn_decoder_state_init == "last" else memory.mean
        return [context, *(torch.tanh(layer(said)) for layer in self.first)]

    def step(self, tokens: Any, state: State, memory: Memory) -> tuple[Any, State, Any]:
        """Return scores, the state after ``tokens``, (sequences,), and attention."""
        params, context = self.params, state[0]
        following: State = []
        given = torch.cat([self.dropout(self.embedding(tokens)), context], dim=1)
        hidden = given
        for number, cell in enumerate(self.cells, 1):
            own = state[1 + self.states * (number - 1) : 1 + self.states * number]
            after = cell(given, tuple(own)) if self.states == 2 else (cell(given, own[0]),)
            following += after
            residual = params.rnn_residual_connections and 1 < number >= params.rnn_first_residual_layer
            hidden = after[0] + hidden if residual else after[0]
            given = torch.cat([hidden, context], dim=1) if params.rnn_attention_in_upper_layers else hidden
        context, weights = self.attention(hidden, memory)
        told = torch.tanh(self.hidden(torch.cat([hidden, context], dim=1)))
        return self.output(self.hidden_dropout(told)), [context, *following], weights

    def forward(self, tokens: Any, memory: Memory) -> Any:
        """Return the scores after each of ``tokens``, (sequences, tokens, vocabulary)."""
        state, found = self.start(memory), []
        for place in range(tokens.shape[1]):
            scores, state, _ = self.step(tokens[:, place], state, memory)
            found.append(scores)
        return torch.stack(found, dim=1)


class ConvolutionalDecoder(nn.Module):
    """Convolutions over what was told so far, each with attention (Gehring et al., 2017)."""

    def __init__(self, params: Seq2SeqParams, embedding: Any, key: int) -> None:
        super().__init__()
        size = params.cnn_num_hidden
        self.embedding = embedding
        self.dropout = nn.Dropout(params.embed_dropout_target)
        self.places = nn.Embedding(params.max_seq_len_target + 1, params.num_embed_target)
        self.widen = nn.Linear(params.num_embed_target, size)
        self.layers = nn.ModuleList(
            Convolution(params, params.cnn_kernel_width_decoder, causal=True)
            for _ in range(params.num_layers_decoder)
        )
        self.queries = nn.ModuleList(nn.Linear(size, key) for _ in self.layers)
        self.contexts = nn.ModuleList(nn.Linear(key, size) for _ in self.layers)
        self.output = nn.Linear(size, embedding.num_embeddings)

    def start(self, memory: Memory) -> State:
        """Return the state before the first token: no tokens."""
        return [torch.empty(len(memory.mask), 0, dtype=torch.long, device=memory.mask.device)]

    def step(self, tokens: Any, state: State, memory: Memory) -> tuple[Any, State, Any]:
        """Return scores, the state after ``tokens``, (sequences,), and attention."""
        told = torch.cat([state[0], tokens.unsqueeze(1)], dim=1)
        scores, weights = self._all(told, memory)
        return scores[:, -1], [told], weights[:, -1]

    def forward(self, tokens: Any, memory: Memory) -> Any:
        """Return the scores after each of ``tokens``, (sequences, tokens, vocabulary)."""
        return self._all(tokens, memory)[0]

    def _all(self, tokens: Any, memory: Memory) -> tuple[Any, Any]:
        places = self.places(torch.arange(tokens.shape[1], device=tokens.device))
        hidden = self.widen(self.dropout(self.embedding(tokens)) + places)
        beside, weights = ~memory.mask.unsqueeze(1), None
        for layer, query, context in zip(self.layers, self.queries, self.contexts, strict=True):
            hidden = layer(hidden)
            scores = torch.einsum("bth,bsh->bts", query(hidden), memory.vectors)
            weights = torch.softmax(scores.masked_fill(beside, float("-inf")), dim=2)
            hidden = hidden + context(torch.einsum("bts,bsh->bth", weights, memory.vectors))
        return self.output(hidden), weights


def made(params: Seq2SeqParams, embedding: Any, key: int) -> Any:
    """Return the decoder that ``decoder_type`` names; ``key`` is the size of the encoder's vectors."""
    kind = RecurrentDecoder if params.decoder_type == RNN else ConvolutionalDecoder
    return kind(params, embedding, key)
