"""The classifier of texts: a linear model over the mean of the vectors of words and runs of words.

Joulin et al., "Bag of Tricks for Efficient Text Classification" (2017), which is fastText's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clary.algorithms.blazingtext import lines, tree
from clary.algorithms.blazingtext.corpus import END, Corpus, Longs
from clary.algorithms.blazingtext.lines import Form, Lines, Texts
from clary.algorithms.blazingtext.pace import Pace
from clary.algorithms.blazingtext.params import BlazingTextParams
from clary.algorithms.blazingtext.steps import softmax
from clary.algorithms.blazingtext.tables import Tables
from clary.algorithms.blazingtext.vocabulary import Vocabulary
from clary.toolkit.batch import Floats
from clary.toolkit.cluster import Cluster
from clary.toolkit.errors import ClientError, StoppedError
from clary.toolkit.report import Report

HIERARCHICAL, NEGATIVES, SOFTMAX, ONE_VS_ALL = 1, 2, 3, 4
"""Losses, by fastText's numbers."""

_SEED = 17
_MANY_LABELS = 1000
"""Above so many labels the softmax is hierarchical: a step then costs their logarithm."""

_EVALUATED = 65536  # tokens whose texts are told at once


@dataclass(slots=True)
class Classifier:
    """A model that tells labels: ``inputs``, (words + buckets, dim), and ``outputs``, (labels, dim)."""

    vocabulary: Vocabulary
    form: Form
    loss: int
    inputs: Floats
    outputs: Floats

    def told(self, texts: Texts) -> Floats:
        """Return the probability of each label for each text, (texts, labels)."""
        hidden: Floats = np.zeros((len(texts), self.inputs.shape[1]), np.float32)
        counts = np.diff(texts.starts)
        some = np.flatnonzero(counts)
        if len(some):
            sums = np.add.reduceat(self.inputs[texts.rows], texts.starts[some], axis=0)
            hidden[some] = sums / counts[some, None].astype(np.float32)
        scores: Floats = hidden @ self.outputs.T
        if self.loss == SOFTMAX:
            return softmax(scores)
        chances = (1 / (1 + np.exp(-scores))).astype(np.float32)
        if self.loss != HIERARCHICAL:
            return chances
        paths = tree.paths(self.vocabulary.label_counts)
        if not len(paths.nodes):
            return np.ones_like(scores)
        steps = chances[:, paths.nodes]
        ways = np.where(paths.sides, steps, 1 - steps)
        return np.asarray(np.multiply.reduceat(ways, paths.starts[:-1], axis=1), np.float32)

    def labels(self, sources: Sequence[str]) -> Floats:
        """Return the probability of each label for each of some sentences, (sentences, labels)."""
        split = [[*source.encode().split(), END] for source in sources]
        tokens = sorted({token for sentence in split for token in sentence})
        numbers = {token: number for number, token in enumerate(tokens)}
        block = np.array([numbers[token] for sentence in split for token in sentence], np.int32)
        return self.told(Lines(self.vocabulary, tokens, self.form).of(block))


def learnt(
    corpus: Corpus, validation: Corpus | None, params: BlazingTextParams, report: Report
) -> Classifier:
    """Return a classifier of the texts of ``corpus``, and tell how well it does on both."""
    vocabulary = Vocabulary.of(corpus, Cluster(), params.min_count, labelled=True)
    if not vocabulary.labels:
        raise ClientError(
            "No line of channel 'train' has a label: each must begin with one or more, as in "
            "'__label__1 some text'."
        )
    report.info(f"Vocabulary of {len(vocabulary.words)} words and {len(vocabulary.labels)} labels")
    form = Form(params.word_ngrams, params.buckets if params.word_ngrams > 1 else 0)
    tables = Tables(len(vocabulary.words) + form.buckets, len(vocabulary.labels), params.vector_dim)
    random = np.random.default_rng(_SEED)
    for at in range(0, len(vocabulary.words), 4096):
        room = tables.vectors[at : min(at + 4096, len(vocabulary.words))]
        room[:] = random.uniform(-1 / params.vector_dim, 1 / params.vector_dim, room.shape)
    loss = HIERARCHICAL if len(vocabulary.labels) > _MANY_LABELS else SOFTMAX
    model = Classifier(vocabulary, form, loss, tables.vectors, tables.targets)
    _Learner(model, tables, corpus, validation, random).learn(params, report)
    model.outputs = np.ascontiguousarray(tables.targets)
    for split, texts in (("train", corpus), ("validation", validation)):
        if texts is not None:
            right, count = _accuracy(model, texts)
            report.info(f"Number of {split} examples: {count}")
            report.plain(f"#{split}_accuracy: {right:.4f}")
    return model


