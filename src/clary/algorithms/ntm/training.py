"""Training of a topic model: steps along the mean gradient of all hosts, until the loss no longer falls."""

import time
from collections.abc import Iterator
from itertools import chain, islice, repeat
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from clary.algorithms.ntm.network import Network
from clary.algorithms.ntm.params import NTMParams
from clary.toolkit.errors import StoppedError
from clary.toolkit.examples import DenseExamples, Examples, SparseExamples
from clary.toolkit.host import Host
from clary.toolkit.neural import averaging, weights
from clary.toolkit.neural.optimizers import OptimizerSettings, optimizer
from clary.toolkit.neural.patience import Patience
from clary.toolkit.report import Report
from clary.toolkit.table import Table

Doubles = npt.NDArray[np.float64]

_SEED = 5
_MXNET = {"rho": 0.9, "epsilon": 1e-5}  # AdaDelta's settings where SageMaker's NTM comes from


class Trainer:
    """Learns the weights of ``network`` from the documents of all hosts."""

    def __init__(self, network: Network, params: NTMParams, report: Report, host: Host) -> None:
        self._network, self._params, self._report, self._cluster = network, params, report, host.cluster
        self._device = next(network.parameters()).device
        self._batch = max(params.mini_batch_size // self._cluster.size, 1)
        self._random = np.random.default_rng((_SEED, self._cluster.rank))
        self._noise = torch.Generator().manual_seed(_SEED + self._cluster.rank)
        settings = OptimizerSettings(params.learning_rate, params.weight_decay, momentum=0.0)
        if params.optimizer == "adadelta":  # which finds its own step size, and has none in MXNet
            settings = OptimizerSettings(1.0, params.weight_decay, **_MXNET)
        self._optimizer = optimizer(params.optimizer, network.parameters(), settings)

    def fit(self, train: Table, validation: Table | None) -> None:
        """Go over the documents until nothing improves; the weights of least loss are kept.

        Raises StoppedError when the job is asked to stop within the first epoch.
        """
        patience = Patience(self._params.num_patience_epochs, tolerance=self._params.tolerance)
        averaging.share(self._network, self._cluster)
        best, least = weights.arrays(self._network), np.inf
        for epoch in range(self._params.epochs):
            began = time.monotonic()
            trained = self._epoch(train)
            rows = self._cluster.total(float(len(train)))
            if self._cluster.total(float(self._report.stopping)):
                if epoch == 0:
                    raise StoppedError
                break
            self._tell("train", trained, epoch)
            watched = trained
            if validation is not None:
                watched = self.evaluated(validation)
                self._tell("validation", watched, epoch)
            self._report.throughput(rows / max(time.monotonic() - began, 1e-9))
            self._report.progress(100 * (epoch + 1) // self._params.epochs)
            if watched.sum() < least:
                best, least = weights.arrays(self._network), watched.sum()
            if patience.is_over(float(watched.sum())):
                self._report.info(f"The loss has not improved for {patience.stale} epochs")
                break
        weights.restore(self._network, best)

    def evaluated(self, table: Table) -> Doubles:
        """Return the mean losses of the documents of all hosts: reconstruction and divergence."""
        self._network.eval()
        sums = np.zeros(3)
        with torch.no_grad():
            for examples in table.batches(self._batch):
                counts = self._tensor(examples)
                noise = torch.zeros(len(counts), self._params.num_topics, device=self._device)
                sums += self._sums(self._network.losses(counts, noise))
        merged = self._cluster.merge(sums)
        return np.asarray(merged[:2] / max(merged[2], 1))

    def _epoch(self, table: Table) -> Doubles:
        """Take the steps of one epoch, as many as the host with the most documents has."""
        self._network.train()
        steps = self._cluster.largest(table.steps(self._batch))
        padded = chain(self._sampled(table), repeat(None))
        sums = np.zeros(3)
        for counts in islice(padded, steps):
            sums += self._step(counts)
        averaging.average_buffers(self._network, self._cluster)
        merged = self._cluster.merge(sums)
        return np.asarray(merged[:2] / max(merged[2], 1))

    def _sampled(self, table: Table) -> Iterator[Any]:
        for examples in table.batches(self._batch, self._random):
            if self._report.stopping:
                return
            counts = self._tensor(examples)
            yield counts[: max(round(self._params.sub_sample * len(counts)), 1)]

    def _step(self, counts: Any) -> Doubles:
        """Move the weights; None as ``counts`` is a host's that has no documents left.

        The loss moved along is that of whole documents, of which long ones tell more.
        """
        self._optimizer.zero_grad()
        sums: Doubles = np.zeros(3)
        rows = 0
        if counts is not None and (rows := len(counts)) > 1:  # one alone has no spread
            noise = torch.randn(rows, self._params.num_topics, generator=self._noise).to(self._device)
            losses = self._network.losses(counts, noise)
            ((losses[0] + losses[1]) * counts.sum(dim=1)).mean().backward()
            sums = self._sums(losses)
        averaging.average_gradients(self._network, self._cluster, rows)
        gradients = [value.grad for value in self._network.parameters() if value.grad is not None]
        for gradient in gradients:
            gradient.mul_(self._params.rescale_gradient)
        torch.nn.utils.clip_grad_value_(self._network.parameters(), float(self._params.clip_gradient))
        if gradients:
            self._optimizer.step()
        return np.asarray(sums)

    def _tensor(self, examples: Examples) -> Any:
        """Return the counts of words, without the one behind them."""
        assert isinstance(examples, DenseExamples | SparseExamples)  # noqa: S101 - there are no others
        rows = examples.rows.dense() if isinstance(examples, SparseExamples) else examples.rows
        table = rows[:, :-1]
        return torch.from_numpy(np.array(table, np.float32)).to(self._device)

    def _sums(self, losses: tuple[Any, Any]) -> Doubles:
        values = [float(loss.detach().sum()) for loss in losses]
        return np.array([*values, len(losses[0])])

    def _tell(self, split: str, losses: Doubles, epoch: int) -> None:
        reconstruction, divergence = map(float, losses)
        total = reconstruction + divergence
        self._report.info(f"{split}: total {total:.4f}, recons {reconstruction:.4f}, kld {divergence:.4f}")
        self._report.quality(split, "total_loss <loss>", total, epoch=epoch)
