"""Cross-validation: a model for each fold of the training and validation data together."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from clary.toolkit.batch import Batch
from clary.toolkit.blocks import Blocks
from clary.toolkit.errors import ClientError

if TYPE_CHECKING:
    from clary.algorithms.xgboost.training import Training

PREDICTIONS = "predictions.csv"

Longs = npt.NDArray[np.int64]


def boosted(training: "Training", data: Mapping[str, Blocks], width: int) -> list[Any]:
    """Return a booster for each fold of each repetition; what they predict goes to ``predictions.csv``.

    Raises ClientError where there are fewer rows than folds, or several hosts.
    """
    params, report = training.params, training.report
    if training.host.cluster.size > 1:
        raise ClientError("Cross-validation (_kfold) runs on one instance: set InstanceCount to 1.")
    whole = Blocks()
    for blocks in data.values():
        for block in blocks:
            whole.append(Batch(block.rows, block.labels))
    matrix = training.matrices.of(whole, width)
    labels, count = matrix.get_label(), int(params.folds or 0)
    if len(labels) < count:
        raise ClientError(f"There are {len(labels)} rows for {count} folds: lower _kfold or add data.")
    report.info(f"Run {params.repeats}-round of {count}-fold cross validation with {len(labels)} rows")
    classifies = params.objective.startswith(("binary:", "multi:"))
    found, scores = [], []
    told: list[list[Any]] = [[] for _ in labels]
    for learnt, kept in _splits(labels, count, params.repeats, params.seed, by_class=classifies):
        matrices = {"train": matrix.slice(learnt), "validation": matrix.slice(kept)}
        booster, values = training.boosted(matrices)
        found.append(booster)
        scores.append(values)
        for row, answer in zip(kept.tolist(), booster.predict(matrices["validation"]), strict=True):
            told[row].append(answer)
    means = {name: float(np.mean([values[name] for values in scores])) for name in scores[0]}
    report.evaluation(params.num_round, means)
    if training.host.output is not None:
        _write(training.host.output / PREDICTIONS, labels, np.array(told), classifies=classifies)
    return found


def _splits(
    labels: npt.NDArray[np.float32], count: int, repeats: int, seed: int, *, by_class: bool
) -> Iterator[tuple[Longs, Longs]]:
    """Yield the rows to learn from and those to predict; folds have each class in its share ``by_class``."""
    random = np.random.default_rng(abs(seed))
    for _ in range(repeats):
        order = random.permutation(len(labels))
        if by_class:
            order = order[np.argsort(labels[order], kind="stable")]
        fold = np.empty(len(labels), np.int64)
        fold[order] = np.arange(len(labels)) % count
        for number in range(count):
            yield np.flatnonzero(fold != number), np.flatnonzero(fold == number)


def _write(
    path: Path, labels: npt.NDArray[np.float32], told: npt.NDArray[np.float64], *, classifies: bool
) -> None:
    """Write label and prediction of each row; of a classifier label, probability and predicted class."""
    if not classifies:
        columns = [labels, told.mean(axis=1)]
    elif told.ndim > 2:
        chosen = told.argmax(axis=2)
        columns = [labels, told.max(axis=2).mean(axis=1), _commonest(chosen)]
    else:
        columns = [labels, told.mean(axis=1), _commonest((told > 0.5).astype(np.int64))]
    np.savetxt(path, np.column_stack(columns), delimiter=",", fmt="%f")


def _commonest(chosen: Longs) -> Longs:
    """Return of each row, (rows, repetitions), the value that stands there most often."""
    return np.array([np.bincount(row).argmax() for row in chosen])
