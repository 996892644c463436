"""The network: embeddings of categories that look at each other, then layers over all columns.

Source: Huang et al., "TabTransformer: Tabular Data Modeling Using Contextual Embeddings" (2020).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

_HEADS = 8


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of a network: codes of each categorical column, amounts, outputs, and hyperparameters."""

    sizes: Sequence[int]
    amounts: int
    outputs: int
    input_dim: int
    n_blocks: int
    shared: float = 0.0
    attn_dropout: float = 0.0
    mlp_dropout: float = 0.0


class ColumnEmbedding(nn.Module):
    """Codes to vectors, of which a share is the column's own and the same for all its categories."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        common = int(shape.input_dim * shape.shared)
        starts = [0]
        for size in shape.sizes:
            starts.append(starts[-1] + size)
        self.register_buffer("starts", torch.tensor(starts[:-1]), persistent=False)
        self.own = nn.Embedding(starts[-1], shape.input_dim - common)
        self.common = nn.Parameter(torch.empty(len(shape.sizes), common).uniform_(-1, 1))

    def forward(self, codes: Any) -> Any:
        """Return vectors, (rows, columns, input_dim), of codes, (rows, columns)."""
        own = self.own(codes + self.starts)
        return torch.cat([self.common.expand(len(codes), -1, -1), own], dim=2)


class Network(nn.Module):
    """Codes and amounts in, a number for each class or one for an amount out."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.embedding = ColumnEmbedding(shape) if shape.sizes else None
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(
                shape.input_dim,
                _HEADS,
                4 * shape.input_dim,
                dropout=shape.attn_dropout,
                activation="gelu",
                batch_first=True,
            )
            for _ in range(shape.n_blocks if shape.sizes else 0)
        )
        width = len(shape.sizes) * shape.input_dim + shape.amounts
        self.layers = nn.Sequential(
            nn.Linear(width, 4 * width),
            nn.ReLU(),
            nn.Dropout(shape.mlp_dropout),
            nn.Linear(4 * width, 2 * width),
            nn.ReLU(),
            nn.Dropout(shape.mlp_dropout),
            nn.Linear(2 * width, shape.outputs),
        )

    def forward(self, codes: Any, amounts: Any) -> Any:
        """Return outputs, (rows, outputs)."""
        if self.embedding is None:
            return self.layers(amounts)
        vectors = self.embedding(codes)
        for block in self.blocks:
            vectors = block(vectors)
        return self.layers(torch.cat([vectors.flatten(1), amounts], dim=1))
