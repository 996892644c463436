"""The algorithm ``lda``, as the guide's page "Latent Dirichlet Allocation (LDA) Algorithm" describes it.

Topics are found by the spectral method, as SageMaker's are: from moments of the words, in a few passes over
the documents. Passes of variational inference may refine them.
"""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

import numpy as np

from clary.algorithms.lda.decomposition import Doubles, Limits
from clary.algorithms.lda.moments import Found, Moments
from clary.algorithms.lda.params import LDAParams
from clary.algorithms.lda.topics import Inference, Topics
from clary.toolkit import media_type, ndarray
from clary.toolkit.algorithm import RUNNING, ChannelRule, Metric, algorithm
from clary.toolkit.batch import Batch
from clary.toolkit.blocks import Blocks
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError, StoppedError
from clary.toolkit.host import Host
from clary.toolkit.predictions import Predictions
from clary.toolkit.report import Report
from clary.toolkit.sparse import Sparse, nonzero
from clary.toolkit.stream import Stream
from clary.toolkit.tabular import Tabular

FILE = "model_algo-1"
_SEED = 23
_BLOCK = 4 * 1024 * 1024  # bytes of documents whose products with all topics are made at a time
_LEAST_WORDS = 3  # of a document that tells which topics go together
_SMOOTHING = 0.01  # words added to each topic's, so that none is impossible


