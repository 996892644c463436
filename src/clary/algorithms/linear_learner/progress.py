"""How far training has come: the log of each epoch, its end, and the checkpoints."""

import json
from dataclasses import asdict

import numpy as np

from clary.algorithms.linear_learner.optimizers import Optimizer
from clary.algorithms.linear_learner.pack import Pack
from clary.algorithms.linear_learner.params import LinearLearnerParams
from clary.algorithms.linear_learner.problem import Problem
from clary.toolkit.batch import Floats
from clary.toolkit.checkpoints import Checkpoint
from clary.toolkit.host import Host
from clary.toolkit.report import Report, is_worth_a_line


class Patience:
    """Counts the epochs in which the best loss did not improve by the tolerance."""

    def __init__(self, params: LinearLearnerParams) -> None:
        self._params = params
        self.best = np.inf
        self.stale = 0

    def is_over(self, loss: float) -> bool:
        """Note the best loss of all models after an epoch."""
        improved = not np.isfinite(self.best) or (self.best - loss) > (
            self._params.early_stopping_tolerance * abs(self.best)
        )
        self.best = min(self.best, loss)
        self.stale = 0 if improved else self.stale + 1
        return self.stale >= self._params.early_stopping_patience


class Progress:
    """Tells of the epochs of one job and keeps them, so that it can go on after an interruption."""

    def __init__(
        self,
        problem: Problem,
        pack: Pack,
        training: tuple[Optimizer, Patience],
        host: Host,
        report: Report,
    ) -> None:
        self._problem, self._pack, self._report = problem, pack, report
        self._optimizer, self._patience = training
        self._host = host

    def due(self, epoch: int, *, last: bool) -> bool:
        """Tell whether to log an epoch: all of the first thousand, then fewer and fewer, and the last."""
        return last or is_worth_a_line(epoch)

    def tell(
        self, epoch: int, span: tuple[float, float], losses: tuple[Floats, Floats], rows: int, *, last: bool
    ) -> None:
        """Log an epoch of ``rows`` rows, given the losses of each model in training and when watched."""
        if not self.due(epoch, last=last):
            return
        training, watched = (loss.astype(np.float64) * self._problem.unit for loss in losses)
        report, objective = self._report, self._problem.loss.objective
        values = [{f"train_{objective}": float(loss)} for loss in training]
        report.packed_metrics(span, {"Algorithm": "Linear Learner", "epoch": epoch}, values)
        report.quality("train", f"{objective} <loss>", float(training.min()), epoch=epoch)
        report.early_stopping(epoch, objective, float(watched.min()))
        report.progress(100 * (epoch + 1) // self._problem.params.epochs)
        report.throughput(rows / max(span[1] - span[0], 1e-9))

    def save(self, epochs: int) -> None:
        """Keep the state after so many epochs; it is the same on all hosts, so the first keeps it."""
        checkpoints = self._host.checkpoints
        if checkpoints is None or not self._host.cluster.leads:
            return
        about = {
            "settings": self._settings(),
            "steps": self._optimizer.steps,
            "best": self._patience.best,
            "stale": self._patience.stale,
        }
        checkpoints.save(epochs, about, self._state())

    def resumed(self) -> int:
        """Take up the latest checkpoint of the same job; returns how many epochs are done."""
        cluster, found = self._host.cluster, self._found() if self._host.cluster.leads else None
        epochs = int(cluster.total(found.number if found else 0))
        if not epochs:
            return 0
        for name, array in self._state().items():
            # The other hosts add nothing to what the first has.
            array[:] = cluster.merge(found.arrays[name] if found else np.zeros_like(array))
        about = found.about if found else {}
        self._optimizer.steps = int(cluster.total(about.get("steps", 0)))
        self._patience.best = cluster.total(about.get("best", 0))
        self._patience.stale = int(cluster.total(about.get("stale", 0)))
        self._report.info(f"Resumed from the checkpoint after epoch {epochs - 1}")
        return epochs

    def _found(self) -> Checkpoint | None:
        """Return the latest checkpoint if it is one of this very job."""
        found = None if self._host.checkpoints is None else self._host.checkpoints.latest()
        if found is None:
            return None
        shape = getattr(found.arrays.get("weights"), "shape", None)
        if found.about.get("settings") == self._settings() and shape == self._pack.weights.shape:
            return found
        self._report.info("The checkpoint is of other hyperparameters or data: training starts anew")
        return None

    def _state(self) -> dict[str, Floats]:
        """Return the arrays that make up the state, by name."""
        pack = self._pack
        arrays = {"weights": pack.weights, "best": pack.best, "best_loss": pack.best_loss, "tail": pack.tail}
        return arrays | {f"moment_{number}": each for number, each in enumerate(self._optimizer.moments)}

    def _settings(self) -> str:
        """Return what must be the same for a checkpoint to be gone on from."""
        variants = [asdict(variant) for variant in self._problem.variants]
        return json.dumps([self._problem.params.values(), variants], default=str)
