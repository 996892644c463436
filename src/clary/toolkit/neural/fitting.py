"""The epochs of a network: steps averaged over hosts, the best weights kept, checkpoints, early stopping."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from clary.toolkit.host import Host
from clary.toolkit.neural import averaging, progress, seeding, weights
from clary.toolkit.neural.optimizers import OptimizerSettings, optimizer, set_learning_rate
from clary.toolkit.neural.patience import Patience
from clary.toolkit.neural.schedule import Schedule, constant
from clary.toolkit.report import Report

_SEED = 37
_BEST = "best/"

Loss = Callable[[Any], tuple[Any, int]]
"""From a batch to the mean loss of its rows, with its gradient, and how many rows these are."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a network is to be fitted.

    ``every`` is after how many epochs there is a checkpoint, None for those that improve.
    """

    epochs: int
    optimizer: str
    settings: OptimizerSettings
    schedule: Schedule = constant
    patience: Patience = field(default_factory=lambda: Patience(2**31, maximize=True))
    every: int | None = None


@dataclass(frozen=True, slots=True)
class Epoch:
    """What an epoch of training was: its number from 0, the mean loss, the rows of all hosts, seconds."""

    number: int
    loss: float
    rows: int
    seconds: float


class Fitting:
    """Takes a network through the epochs of a plan on the hosts of a job."""

    def __init__(self, network: Any, plan: Plan, host: Host, report: Report) -> None:
        self._network, self._plan, self._host, self._report = network, plan, host, report
        self._learnt = [value for value in network.parameters() if value.requires_grad]
        self._optimizer = optimizer(plan.optimizer, self._learnt, plan.settings)
        self._best: dict[str, npt.NDArray[Any]] = {}
        self.best_epoch = 0
        """The epoch whose weights are kept."""

    def run(
        self,
        batches: Callable[[int], Iterable[Any]],
        loss: Loss,
        judge: Callable[[Epoch], float],
    ) -> None:
        """Train, and leave the best weights in the network.

        ``batches`` are this host's of an epoch, the numbers of their rows mostly; ``judge`` tells how good
        the network is after one, more being better; all hosts must come to the same judgement.
        """
        cluster = self._host.cluster
        averaging.share(self._network, cluster)
        first, over = self._resumed()
        for number in range(first, self._plan.epochs):
            if over:
                break
            epoch = self._train(number, list(batches(number)), loss)
            averaging.average_buffers(self._network, cluster)
            over = self._judged(number, judge(epoch))
            over = cluster.total(float(self._report.stopping)) > 0 or over
        if self._best:
            weights.restore(self._network, self._best)

    def _train(self, number: int, batches: Sequence[Any], loss: Loss) -> Epoch:
        cluster, began = self._host.cluster, time.monotonic()
        seeding.fix(_SEED + 1000 * number + cluster.rank)
        self._network.train()
        total, rows, every, step = 0.0, 0, 0, 0
        while True:
            ends = step >= len(batches) or (self._report.stopping and cluster.size == 1 and rows > 0)
            batch = None if ends else batches[step]
            self._optimizer.zero_grad()
            count = 0
            if batch is not None:
                mean, count = loss(batch)
                mean.backward()
                total, rows = total + float(mean.detach()) * count, rows + count
            merged = int(averaging.average_gradients(self._network, cluster, count))
            if not merged:
                break
            every += merged
            factor = self._plan.schedule(number + min(step / max(len(batches), 1), 1.0))
            set_learning_rate(self._optimizer, self._plan.settings.learning_rate * factor)
            self._optimizer.step()
            step += 1
        sums = cluster.merge(np.array([total, rows], np.float64))
        return Epoch(number, float(sums[0] / max(sums[1], 1)), every, max(time.monotonic() - began, 1e-9))

    def _judged(self, number: int, score: float) -> bool:
        """Keep the weights if they are the best; tell whether this was the last epoch."""
        patience, plan = self._plan.patience, self._plan
        better = patience.is_better(score) or not self._best
        if better:
            self._best, self.best_epoch = weights.arrays(self._network), number
        over = patience.is_over(score)
        due = better if plan.every is None else (number + 1) % plan.every == 0
        if due and self._host.checkpoints and self._host.cluster.leads:
            about = {
                "best": patience.best, "stale": patience.stale, "over": over, "best_epoch": self.best_epoch,
            }  # fmt: skip
            best = {_BEST + name: value for name, value in self._best.items()}
            self._host.checkpoints.save(
                number + 1, about, {**progress.state(self._network, self._optimizer), **best}
            )
        return over

    def _resumed(self) -> tuple[int, bool]:
        """Go on from the last checkpoint; return the epoch to go on with, and whether all was done."""
        found = self._host.checkpoints.latest() if self._host.checkpoints else None
        if self._host.cluster.total(float(found is not None)) < self._host.cluster.size or found is None:
            return 0, False
        state = {name: value for name, value in found.arrays.items() if not name.startswith(_BEST)}
        progress.resume(self._network, self._optimizer, state)
        self._best = {
            name.removeprefix(_BEST): value for name, value in found.arrays.items() if name.startswith(_BEST)
        }
        self.best_epoch = int(found.about["best_epoch"])
        self._plan.patience.resume(float(found.about["best"]), int(found.about["stale"]), found.number)
        self._report.info(f"Resuming from the checkpoint of epoch {found.number}")
        return found.number, bool(found.about["over"])


def shuffled(count: int, size: int, epoch: int, host: Host) -> Iterator[npt.NDArray[np.int64]]:
    """Yield the numbers below ``count`` in another order every epoch, ``size`` at a time over all hosts.

    A single one that is left goes with those before it: batch normalisation cannot do with one.
    """
    order = np.random.default_rng((_SEED, epoch, host.cluster.rank)).permutation(count)
    share = max(1, -(-size // host.cluster.size))
    ends = [*range(share, count - 1 if share > 1 else count, share), count]
    for start, end in zip([0, *ends], ends, strict=False):
        if end > start:
            yield order[start:end]
