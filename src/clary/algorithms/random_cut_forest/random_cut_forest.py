"""The algorithm ``randomcutforest``, as the guide's page "Random Cut Forest (RCF) Algorithm" describes it.

One pass draws a sample without replacement, of the same size however many rows there are; a random part of it
goes to each tree. Several hosts each draw from their own rows, put their samples together and grow the same
forest.
"""

import json
import time
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Self

import numpy as np

from clary.algorithms.random_cut_forest.evaluation import measured
from clary.algorithms.random_cut_forest.forest import Forest, Structure
from clary.algorithms.random_cut_forest.growth import grow
from clary.algorithms.random_cut_forest.measure import Doubles
from clary.algorithms.random_cut_forest.params import RandomCutForestParams
from clary.toolkit import media_type
from clary.toolkit.algorithm import RUNNING, ChannelRule, Metric, algorithm
from clary.toolkit.batch import Batch, Floats
from clary.toolkit.channel import Channel
from clary.toolkit.cluster import Cluster
from clary.toolkit.errors import ClientError, StoppedError
from clary.toolkit.formats import csv
from clary.toolkit.host import Host
from clary.toolkit.predictions import Predictions
from clary.toolkit.report import Report
from clary.toolkit.reservoir import Reservoir
from clary.toolkit.stream import Stream
from clary.toolkit.tabular import Tabular

FILE = "model_algo-1"
_PARAMETERS, _MANIFEST = "forest.npz", "manifest.json"
_SEED = 19
_SCORE = r"#quality_metric: host=\S+, test {} <score>=(\S+)"