class _Learner:
    """Goes over the texts until all passes are done, or the accuracy on others no longer improves."""

    def __init__(
        self,
        model: Classifier,
        tables: Tables,
        corpus: Corpus,
        validation: Corpus | None,
        random: np.random.Generator,
    ) -> None:
        self._model, self._tables, self._random = model, tables, random
        self._corpus, self._validation = corpus, validation
        self._lines = Lines(model.vocabulary, corpus.tokens, model.form)
        self._touched: npt.NDArray[np.bool_] = np.zeros(len(tables.inputs), bool)

    def learn(self, params: BlazingTextParams, report: Report) -> None:
        """Move the tables in all passes; the best of them is kept where early stopping asks for it."""
        pace = Pace(report, params.learning_rate, len(self._corpus) * params.epochs)
        best = _Best(self._tables)
        for epoch in range(1, params.epochs + 1):
            self._pass(pace, report)
            if report.stopping:
                if epoch == 1:
                    raise StoppedError
                break
            if self._validation is None or not params.early_stopping:
                continue
            report.info(f"-------------- End of epoch: {epoch}")
            accuracy, _ = _accuracy(self._model, self._validation)
            report.info(f"Validation accuracy: {accuracy:.6f}")
            if best.improves(accuracy, self._touched):
                report.info("Validation accuracy improved! Storing best weights...")
            elif epoch >= params.min_epochs and best.waited >= params.patience:
                report.info(f"Validation accuracy has not improved for last {best.waited} epochs.")
                break
        best.restore()
        pace.end()

    def _pass(self, pace: Pace, report: Report) -> None:
        paths = tree.paths(self._model.vocabulary.label_counts) if self._model.loss == HIERARCHICAL else None
        for block in self._corpus.lines(pace.block):
            if report.stopping:
                return
            texts = self._lines.of(block)
            labels = lines.chosen(texts, self._random)
            self._touched[texts.rows] = True
            kept = np.flatnonzero(labels >= 0)
            spans = _spans(texts, kept)
            self._tables.learn_texts(spans, np.ascontiguousarray(labels[kept]), paths, pace.rate())
            pace.went(len(block))


def _spans(texts: Texts, kept: Longs) -> tuple[Longs, npt.NDArray[np.int32]]:
    """Return where the rows of the texts ``kept`` start, and these rows."""
    if len(kept) == len(texts):
        return texts.starts, texts.rows
    counts = np.diff(texts.starts)
    mask = np.zeros(len(texts), bool)
    mask[kept] = True
    starts = np.append(0, np.cumsum(counts[kept])).astype(np.int64)
    return starts, np.ascontiguousarray(texts.rows[np.repeat(mask, counts)])


class _Best:
    """The tables of the pass that was best on texts not learnt from; of the first only rows in use."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._accuracy, self.waited = -1.0, 0
        self._kept: tuple[Longs, Floats, Floats] | None = None

    def improves(self, accuracy: float, touched: npt.NDArray[np.bool_]) -> bool:
        """Keep the tables if ``accuracy`` is the best so far; else count how long it has been so."""
        if accuracy <= self._accuracy:
            self.waited += 1
            return False
        rows = np.flatnonzero(touched)
        self._accuracy, self.waited = accuracy, 0
        self._kept = (rows, self._tables.inputs[rows], self._tables.outputs.copy())
        return True

    def restore(self) -> None:
        """Put the best tables back, if any were kept."""
        if self._kept is not None:
            rows, inputs, outputs = self._kept
            self._tables.inputs[rows] = inputs
            self._tables.outputs[:] = outputs


def _accuracy(model: Classifier, corpus: Corpus) -> tuple[float, int]:
    """Return the share of texts whose most probable label is one of theirs, and how many have labels."""
    coder = Lines(model.vocabulary, corpus.tokens, model.form)
    right = count = 0
    for block in corpus.lines(_EVALUATED):
        texts = coder.of(block)
        right += lines.hits(texts, model.told(texts).argmax(axis=1))
        count += lines.labelled(texts)
    return right / max(count, 1), count
