"""The network of a topic model: counts of words to the weights of topics, and back.

Miao, Grefenstette and Blunsom, "Discovering Discrete Latent Topics with Neural Variational Inference" (2017):
the weights are the softmax of a normal variable. Its mean is normalised over the batch, as in Srivastava and
Sutton, "Autoencoding Variational Inference for Topic Models" (2017), so that no topic falls asleep.
"""

from itertools import pairwise
from typing import Any

import torch
from torch import nn

from clary.algorithms.ntm.params import NTMParams
from clary.toolkit.neural import seeding

_SEED = 11
_ACTIVATIONS = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU}


class Network(nn.Module):
    """Encoder and decoder; ``decoder.weight`` is (features, topics)."""

    def __init__(self, params: NTMParams) -> None:
        super().__init__()
        sizes = (params.feature_dim, *params.layers)
        layers: list[Any] = []
        for before, size in pairwise(sizes):
            layers.append(nn.Linear(before, size))
            if params.batch_norm:
                layers.append(nn.BatchNorm1d(size))
            layers.append(_ACTIVATIONS[params.encoder_layers_activation]())
        self.encoder = nn.Sequential(*layers)
        self.mean = nn.Linear(sizes[-1], params.num_topics)
        self.log_variance = nn.Linear(sizes[-1], params.num_topics)
        self.apart = nn.BatchNorm1d(params.num_topics, affine=False)
        self.decoder = nn.Linear(params.num_topics, params.feature_dim)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)

    def encoded(self, counts: Any) -> tuple[Any, Any]:
        """Return mean and logarithm of the variance, (documents, topics), of documents of any length."""
        length = counts.shape[1] ** 0.5  # so that first weights make sums of about 1
        hidden = self.encoder(length * nn.functional.normalize(counts))
        return self.apart(self.mean(hidden)), self.log_variance(hidden)

    def topic_weights(self, counts: Any) -> Any:
        """Return the weights of topics, (documents, topics), which add up to 1."""
        return torch.softmax(self.encoded(counts)[0], dim=1)

    def losses(self, counts: Any, noise: Any) -> tuple[Any, Any]:
        """Return what is lost of each document a word: what the topics do not tell, and what they cost.

        ``noise`` is drawn from the standard normal distribution, (documents, topics); zeros tell the loss at
        the mean.
        """
        mean, log_variance = self.encoded(counts)
        weights = torch.softmax(mean + noise * torch.exp(log_variance / 2), dim=1)
        logs = torch.log_softmax(self.decoder(weights), dim=1)
        words = counts.sum(dim=1).clamp(min=1)
        divergence = (log_variance.exp() + mean.square() - 1 - log_variance).sum(dim=1) / 2
        return -(counts * logs).sum(dim=1) / words, divergence / words


def built(params: NTMParams) -> Network:
    """Return a network whose first weights are always the same."""
    return seeding.built(lambda: Network(params), _SEED)
