"""Training of the two encoders and what compares them, until the loss no longer falls."""

import time
from typing import Any

import numpy as np
import torch
from torch import nn

from clary.algorithms.object2vec.network import Network
from clary.algorithms.object2vec.pairs import Longs, Pairs
from clary.algorithms.object2vec.params import SOFTMAX, Object2VecParams
from clary.toolkit.batch import Floats
from clary.toolkit.errors import StoppedError
from clary.toolkit.neural import seeding, weights
from clary.toolkit.neural.optimizers import OptimizerSettings, optimizer
from clary.toolkit.neural.patience import Patience
from clary.toolkit.report import Report

_SEED = 5


class Trainer:
    """Learns the weights of ``network``."""

    def __init__(self, network: Network, params: Object2VecParams, report: Report) -> None:
        self._network, self._params, self._report = network, params, report
        self._classifies = params.output_layer == SOFTMAX
        self._device = next(network.parameters()).device
        learnt = (value for value in network.parameters() if value.requires_grad)
        settings = OptimizerSettings(params.learning_rate, params.weight_decay)
        self._optimizer = optimizer(params.optimizer, learnt, settings)
        self._random = np.random.default_rng(_SEED)

    def fit(self, train: Pairs, validation: Pairs | None) -> None:
        """Go over the pairs until nothing improves; the weights of least loss are kept.

        Raises StoppedError when the job is asked to stop within the first epoch.
        """
        seeding.fix(_SEED)
        params, report = self._params, self._report
        patience = Patience(params.early_stopping_patience, tolerance=params.early_stopping_tolerance)
        best, least = weights.arrays(self._network), np.inf
        for epoch in range(params.epochs):
            began = time.monotonic()
            watched = self._epoch(train)
            if report.stopping:
                if epoch == 0:
                    raise StoppedError
                break
            self._tell("train", watched, epoch)
            if validation is not None:
                watched = self.evaluated(validation)
                self._tell("validation", watched, epoch)
            report.throughput(len(train) / max(time.monotonic() - began, 1e-9))
            report.progress(100 * (epoch + 1) // params.epochs)
            if watched[0] < least:
                best, least = weights.arrays(self._network), watched[0]
            if patience.is_over(watched[0]):
                report.info(f"The loss has not improved for {patience.stale} epochs")
                break
        weights.restore(self._network, best)

    def evaluated(self, pairs: Pairs) -> tuple[float, float]:
        """Return the mean loss of pairs, and the share told right, which is 0 of numbers."""
        self._network.eval()
        sums = np.zeros(3)
        with torch.no_grad():
            for chosen in pairs.batches(self._params.mini_batch_size, 0, None):
                scores = self._network(*self._tensors(pairs, chosen))
                sums += self._judged(scores, pairs.labels[chosen])[1]
        return float(sums[0] / sums[2]), float(sums[1] / sums[2])

    def tell_test(self, found: tuple[float, float]) -> None:
        """Report what ``evaluated`` found of the test channel."""
        self._tell("test", found, None)

    def _epoch(self, pairs: Pairs) -> tuple[float, float]:
        self._network.train()
        sums = np.zeros(3)
        for chosen in pairs.batches(self._params.mini_batch_size, self._params.bucket_width, self._random):
            if self._report.stopping:
                break
            first, second = self._tensors(pairs, chosen)
            scores, labels = self._network(first, second), pairs.labels[chosen]
            if self._params.negative_sampling_rate:
                others = self._made_up(pairs, chosen)
                times = self._params.negative_sampling_rate
                scores = torch.cat([scores, self._network(first.repeat(times, 1), others)])
                labels = np.concatenate([labels, np.zeros(len(others), np.float32)])
            loss, part = self._judged(scores, labels)
            self._optimizer.zero_grad()
            loss.backward()
            self._optimizer.step()
            sums += part
        return float(sums[0] / max(sums[2], 1)), float(sums[1] / max(sums[2], 1))

    def _made_up(self, pairs: Pairs, chosen: Longs) -> Any:
        """Return second sequences of any pairs, for each first one as many as asked for."""
        others = self._random.integers(0, len(pairs), len(chosen) * self._params.negative_sampling_rate)
        return self._side(pairs, others, 1)

    def _judged(self, scores: Any, labels: Floats) -> tuple[Any, Floats]:
        """Return the loss, and sums of losses, of what was told right, and of pairs."""
        wanted = torch.from_numpy(labels).to(self._device)
        if self._classifies:
            loss = nn.functional.cross_entropy(scores, wanted.long())
            right = float((scores.argmax(dim=1) == wanted).sum())
        else:
            loss, right = nn.functional.mse_loss(scores[:, 0], wanted), 0.0
        return loss, np.array([float(loss.detach()) * len(labels), right, len(labels)], np.float32)

    def _tensors(self, pairs: Pairs, chosen: Longs) -> tuple[Any, Any]:
        return self._side(pairs, chosen, 0), self._side(pairs, chosen, 1)

    def _side(self, pairs: Pairs, chosen: Longs, side: int) -> Any:
        filler = (self._network.enc0, self._network.enc1)[side].filler
        return torch.from_numpy(pairs.sides[side].padded(chosen, filler)).to(self._device)

    def _tell(self, split: str, found: tuple[float, float], epoch: int | None) -> None:
        loss, accuracy = found
        if self._classifies:
            self._report.quality(split, "cross_entropy <loss>", loss, epoch=epoch)
            self._report.quality(split, "accuracy <score>", accuracy, epoch=epoch)
        else:
            self._report.quality(split, "mean_squared_error <loss>", loss, epoch=epoch)
