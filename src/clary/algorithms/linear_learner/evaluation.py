"""Measures the chosen model on every channel and logs what the tuner and the metric regexes look for."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clary.algorithms.linear_learner.linear_model import LinearModel
from clary.algorithms.linear_learner.params import MULTICLASS
from clary.algorithms.linear_learner.problem import Problem
from clary.algorithms.linear_learner.scaler import Scaler
from clary.algorithms.linear_learner.scores import scores_of
from clary.toolkit.batch import Floats
from clary.toolkit.host import Host
from clary.toolkit.report import Report
from clary.toolkit.table import Table

Doubles = npt.NDArray[np.float64]

_TRAIN_ROWS = 100_000
"""Training rows that the final training metrics are computed from."""

_ROWS = 1_000_000
"""Rows of any other channel that its metrics are computed from; there memory ends to grow with them."""

_SCORES = 16_000_000
"""The same in scores, of which a multiclass classifier has many a row."""

_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Chosen:
    """The winner: its weights for normalised rows, (features + 1, outputs), and its model for raw ones."""

    weights: Floats
    model: LinearModel


class Evaluation:
    """Measures one model on several tables, which ``scaler`` has normalised."""

    def __init__(self, problem: Problem, scaler: Scaler, chosen: Chosen, host: Host) -> None:
        self._problem, self._scaler, self._chosen, self._host = problem, scaler, chosen, host

    def report(self, tables: Mapping[str, Table], report: Report) -> None:
        """Report the final metrics of each channel; every host takes part."""
        problem, scaler = self._problem, self._scaler
        for split, table in tables.items():
            raw, labels, objective = self._scored(table, _TRAIN_ROWS if split == "train" else _ROWS)
            report.quality(split, f"{problem.loss.objective} <loss>", objective * problem.unit)
            fields = self._chosen.model.fields(
                raw.astype(np.float64) * scaler.label_scale + scaler.label_shift
            )
            predicted = fields.get("predicted_label", fields["score"])
            truth = labels.astype(np.float64) * scaler.label_scale + scaler.label_shift
            for metric, value in scores_of(problem.params, fields["score"], predicted, truth).items():
                report.quality(split, metric, value)
                if split == "test":
                    report.test_score(metric.split(" ")[0], value)

    def _scored(self, table: Table, rows: int) -> tuple[Floats, Floats, float]:
        """Return linear scores and labels of some rows of all hosts, and the mean loss over them."""
        problem, weights, cluster = self._problem, self._chosen.weights, self._host.cluster
        share = min(rows, _SCORES // weights.shape[1]) // cluster.size
        scores, labels, total = [], [], 0.0
        multiclass = problem.params.predictor_type == MULTICLASS
        for examples in table.batches(_BLOCK):
            found = examples.scores(weights)
            scores.append(found)
            labels.append(examples.labels.copy())
            values = problem.loss.values(found[:, None] if multiclass else found, labels[-1][:, None])
            total += float(values.sum())
            share -= len(found)
            if share <= 0:
                break
        everywhere = cluster.gather(np.concatenate(labels))
        loss = cluster.total(total) / len(everywhere)
        return cluster.gather(np.concatenate(scores)), everywhere, loss
