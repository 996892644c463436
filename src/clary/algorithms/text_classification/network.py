"""A transformer of one layer beside a bag of words."""

from typing import Any

import torch
from torch import nn

from clary.algorithms.text_classification.vocabulary import LENGTH, PADDING, UNKNOWN

_WIDTH, _HEADS = 64, 4
_HIDDEN = 0.15  # of the words


class Network(nn.Module):
    """Scores classes by what words there are, and by how they stand to each other."""

    def __init__(self, words: int, classes: int, dropout: float) -> None:
        super().__init__()
        self.words = nn.Embedding(words, _WIDTH, PADDING)
        self.places = nn.Embedding(LENGTH, _WIDTH)
        nn.init.normal_(self.words.weight, std=0.1)
        nn.init.normal_(self.places.weight, std=0.02)
        self.attention = nn.MultiheadAttention(_WIDTH, _HEADS, batch_first=True)
        self.norm = nn.LayerNorm(_WIDTH)
        self.forward_layer = nn.Sequential(
            nn.Linear(_WIDTH, 2 * _WIDTH), nn.ReLU(), nn.Linear(2 * _WIDTH, _WIDTH)
        )
        self.dropout = nn.Dropout(dropout)
        self.top = nn.Linear(3 * _WIDTH, classes)

    def forward(self, numbers: Any) -> Any:
        """Return the scores of each class, (texts, classes); ``numbers`` is (texts, words)."""
        absent = numbers == PADDING
        if self.training:  # so that what is said of words that are not known is learnt as well
            hidden = torch.rand(numbers.shape, device=numbers.device) < _HIDDEN
            numbers = torch.where(hidden & ~absent, UNKNOWN, numbers)
        words = self.words(numbers)
        placed = words + self.places.weight[: numbers.shape[1]]
        attended, _ = self.attention(placed, placed, placed, key_padding_mask=absent, need_weights=False)
        seen = placed + attended
        seen = seen + self.forward_layer(self.norm(seen))
        present = (~absent)[:, :, None].float()
        count = present.sum(1)
        bag = (words * present).sum(1) / count
        mean = (seen * present).sum(1) / count
        largest = seen.masked_fill(absent[:, :, None], -torch.inf).max(1).values
        return self.top(self.dropout(torch.cat([bag * count.sqrt(), mean, largest], 1)))