@algorithm("lda")
class LDA(Tabular[LDAParams]):
    """Finds the topics of documents, which are counts of words, and how much of each is in a document."""

    Params = LDAParams
    channels = (
        ChannelRule("train", "Counts of words; of CSV the first is a label unless label_size=0.", True),
        ChannelRule("test", "Documents that the topics are measured on."),
    )
    metrics = (
        Metric("test:pwll", r"#quality_metric: host=\S+, test pwll <score>=(\S+)", minimize=False),
        *RUNNING,
    )
    accepts = (media_type.RECORDIO, media_type.CSV)
    requests = (media_type.CSV, media_type.JSON, media_type.JSON_LINES, media_type.RECORDIO)
    responses = (media_type.JSON, media_type.JSON_LINES, media_type.RECORDIO, media_type.CSV)

    def __init__(self) -> None:
        self.topics = Topics(np.empty(0, np.float32), np.empty((0, 0), np.float32))
        self._inference = Inference(self.topics)

    def train(self, params: LDAParams, channels: Mapping[str, Channel], report: Report, host: Host) -> None:
        """Read the documents, find their topics, refine them if asked to, measure what they are worth."""
        stream = Stream(self.accepts, params.feature_dim, host)
        began = time.monotonic()
        blocks = _read(stream, channels["train"], report)
        words = sum(float(_sparse(block).values.sum(dtype=np.float64)) for block in blocks)
        limits = Limits(params.max_restarts, params.max_iterations, params.tol)
        random = np.random.default_rng(_SEED)
        found = Moments(blocks, params.feature_dim, params.alpha0).topics(params.num_topics, limits, random)
        topics = _distributions(found, params, words, blocks)
        report.progress(100)
        report.throughput(len(blocks) / max(time.monotonic() - began, 1e-9))
        for number in range(params.refine_iterations):
            if report.stopping:
                break
            topics = _refined(topics, blocks)
            report.info(f"Topics refined: pass {number + 1} of {params.refine_iterations}")
        self._take(topics)
        if "test" in channels:
            documents = (_sparse(batch) for batch in stream.batches(channels["test"]))
            score = _per_word(self._inference, documents)
            report.quality("test", "pwll <score>", score)
            report.test_score("pwll", score)

    def _take(self, topics: Topics) -> None:
        self.topics, self._inference = topics, Inference(topics)

    def save(self, folder: Path) -> None:
        """Write ``model_algo-1``, which MXNet's ``nd.load`` reads as a list of alpha and beta."""
        ndarray.write(folder / FILE, [self.topics.prior, self.topics.words])

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model that ``save`` wrote into ``folder``."""
        arrays = list(ndarray.read(folder / FILE).values())
        if len(arrays) != 2 or arrays[1].ndim != 2 or arrays[0].shape != arrays[1].shape[:1]:
            raise ClientError(f"{folder / FILE} does not hold the alpha and beta of an LDA model.")
        loaded = cls()
        loaded._take(Topics(*arrays))
        return loaded

    def predict(self, batch: Batch) -> Predictions:
        """Answer every document with the share of each topic in it."""
        width = self.topics.words.shape[1]
        if batch.rows.shape[1] != width:
            raise ClientError(
                f"Each row must have {width} features, as in training; got {batch.rows.shape[1]}."
            )
        return Predictions({"topic_mixture": self._inference.mixtures(_sparse(batch))}, echoes=batch.echoes)


def _sparse(batch: Batch) -> Sparse:
    """Return the counts of words that are not zero; raises ClientError where one is negative."""
    rows = batch.rows if isinstance(batch.rows, Sparse) else nonzero(batch.rows)
    if len(rows.values) and rows.values.min() < 0:
        raise ClientError(f"A document has {rows.values.min():g} of a word: give counts of words, from 0 on.")
    return rows


def _read(stream: Stream, channel: Channel, report: Report) -> Blocks:
    """Return the documents that have enough words; raises StoppedError when the job is asked to stop."""
    blocks, read = Blocks(size=_BLOCK), 0
    for batch in stream.batches(channel):
        if report.stopping:
            raise StoppedError
        rows = _sparse(batch)
        words = np.bincount(rows.numbers(), rows.values, len(rows))
        kept = np.flatnonzero(words >= _LEAST_WORDS)
        read += len(rows)
        if len(kept):
            blocks.append(Batch(rows if len(kept) == len(rows) else rows.take(kept)))
    if not len(blocks):
        raise ClientError(
            f"None of the {read} documents of channel '{channel.name}' has {_LEAST_WORDS} words: "
            "rows must be counts of words, not shares of them."
        )
    if len(blocks) < read:
        report.info(f"{read - len(blocks)} documents of fewer than {_LEAST_WORDS} words are left out")
    return blocks


def _distributions(found: Found, params: LDAParams, words: float, blocks: Blocks) -> Topics:
    """Return topics whose words add up to 1, as many as asked for.

    Where the moments tell of fewer, single documents stand for the rest.
    """
    signs = np.sign(found.topics.sum(axis=0))
    counts = np.maximum(found.topics * np.where(signs < 0, -1, 1), 0).T
    prior = found.prior
    missing = params.num_topics - len(prior)
    if missing:
        counts = np.concatenate([counts, _documents(blocks, missing, params.feature_dim)])
        least = prior.min(initial=params.alpha0 / params.num_topics)
        prior = np.append(prior, np.full(missing, least))
    prior = np.maximum(prior, params.alpha0 / params.num_topics * 1e-3)
    prior = prior * params.alpha0 / prior.sum()
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.full_like(counts, 1 / params.feature_dim), where=totals > 0)
    return _smoothed(prior, shares * (words * prior / params.alpha0)[:, None])


def _documents(blocks: Blocks, count: int, width: int) -> Doubles:
    """Return the first documents, over and over if they are too few, (count, width)."""
    rows = _sparse(next(iter(blocks)))
    found = np.zeros((count, width))
    for number in range(count):
        start, stop = rows.starts[number % len(rows)], rows.starts[number % len(rows) + 1]
        found[number, rows.indices[start:stop]] = rows.values[start:stop]
    return found


def _smoothed(prior: Doubles, counts: Doubles) -> Topics:
    """Return topics of ``counts`` words each, (topics, vocabulary)."""
    smooth = counts + _SMOOTHING
    return Topics(prior.astype(np.float32), (smooth / smooth.sum(axis=1, keepdims=True)).astype(np.float32))


def _refined(topics: Topics, blocks: Blocks) -> Topics:
    """Return what the words expected of each topic make of it; the prior stays."""
    inference = Inference(topics)
    counts = np.zeros(topics.words.shape)
    for block in blocks:
        counts += inference.expected(_sparse(block))
    return _smoothed(topics.prior.astype(np.float64), counts)


def _per_word(inference: Inference, documents: Iterator[Sparse]) -> float:
    """Return the mean logarithm of a word's chance."""
    total, words = 0.0, 0.0
    for rows in documents:
        total += inference.log_likelihood(rows)
        words += float(rows.values.sum(dtype=np.float64))
    if not words:
        raise ClientError("Channel 'test' holds no words.")
    return total / words