@algorithm("randomcutforest")
class RandomCutForest(Tabular[RandomCutForestParams]):
    """Scores rows by how unusual they are: about 1 for most, and more the less they are like the others."""

    Params = RandomCutForestParams
    channels = (
        ChannelRule("train", "Rows without labels; CSV needs the content type text/csv;label_size=0.", True),
        ChannelRule("test", "Rows labelled 1 for anomalies and else 0, on which scores are measured."),
    )
    metrics = (
        Metric("test:f1", _SCORE.format("f1"), minimize=False),
        *(Metric(f"test:{name}", _SCORE.format(name)) for name in ("accuracy", "precision", "recall")),
        *RUNNING,
    )
    distributed = True
    accepts = (media_type.RECORDIO, media_type.CSV)
    requests = (media_type.CSV, media_type.JSON, media_type.JSON_LINES, media_type.RECORDIO)
    responses = (media_type.JSON, media_type.JSON_LINES, media_type.RECORDIO, media_type.CSV)

    def __init__(self) -> None:
        self.forest: Forest | None = None

    def train(
        self, params: RandomCutForestParams, channels: Mapping[str, Channel], report: Report, host: Host
    ) -> None:
        """Draw the sample, grow the trees, and measure the scores where there are labels."""
        _check_type(channels["train"])
        stream = Stream(self.accepts, params.feature_dim, host)
        samples = _sampled(params, stream, channels["train"], report, host.cluster)
        report.info("Building Random Cut Forest...")
        forest = Forest(grow(samples, np.random.default_rng(_SEED)))
        report.info(f"Random Cut Forest built: \n\n{_described(forest.structure)}")
        self.forest = forest
        if "test" in channels:
            scores, labels = _scored(forest, stream, channels["test"])
            values = measured(host.cluster.gather(scores), host.cluster.gather(labels), params.eval_metrics)
            for metric, value in values.items():
                report.quality("test", metric, value)
                report.test_score(metric.split(" ")[0], value)

    def save(self, folder: Path) -> None:
        """Write ``model_algo-1``: a zip with ``forest.npz``, whose arrays are those of ``Structure``."""
        arrays, structure = BytesIO(), self._trained().structure
        np.savez(arrays, **{name: getattr(structure, name) for name in Structure.__slots__})
        manifest = {"format": "clary-randomcutforest", "version": 1, "parameters": _PARAMETERS}
        with zipfile.ZipFile(folder / FILE, "w") as archive:  # entries without the time: equal files
            archive.writestr(zipfile.ZipInfo(_MANIFEST), json.dumps(manifest))
            archive.writestr(zipfile.ZipInfo(_PARAMETERS), arrays.getvalue())

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model that ``save`` wrote into ``folder``."""
        loaded = cls()
        try:
            with (
                zipfile.ZipFile(folder / FILE) as archive,
                np.load(BytesIO(archive.read(_PARAMETERS))) as arrays,
            ):
                loaded.forest = Forest(Structure(**arrays))
        except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
            raise ClientError(
                f"{folder / FILE} is not a random cut forest ({error}): "
                "the model data must be what its training job saved."
            ) from error
        return loaded

    def predict(self, batch: Batch) -> Predictions:
        """Answer every row with its anomaly score."""
        forest, rows = self._trained(), batch.features
        if rows.shape[1] != forest.width:
            raise ClientError(
                f"Each row must have {forest.width} features, as in training; got {rows.shape[1]}."
            )
        return Predictions({"score": forest.scores(rows)}, key="scores", echoes=batch.echoes)

    def _trained(self) -> Forest:
        if self.forest is None:
            raise ClientError("This random cut forest is neither trained nor loaded.")
        return self.forest


def _check_type(channel: Channel) -> None:
    """Raise ClientError where the content type says that the first column of CSV is a label."""
    kind = media_type.parse(channel.content_type or media_type.RECORDIO)
    if kind.name == media_type.CSV and csv.label_size(kind):
        raise ClientError(
            f"Channel 'train' has the content type {channel.content_type!r}, but there are no labels "
            "to learn from: give text/csv;label_size=0, which makes the first column a feature."
        )


def _sampled(
    params: RandomCutForestParams, stream: Stream, channel: Channel, report: Report, cluster: Cluster
) -> Floats:
    """Return the rows for each tree, (trees, rows, features); fewer where there are not enough.

    Raises StoppedError when the job is asked to stop.
    """
    random = np.random.default_rng((_SEED, cluster.rank))
    reservoir = Reservoir(params.samples, random)
    room = np.empty((params.samples, params.feature_dim), np.float32)
    began = time.monotonic()
    report.info("Sampling training data...")
    for rows in stream.minibatches(channel, params.mini_batch_size):
        if report.stopping:
            raise StoppedError
        kept, places = reservoir.choose(len(rows))
        room[places] = rows[kept]
    rate = cluster.total(reservoir.seen) / max(time.monotonic() - began, 1e-9)
    report.progress(100)
    report.throughput(rate)
    samples = cluster.gather(room[reservoir.merged(cluster)])
    report.info(f"{len(samples)} samples gathered")
    if not len(samples):
        raise ClientError("Channel 'train' holds no rows.")
    trees = min(params.num_trees, len(samples))
    each = len(samples) // trees
    chosen = np.random.default_rng(_SEED).permutation(len(samples))[: trees * each]
    return samples[chosen].reshape(trees, each, params.feature_dim)


def _scored(forest: Forest, stream: Stream, channel: Channel) -> tuple[Doubles, Floats]:
    """Return the scores and the labels of the rows of a channel that are this host's."""
    scores, labels = [np.empty(0)], [np.empty(0, np.float32)]
    for batch in stream.batches(channel):
        if batch.labels is None or batch.labels.shape[1] != 1 or not np.isin(batch.labels, (0, 1)).all():
            raise ClientError(
                f"Channel '{channel.name}' must have one label for each row, 1 for an anomaly and else 0: "
                "the first column in CSV, label['values'] in RecordIO-protobuf."
            )
        scores.append(forest.scores(batch.features))
        labels.append(batch.labels[:, 0])
    return np.concatenate(scores), np.concatenate(labels)


def _described(structure: Structure) -> str:
    """Return the line by which SageMaker's container describes a forest."""
    nodes, heights = structure.sizes(), structure.heights()
    return (
        f"ForestInfo{{num_trees: {len(nodes)}, num_samples_in_forest: {len(nodes) * structure.mass}, "
        f"num_samples_per_tree: {structure.mass}, sample_dim: {structure.points.shape[1]}, shingle_size: 1, "
        f"trees_num_nodes: {nodes.tolist()}, trees_depth: {heights.tolist()}, "
        f"max_num_nodes: {nodes.max()}, min_num_nodes: {nodes.min()}, avg_num_nodes: {int(nodes.mean())}, "
        f"max_tree_depth: {heights.max()}, min_tree_depth: {heights.min()}, "
        f"avg_tree_depth: {int(heights.mean())}, mem_size: {structure.nbytes}}}"
    )
