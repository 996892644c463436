"""The algorithm ``knn``, as the guide's page "K-Nearest Neighbors (k-NN) Algorithm" describes it.

One pass over the data keeps a sample of them, of all hosts together, projected on fewer dimensions if asked
for. An index of the sample finds the rows nearest to the one asked about, and these vote on its label.
"""

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from clary.algorithms.knn.index import Index, built, read
from clary.algorithms.knn.params import CLASSIFIER, COSINE, REGRESSOR, KNNParams
from clary.algorithms.knn.projection import METHODS, Projection
from clary.algorithms.knn.sample import Sample
from clary.algorithms.knn.score import Score
from clary.toolkit import media_type
from clary.toolkit.algorithm import RUNNING, ChannelRule, Metric, algorithm
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.host import Host
from clary.toolkit.predictions import Predictions
from clary.toolkit.report import Report
from clary.toolkit.stream import Stream
from clary.toolkit.tabular import Tabular

Longs = npt.NDArray[np.int64]

FILE = "model_algo-1"
_SEED = 17
_VERSION = "1.0"


@algorithm("knn")
class KNN(Tabular[KNNParams]):
    """Answers with the most frequent label of the k nearest rows of a sample, or with their mean."""

    Params = KNNParams
    channels = (
        ChannelRule("train", "Labelled rows to sample from; of CSV the first column is the label.", True),
        ChannelRule("test", "Labelled rows that the predictions are measured on."),
    )
    metrics = (
        Metric("test:accuracy", r"#quality_metric: host=\S+, test accuracy <score>=(\S+)", minimize=False),
        Metric("test:mse", r"#quality_metric: host=\S+, test mse <loss>=(\S+)", minimize=True),
        *RUNNING,
    )
    distributed = True
    accepts = (media_type.RECORDIO, media_type.CSV)
    requests = (media_type.CSV, media_type.JSON, media_type.JSON_LINES, media_type.RECORDIO)
    responses = (media_type.JSON, media_type.JSON_LINES, media_type.RECORDIO, media_type.CSV)

    def __init__(self) -> None:
        self.about: dict[str, Any] = {}
        """What ``model_algo-1.json`` holds."""
        self.labels = np.empty(0, np.float32)
        """The labels of the sample, (rows,)."""
        self._index: Index
        self._projection: Projection | None = None

    def train(self, params: KNNParams, channels: Mapping[str, Channel], report: Report, host: Host) -> None:
        """Sample the rows of all hosts, index them, and measure the answers on channel ``test``."""
        self._projection = _projection(params)
        self.about = {
            "k": params.k,
            "predictor_type": params.predictor_type,
            "dimension_reduction": self._projection.about() if self._projection else None,
            "normalize": params.index_metric == COSINE,
            "feature_dim": params.feature_dim,
            "version": _VERSION,
        }
        stream = Stream(self.accepts, params.feature_dim, host)
        began = time.monotonic()
        sample = Sample(params, host.cluster.rank)
        for rows, labels in _labelled(stream, channels["train"], params.mini_batch_size):
            if report.stopping:
                break
            sample.add(rows, labels, self._prepared)
        report.progress(100)
        report.throughput(host.cluster.total(sample.seen) / max(time.monotonic() - began, 1e-9))
        points, self.labels = sample.merged(host.cluster)
        _check(len(self.labels), self.about["k"])
        self._index = built(points, params)
        self._know_classes()
        if "test" in channels:
            score = Score(params.predictor_type, self._classes)
            for rows, labels in _labelled(stream, channels["test"], params.mini_batch_size):
                score.add(self._voted(self._nearest(rows)[1]), labels)
            score.tell(report, host.cluster)

    def save(self, folder: Path) -> None:
        """Write the index, as faiss does, the labels, as raw float32, and what may be edited, as JSON."""
        self._index.write(folder / FILE)
        self.labels.astype("<f4", copy=False).tofile(folder / f"{FILE}.labels")
        (folder / f"{FILE}.json").write_text(json.dumps(self.about))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model that ``save`` wrote into ``folder``; its JSON may have been edited."""
        loaded = cls()
        loaded._index = read(folder / FILE)
        loaded.about = _description(folder / f"{FILE}.json")
        loaded.labels = np.fromfile(folder / f"{FILE}.labels", "<f4")
        if len(loaded.labels) != len(loaded._index):
            raise ClientError(
                f"{folder / FILE} has {len(loaded._index)} rows and {len(loaded.labels)} labels: the model "
                "data must be what its training job saved."
            )
        _check(len(loaded.labels), loaded.about["k"])
        if reduction := loaded.about.get("dimension_reduction"):
            loaded._projection = Projection(
                reduction["type"], reduction["seed"], reduction["input_dim"], reduction["target_dim"]
            )
        loaded.about.setdefault(
            "feature_dim", loaded._projection.width if loaded._projection else loaded._index.width
        )
        loaded._know_classes()
        return loaded

    def predict(self, batch: Batch) -> Predictions:
        """Answer every row with its label."""
        return Predictions(
            {"predicted_label": self._voted(self._nearest(self._fitting(batch))[1])}, echoes=batch.echoes
        )

    def predict_verbose(self, batch: Batch) -> Predictions:
        """Answer every row with its label, and the distances and labels of the nearest, ascending.

        Distances are squared by the metric L2, as faiss has them; by COSINE they are one less the similarity,
        by INNER_PRODUCT the negative of the product.
        """
        distances, points = self._nearest(self._fitting(batch))
        fields: dict[str, npt.NDArray[Any]] = {
            "predicted_label": self._voted(points),
            "distances": distances + 1 if self.about["normalize"] else distances,
            "labels": self.labels[points],
        }
        return Predictions(fields, echoes=batch.echoes)

    def _fitting(self, batch: Batch) -> Floats:
        rows, width = batch.features, self.about["feature_dim"]
        if rows.shape[1] != width:
            raise ClientError(f"Each row must have {width} features, as in training; got {rows.shape[1]}.")
        return rows

    def _nearest(self, rows: Floats) -> tuple[Floats, Longs]:
        prepared = self._prepared(rows)
        missing = self._index.width - prepared.shape[1]
        return self._index.search(np.pad(prepared, ((0, 0), (0, missing))), self.about["k"])

    def _prepared(self, rows: Floats) -> Floats:
        """Return rows as they lie in the index, less the zeros that are added to them."""
        rows = self._projection(rows) if self._projection else rows
        if not self.about["normalize"]:
            return rows
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)

    def _know_classes(self) -> None:
        self._classes, self._numbers = np.unique(self.labels, return_inverse=True)

    def _voted(self, points: Longs) -> npt.NDArray[np.float64]:
        """Return the label of each row of ``points``, (rows, k); of equally frequent ones the nearest."""
        if self.about["predictor_type"] == REGRESSOR:
            return np.asarray(self.labels[points].mean(axis=1, dtype=np.float64))
        numbers = self._numbers[points]
        votes = np.arange(len(points))[:, None] * len(self._classes) + numbers
        _, which, counts = np.unique(votes, return_inverse=True, return_counts=True)
        first = counts[which].reshape(votes.shape).argmax(axis=1)
        winners = np.take_along_axis(numbers, first[:, None], axis=1)[:, 0]
        return np.asarray(self._classes[winners], np.float64)


def _labelled(stream: Stream, channel: Channel, size: int) -> Iterator[tuple[Floats, Floats]]:
    """Yield rows and their labels, at most ``size`` at a time."""
    for batch in stream.batches(channel):
        if batch.labels is None:
            raise ClientError(
                f"Channel '{channel.name}' has no labels, which k-NN answers with: give the label of each "
                "record, or CSV with label_size=1."
            )
        for start in range(0, len(batch), size):
            part = batch.part(start, start + size)
            yield part.features, batch.labels[start : start + size, 0]


def _projection(params: KNNParams) -> Projection | None:
    if params.dimension_reduction_type is None or params.target is None:
        return None
    return Projection(params.dimension_reduction_type, _SEED, params.feature_dim, params.target)


def _check(rows: int, k: int) -> None:
    if rows < k:
        raise ClientError(f"There are {rows} rows to find {k} nearest among: lower 'k' or add data.")


def _description(path: Path) -> dict[str, Any]:
    """Return the JSON of a model; raises ClientError that names what is wrong with it."""
    try:
        about = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise ClientError(f"{path} cannot be read ({error}): it holds k and predictor_type.") from error
    legal: dict[str, Any] = {
        "k": lambda value: type(value) is int and value > 0,
        "predictor_type": lambda value: value in (CLASSIFIER, REGRESSOR),
        "normalize": lambda value: isinstance(value, bool),
        "dimension_reduction": lambda value: not value or value["type"] in METHODS,
    }
    for name, allows in legal.items():
        if name not in about or not allows(about[name]):
            raise ClientError(f"{path} has no legal {name!r}: {about.get(name)!r}.")
    return dict(about)
