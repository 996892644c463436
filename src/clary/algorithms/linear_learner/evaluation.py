"""Measures the chosen model on every channel and logs what the tuner and the metric regexes look for."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from clary.algorithms.linear_learner.linear_model import LinearModel
from clary.algorithms.linear_learner.params import MULTICLASS
from clary.algorithms.linear_learner.scaler import Scaler
from clary.algorithms.linear_learner.scores import scores_of
from clary.algorithms.linear_learner.trainer import Problem
from clary.toolkit.batch import Floats
from clary.toolkit.report import Report
from clary.toolkit.spool import Table

_TRAIN_ROWS = 100_000
"""Training rows that the final training metrics are computed from."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The winner: its weights for normalised rows, (features + 1, outputs), and its model for raw ones."""

    weights: Floats
    model: LinearModel


def evaluate(
    problem: Problem, scaler: Scaler, chosen: Chosen, tables: Mapping[str, Table], report: Report
) -> None:
    """Report the final metrics of each channel; ``tables`` are normalised by ``scaler``."""
    params, loss = problem.params, problem.loss
    for split, table in tables.items():
        rows = _TRAIN_ROWS if split == "train" else len(table)
        features, labels = table.features[:rows], table.labels[:rows]
        raw = features @ chosen.weights
        objective = loss.values(raw[:, None] if params.predictor_type == MULTICLASS else raw, labels[:, None])
        report.quality(split, f"{loss.objective} <loss>", float(objective.mean()) * problem.unit)
        fields = chosen.model.fields(raw.astype(np.float64) * scaler.label_scale + scaler.label_shift)
        predicted = fields.get("predicted_label", fields["score"])
        truth = labels.astype(np.float64) * scaler.label_scale + scaler.label_shift
        for metric, value in scores_of(params, fields["score"], predicted, truth).items():
            report.quality(split, metric, value)
            if split == "test":
                report.test_score(metric.split(" ")[0], value)
