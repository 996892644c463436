"""A classic learner: an estimator of scikit-learn behind the contract of the built-in algorithms.

A new one is a file with its hyperparameters and ``estimator``, which makes what scikit-learn calls so.
"""

import time
import warnings
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar

import numpy as np

from clary.algorithms.scikit_learn.rows import Rows, of_batch
from clary.algorithms.scikit_learn.scores import METRICS, scores
from clary.toolkit import extra, media_type
from clary.toolkit.algorithm import RUNNING, ChannelRule
from clary.toolkit.batch import Batch
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError, StoppedError
from clary.toolkit.host import Host
from clary.toolkit.hyperparameters import Hyperparameters
from clary.toolkit.predictions import Predictions
from clary.toolkit.report import Report
from clary.toolkit.stream import Stream
from clary.toolkit.tabular import Tabular

FILE = "model.joblib"

P = TypeVar("P", bound=Hyperparameters)


class Classic(Tabular[P]):
    """Learns from all rows at once, in memory, on one host.

    ``missing`` says that features may be missing, ``dense`` that the estimator takes no sparse rows.
    """

    channels = (
        ChannelRule("train", "Labelled rows to learn from; of CSV the first column is the label.", True),
        ChannelRule("validation", "Labelled rows that the predictions are measured on."),
    )
    needs = ("sklearn",)
    metrics = (*METRICS, *RUNNING)
    accepts = (
        media_type.CSV,
        media_type.RECORDIO,
        media_type.PARQUET,
        media_type.LIBSVM,
        media_type.JSON_LINES,
        media_type.NPY,
    )
    requests = (
        media_type.CSV,
        media_type.JSON,
        media_type.JSON_LINES,
        media_type.RECORDIO,
        media_type.LIBSVM,
        media_type.NPY,
    )
    responses = (
        media_type.JSON,
        media_type.JSON_LINES,
        media_type.CSV,
        media_type.RECORDIO,
        media_type.NPY,
    )
    missing: ClassVar[bool] = False
    dense: ClassVar[bool] = False

    def __init__(self) -> None:
        self.model: Any = None
        """The fitted estimator."""

    @classmethod
    @abstractmethod
    def estimator(cls, params: P) -> Any:
        """Return what ``params`` ask for, not yet fitted."""

    def train(self, params: P, channels: Mapping[str, Channel], report: Report, host: Host) -> None:
        """Fit the estimator and measure it; raises ClientError for data that it refuses."""
        stream = Stream(self.accepts, None, host, missing=self.missing)
        splits = {name: Rows.of(stream, channel, dense=self.dense) for name, channel in channels.items()}
        if report.stopping:
            raise StoppedError
        estimator = self.estimator(params)
        began = time.monotonic()
        self.model = _fitted(estimator, splits["train"], report)
        report.throughput(len(splits["train"].labels) / max(time.monotonic() - began, 1e-9))
        report.progress(100)
        for split, rows in splits.items():
            for metric, value in scores(self.model, rows).items():
                report.quality(split, metric, value)

    def save(self, folder: Path) -> None:
        """Write the estimator as joblib does, for ``joblib.load`` anywhere."""
        extra.load("joblib", "sklearn").dump(self.model, folder / FILE)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model that ``save`` wrote into ``folder``; what joblib loads may run code of its own."""
        if not (folder / FILE).is_file():
            raise ClientError(f"There is no {FILE} in {folder}: the model data must be what a job saved.")
        loaded = cls()
        loaded.model = extra.load("joblib", "sklearn").load(folder / FILE)
        return loaded

    def decoded_rows(self, batch: Batch) -> Any:
        """Return the features of ``batch`` as the estimator takes them."""
        rows = batch.fitted(self.model.n_features_in_)
        return rows.features if self.dense else of_batch(rows)

    def predict(self, batch: Batch) -> Predictions:
        """Answer with ``predicted_label`` and ``score`` of a classifier, with ``score`` of a regressor.

        A classifier's score is the probability of the second of two classes, or those of all classes where
        there are more; of learners that know no probabilities, the distance from the border between classes.
        """
        rows = self.decoded_rows(batch)
        if not hasattr(self.model, "classes_"):
            return Predictions({"score": self.model.predict(rows)}, echoes=batch.echoes)
        if hasattr(self.model, "predict_proba"):
            values = self.model.predict_proba(rows)
            labels = self.model.classes_[values.argmax(axis=1)]
            values = values[:, 1] if len(self.model.classes_) == 2 else values
        else:
            values, labels = self.model.decision_function(rows), self.model.predict(rows)
        return Predictions({"predicted_label": labels, "score": values}, echoes=batch.echoes)


def _fitted(estimator: Any, rows: Rows, report: Report) -> Any:
    """Return the estimator fitted; what it warns of goes to the log."""
    base = extra.load("sklearn.base", "sklearn")
    labels = _classes(rows) if base.is_classifier(estimator) else rows.labels
    weights = {} if rows.weights is None else {_keyword(estimator): rows.weights}
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            fitted = estimator.fit(rows.features, labels, **weights)
        except ValueError as error:
            raise ClientError(f"scikit-learn cannot learn from the data so: {error}.") from error
    for each in said:
        report.info(str(each.message))
    if "n_jobs" in fitted.get_params():  # a request is answered before a second thread has begun
        fitted.set_params(n_jobs=None)
    return fitted


def _classes(rows: Rows) -> Any:
    """Return the labels as whole numbers; raises ClientError where they are not, or all the same."""
    numbers = rows.labels.astype(np.int64)
    if (numbers != rows.labels).any():
        raise ClientError("The labels of a classifier must be whole numbers, one for each class.")
    if (numbers == numbers[:1]).all():
        raise ClientError("All rows have the same label: there is nothing to tell apart.")
    return numbers


def _keyword(estimator: Any) -> str:
    """Return by which name ``fit`` takes the weights of rows; the last step of a pipeline has them."""
    steps = getattr(estimator, "steps", None)
    return f"{steps[-1][0]}__sample_weight" if steps else "sample_weight"
