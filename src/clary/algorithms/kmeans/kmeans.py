"""The algorithm ``kmeans``, as the guide's page "K-Means Algorithm" describes it: one pass over the data.

The stream moves K = k * x centres, each the mean of the rows that were nearest to it when they came (Sculley,
"Web-scale k-means clustering", 2010). In the end these centres, weighted by their rows, stand for the data,
and Lloyd's algorithm on them finds the k of the model. Several hosts put their centres together before that.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from clary.algorithms.kmeans.centres import Centres, Summary
from clary.algorithms.kmeans.lloyd import reduced
from clary.algorithms.kmeans.params import KMeansParams
from clary.toolkit import media_type, ndarray
from clary.toolkit.algorithm import RUNNING, ChannelRule, Metric, algorithm
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.channel import Channel
from clary.toolkit.cluster import Cluster
from clary.toolkit.errors import ClientError
from clary.toolkit.host import Host
from clary.toolkit.nearest import Nearest
from clary.toolkit.predictions import Predictions
from clary.toolkit.report import Report
from clary.toolkit.stream import Stream
from clary.toolkit.tabular import Tabular

FILE = "model_algo-1"
_LOGGED = r"#quality_metric: host=\S+, {} {} <loss>=(\S+)"


@algorithm("kmeans")
class KMeans(Tabular[KMeansParams]):
    """Puts rows into k clusters by the distance to their means."""

    Params = KMeansParams
    channels = (
        ChannelRule("train", "Training data; of CSV the first column is a label unless label_size=0.", True),
        ChannelRule("test", "What the clusters are measured on."),
    )
    metrics = (
        Metric("test:msd", _LOGGED.format("test", "msd"), minimize=True),
        Metric("test:ssd", _LOGGED.format("test", "ssd"), minimize=True),
        Metric("train:msd", _LOGGED.format("train", "msd")),
        *RUNNING,
    )
    distributed = True
    accepts = (media_type.RECORDIO, media_type.CSV)
    requests = (media_type.CSV, media_type.JSON, media_type.JSON_LINES, media_type.RECORDIO)
    responses = (media_type.JSON, media_type.JSON_LINES, media_type.RECORDIO, media_type.CSV)

    def __init__(self) -> None:
        self.centres = np.empty((0, 0), np.float32)
        """The clusters' means, (k, features)."""

    def train(
        self, params: KMeansParams, channels: Mapping[str, Channel], report: Report, host: Host
    ) -> None:
        """Move many centres in one pass or more, reduce them to k, report what these are worth."""
        stream = Stream(self.accepts, params.feature_dim, host)
        minibatches = partial(stream.minibatches, channels["train"], params.mini_batch_size)
        summary = _summarised(params, minibatches, report, host.cluster)
        centres, msd = reduced(summary, params, report)
        self.centres = (centres + summary.origin).astype(np.float32)
        report.quality("train", "msd <loss>", msd)
        if "test" in channels:
            self._evaluate(stream.minibatches(channels["test"], params.mini_batch_size), params, report, host)

    def _evaluate(
        self, minibatches: Iterator[Floats], params: KMeansParams, report: Report, host: Host
    ) -> None:
        """Report the squared distances of the rows that no centre has seen."""
        sums = np.zeros(2)
        for rows in minibatches:
            distances = self._distances(rows)[1]
            sums += len(rows), np.square(distances, dtype=np.float64).sum()
        rows, total = host.cluster.merge(sums)
        for name, value in (("msd", total / rows), ("ssd", total)):
            if name in params.eval_metrics:
                report.quality("test", f"{name} <loss>", float(value))
                report.test_score(name, float(value))

    def save(self, folder: Path) -> None:
        """Write the centres as ``model_algo-1``, which MXNet's ``nd.load`` reads as a list of one array."""
        ndarray.write(folder / FILE, [self.centres])

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model that ``save`` wrote into ``folder``."""
        arrays = ndarray.read(folder / FILE)
        if list(arrays) != ["0"] or arrays["0"].ndim != 2:
            raise ClientError(f"{folder / FILE} does not hold the centres of a k-means model.")
        loaded = cls()
        loaded.centres = arrays["0"]
        return loaded

    def predict(self, batch: Batch) -> Predictions:
        """Answer every row with the number of its cluster and the Euclidean distance to its mean."""
        closest, distances = self._distances(batch.fitted(self.centres.shape[1]).features)
        fields: dict[str, npt.NDArray[Any]] = {
            "closest_cluster": closest.astype(np.float64),
            "distance_to_cluster": distances,
        }
        return Predictions(fields, echoes=batch.echoes)

    def _distances(self, rows: Floats) -> tuple[npt.NDArray[np.int32], Floats]:
        origin = self.centres.mean(axis=0)
        rows, centres = rows - origin, self.centres - origin
        closest = Nearest(centres).of(rows)
        return closest, np.sqrt(np.square(rows - centres[closest]).sum(axis=1))


def _summarised(
    params: KMeansParams, passes: Callable[[int], Iterator[Floats]], report: Report, cluster: Cluster
) -> Summary:
    """Return the centres that the stream has moved on all hosts; stops early when the job is asked to."""
    state: Centres | None = None
    for epoch in range(params.epochs):
        began, minibatches = time.monotonic(), passes(epoch)
        if state is None:
            state = Centres.drawn(minibatches, params, cluster)
        else:
            state.forget()
        for rows in minibatches:
            if report.stopping:
                break
            state.update(rows)
        rate = cluster.total(float(state.rows.sum())) / max(time.monotonic() - began, 1e-9)
        report.progress(100 * (epoch + 1) // params.epochs)
        report.throughput(rate)
        if cluster.total(report.stopping):
            break
    if state is None:
        raise AssertionError("there is at least one epoch")
    return state.summary(cluster)
