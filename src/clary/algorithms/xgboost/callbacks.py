"""What happens between two rounds of boosting: the log's line, a checkpoint, the word to stop."""

import time
from pathlib import Path
from typing import Any

import numpy as np
from xgboost import collective
from xgboost.callback import TrainingCallback

from clary.toolkit.report import Report

PREFIX = "xgboost-checkpoint"

_KEPT = 5
_SHARE = 20  # a checkpoint may cost one part in so many of the time


class Evaluation(TrainingCallback):
    """Writes the metrics of each round, numbered from ``first``."""

    def __init__(self, report: Report, first: int) -> None:
        self._report, self._first = report, first
        self.values: dict[str, float] = {}
        """The metrics of the last round by ``<split>-<metric>``."""

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        """Write a line."""
        del model
        self.values = {
            f"{split}-{metric}": float(history[-1])
            for split, metrics in evals_log.items()
            for metric, history in metrics.items()
        }
        self._report.evaluation(self._first + epoch, self.values)
        return False


class Checkpointing(TrainingCallback):
    """Keeps the trees so far as ``xgboost-checkpoint.<round>`` in ``folder``, the last five of them.

    The first round is kept and the last; between them as many as cost little beside the training.
    """

    def __init__(self, folder: Path, first: int, rounds: int, report: Report) -> None:
        self._folder, self._first, self._last, self._report = folder, first, rounds - 1, report
        self._due = 0.0

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        """Keep a checkpoint if it is time for one."""
        del evals_log
        number, began = self._first + epoch, time.monotonic()
        if began >= self._due or number == self._last or self._report.stopping:
            write(self._folder, number, bytes(model.save_raw("ubj")))
            ended = time.monotonic()
            self._due = ended + _SHARE * (ended - began)
        return False


class Stopping(TrainingCallback):
    """Ends the training on all hosts when one of them is asked to stop."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.stopped = False

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        """Tell whether to end."""
        del model, epoch, evals_log
        asked = self._report.stopping
        if collective.is_distributed():
            asked = bool(collective.allreduce(np.array([asked], np.int32), collective.Op.MAX)[0])
        self.stopped = self.stopped or asked
        return asked


def write(folder: Path, number: int, content: bytes) -> None:
    """Keep a checkpoint and remove those that are too old; a reader sees all of it or nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{PREFIX}.{number}"
    fresh.write_bytes(content)
    fresh.replace(folder / f"{PREFIX}.{number}")
    for path in _found(folder)[:-_KEPT]:
        path.unlink()


def latest(folder: Path | None) -> tuple[bytes, int]:
    """Return the highest checkpoint in ``folder`` and how many rounds it has: nothing and 0 without."""
    found = _found(folder) if folder is not None else []
    return (found[-1].read_bytes(), int(found[-1].suffix[1:]) + 1) if found else (b"", 0)


def _found(folder: Path) -> list[Path]:
    numbered = [path for path in folder.glob(f"{PREFIX}.*") if path.suffix[1:].isdecimal()]
    return sorted(numbered, key=lambda path: int(path.suffix[1:]))
