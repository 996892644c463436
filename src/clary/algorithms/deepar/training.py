"""How the network of DeepAR is learnt: steps on windows drawn anywhere, until patience ends."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from clary.algorithms.deepar.network import Network
from clary.algorithms.deepar.params import DeepARParams
from clary.algorithms.deepar.windows import Window, Windows
from clary.toolkit.checkpoints import Checkpoint
from clary.toolkit.host import Host
from clary.toolkit.neural import averaging, progress, seeding, weights
from clary.toolkit.neural.optimizers import OptimizerSettings, optimizer
from clary.toolkit.neural.patience import Patience
from clary.toolkit.report import Report, is_worth_a_line

_SEED = 29
_LARGEST_GRADIENT = 10.0
_PER_SERIES = 4  # windows of an epoch
_LEAST_BATCHES = 10
_TOLD = 5  # batches between two lines
_BEST = "best/"


def built(params: DeepARParams, shape: Any) -> Network:
    """Return the network before it has learnt anything, always the same."""
    return seeding.built(lambda: Network(params, shape), _SEED)


def loss(network: Network, window: Window, device: Any) -> tuple[Any, float]:
    """Return the sum of the losses at all points that were observed, and how many these are."""
    inputs, target, observed, scale = (
        torch.from_numpy(values).to(device)
        for values in (window.inputs, window.target, window.observed, window.scale)
    )
    said, _ = network(inputs, torch.from_numpy(window.categories).to(device))
    return (network.likelihood.loss(said, target, scale) * observed).sum(), float(window.observed.sum())


@dataclass(slots=True)
class Epoch:
    """What an epoch has come to."""

    loss: float = 0.0
    points: float = 0.0

    @property
    def mean(self) -> float:
        """The loss of a point."""
        return self.loss / max(self.points, 1.0)


class Trainer:
    """Takes a network through its epochs; all hosts take the same steps, each on windows of its own."""

    def __init__(self, network: Network, params: DeepARParams, host: Host, report: Report) -> None:
        self._network, self._params, self._host, self._report = network, params, host, report
        self._device = next(network.parameters()).device
        self._optimizer = optimizer("adam", network.parameters(), OptimizerSettings(params.learning_rate))
        self._patience = Patience(params.early_stopping_patience or params.epochs)
        self._best = weights.arrays(network)
        self._best_epoch = 0
        averaging.share(network, host.cluster)

    def fit(self, windows: Windows) -> None:
        """Train to the end of epochs, patience or job; leave the best weights in the network."""
        cluster, size = self._host.cluster, self._params.mini_batch_size
        series = cluster.total(len(windows.lengths))
        batches = max(_LEAST_BATCHES, int(-(-_PER_SERIES * series // size)))
        first, over = self._resumed()
        for epoch in range(first, self._params.epochs):
            if over:
                break
            began = time.monotonic()
            done = self.run(epoch, batches, windows)
            over = self._end(epoch, done.mean)
            self._tell(epoch, done.mean, batches * size / max(time.monotonic() - began, 1e-9), over=over)
            over = cluster.total(float(self._report.stopping)) > 0 or over
        weights.restore(self._network, self._best)
        self._report.info(f"Final loss: {self._patience.best} (occurred at epoch {self._best_epoch})")
        self._report.quality("train", "final_loss <loss>", self._patience.best)

    def run(self, epoch: int, batches: int, windows: Windows) -> Epoch:
        """Take the steps of an epoch; one host that is asked to stop breaks off."""
        cluster = self._host.cluster
        count = -(-self._params.mini_batch_size // cluster.size)
        random = np.random.default_rng((_SEED, epoch, cluster.rank))
        seeding.fix(_SEED + epoch)
        self._network.train()
        done = Epoch()
        for batch in range(batches):
            self._step(windows.draw(count, random), done)
            if batch % _TOLD == 0 and is_worth_a_line(epoch):
                self._report.info(f"Epoch[{epoch}] Batch[{batch}] avg_epoch_loss={done.mean:.6f}")
                self._report.quality("train", "loss <loss>", done.mean, epoch=epoch, batch=batch)
            if self._report.stopping and cluster.size == 1:
                break
        return Epoch(cluster.total(done.loss), cluster.total(done.points))

    def _step(self, window: Window, done: Epoch) -> None:
        self._optimizer.zero_grad()
        total, points = loss(self._network, window, self._device)
        (total / max(points, 1.0)).backward()
        averaging.average_gradients(self._network, self._host.cluster, points)
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), _LARGEST_GRADIENT)
        self._optimizer.step()
        done.loss += float(total.detach())
        done.points += points

    def _end(self, epoch: int, mean: float) -> bool:
        """Note how good the epoch was; tell whether it was the last."""
        if self._patience.is_better(mean):
            self._best, self._best_epoch = weights.arrays(self._network), epoch
        over = self._patience.is_over(mean)
        if self._host.checkpoints and self._host.cluster.leads:
            kept = {_BEST + name: value for name, value in self._best.items()}
            about = {
                "losses": [self._patience.best, mean],
                "best_epoch": self._best_epoch,
                "stale": self._patience.stale,
                "over": over,
            }
            self._host.checkpoints.save(
                epoch + 1, about, {**progress.state(self._network, self._optimizer), **kept}
            )
        return over

    def _resumed(self) -> tuple[int, bool]:
        """Go on from the last checkpoint; return the epoch to go on with, and whether all was done."""
        found = self._host.checkpoints.latest() if self._host.checkpoints else None
        cluster = self._host.cluster
        everywhere = cluster.total(float(found is not None)) == cluster.size
        if found is None or not everywhere:
            return 0, False
        return found.number, self._restore(found)

    def _restore(self, found: Checkpoint) -> bool:
        progress.resume(
            self._network,
            self._optimizer,
            {name: value for name, value in found.arrays.items() if not name.startswith(_BEST)},
        )
        self._best = {
            name.removeprefix(_BEST): value for name, value in found.arrays.items() if name.startswith(_BEST)
        }
        self._best_epoch = int(found.about["best_epoch"])
        self._patience.resume(float(found.about["losses"][0]), int(found.about["stale"]), found.number)
        self._report.info(f"Resuming from the checkpoint of epoch {found.number}")
        return bool(found.about["over"])

    def _tell(self, epoch: int, mean: float, speed: float, *, over: bool) -> None:
        last = over or epoch + 1 == self._params.epochs
        if not (last or is_worth_a_line(epoch)):
            return
        self._report.info(f"Epoch[{epoch}] avg_epoch_loss={mean:.6f}")
        self._report.quality("train", "loss <loss>", mean, epoch=epoch)
        self._report.progress(100 * (epoch + 1) // self._params.epochs)
        self._report.throughput(speed)
