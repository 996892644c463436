"""The algorithm ``blazingtext``, as the guide's page "BlazingText algorithm" describes it.

Word2Vec modes learn vectors of words, the mode ``supervised`` a classifier of texts. The text is read once;
every pass goes over the numbers of its words, which lie on disk, so that memory holds the model alone.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from clary.algorithms.blazingtext import classifier, fasttext_file, similarity, vector_files, word_vectors
from clary.algorithms.blazingtext.classifier import Classifier
from clary.algorithms.blazingtext.corpus import ACCEPTS, Corpus
from clary.algorithms.blazingtext.fasttext_file import FastTextModel, Settings
from clary.algorithms.blazingtext.lines import Form
from clary.algorithms.blazingtext.params import BATCH_SKIPGRAM, SUPERVISED, BlazingTextParams
from clary.algorithms.blazingtext.word_vectors import WordVectors
from clary.toolkit import media_type
from clary.toolkit.algorithm import Algorithm, ChannelRule, Metric, algorithm
from clary.toolkit.answer import Answer
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.host import Host
from clary.toolkit.report import Report
from clary.toolkit.request import Request

MODEL, EVALUATION = "model.bin", "eval.json"
_FORM = '{"instances": ["a sentence", ...]}'


@algorithm("blazingtext")
class BlazingText(Algorithm[BlazingTextParams]):
    """Gives words vectors, or texts labels."""

    Params = BlazingTextParams
    channels = (
        ChannelRule(
            "train", "Text, one sentence a line; with labels before it in the mode supervised.", True
        ),
        ChannelRule("validation", "Texts that a classifier is measured on, or pairs of words for vectors."),
    )
    metrics = (
        Metric("train:mean_rho", r"#mean_rho: (\S+)", minimize=False),
        Metric("train:accuracy", r"#train_accuracy: (\S+)"),
        Metric("validation:accuracy", r"#validation_accuracy: (\S+)", minimize=False),
    )
    accepts = ACCEPTS
    requests = (media_type.JSON, media_type.JSON_LINES)
    responses = (media_type.JSON, media_type.JSON_LINES)
    distributed = True

    def __init__(self) -> None:
        self.model: WordVectors | Classifier | None = None
        """What was learnt, or read."""
        self._files: FastTextModel | None = None
        self._evaluation: dict[str, Any] | None = None

    def train(
        self, params: BlazingTextParams, channels: Mapping[str, Channel], report: Report, host: Host
    ) -> None:
        """Learn vectors, or a classifier; only ``batch_skipgram`` does so on several hosts."""
        if host.cluster.size > 1 and params.mode != BATCH_SKIPGRAM:
            raise ClientError(
                f"Mode '{params.mode}' trains on one instance: set InstanceCount to 1, or hyperparameter "
                f"'mode' to {BATCH_SKIPGRAM}."
            )
        corpus = Corpus(channels["train"], host)
        if params.mode == SUPERVISED:
            self._classify(corpus, params, channels, report)
        else:
            self._embed(corpus, params, channels, report, host)

    def _classify(
        self, corpus: Corpus, params: BlazingTextParams, channels: Mapping[str, Channel], report: Report
    ) -> None:
        if params.early_stopping and "validation" not in channels:
            raise ClientError(
                "Hyperparameter 'early_stopping' needs channel 'validation', whose accuracy it watches: add "
                "the channel, or set 'early_stopping' to false."
            )
        validation = Corpus(channels["validation"], Host()) if "validation" in channels else None
        model = classifier.learnt(corpus, validation, params, report)
        settings = _settings(params, fasttext_file.SUPERVISED, model.loss, model.form.buckets, (0, 0))
        self.model = model
        self._files = FastTextModel(settings, model.vocabulary, model.inputs, model.outputs)

    def _embed(
        self,
        corpus: Corpus,
        params: BlazingTextParams,
        channels: Mapping[str, Channel],
        report: Report,
        host: Host,
    ) -> None:
        vectors, tables = word_vectors.learnt(corpus, params, report, host.cluster)
        self.model = vectors
        if params.subwords:
            kind = fasttext_file.CBOW if params.mode == "cbow" else fasttext_file.SKIPGRAM
            lengths = (params.min_char, params.max_char)
            settings = _settings(params, kind, classifier.NEGATIVES, vectors.buckets, lengths)
            self._files = FastTextModel(settings, vectors.vocabulary, vectors.vectors, tables.targets)
        if params.evaluation and "validation" in channels:
            self._evaluation = similarity.compared(vectors, channels["validation"])
            report.info(f"Evaluation: {json.dumps(self._evaluation)}")
            report.plain(f"#mean_rho: {self._evaluation['mean_rho']:.4f}")

    def save(self, folder: Path) -> None:
        """Write ``vectors.txt`` and ``vectors.bin``, or ``model.bin``; all three for words of subwords."""
        if self._files is not None:
            fasttext_file.write(folder / MODEL, self._files)
        if isinstance(self.model, WordVectors):
            words = self.model.vocabulary.words
            vector_files.write(folder, words, self.model.of(words))
        if self._evaluation is not None:
            (folder / EVALUATION).write_text(json.dumps(self._evaluation, indent=4))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model of ``model.bin``, fastText's own included, or the vectors of ``vectors.bin``."""
        loaded = cls()
        if not (folder / MODEL).exists():
            loaded.model = WordVectors(*vector_files.read(folder), (0, 0, 0))
            return loaded
        read = fasttext_file.read(folder / MODEL)
        given = read.settings
        if given.model == fasttext_file.SUPERVISED:
            form = Form(given.word_ngrams, given.bucket, given.minn, given.maxn)
            loaded.model = Classifier(read.vocabulary, form, given.loss, read.inputs, read.outputs)
        else:
            loaded.model = WordVectors(read.vocabulary, read.inputs, (given.minn, given.maxn, given.bucket))
        return loaded

    def answer(self, request: Request) -> Answer:
        """Answer JSON or JSON Lines in its own type: vectors of words, or labels and their probabilities."""
        kind = request.kind(self.requests).name
        request.wanted((kind,))
        if kind == media_type.JSON:
            sources, counts = _instances(request.body)
            return Answer(json.dumps(self._answers(sources, counts)).encode(), kind)
        sources, counts = _lines(request.body)
        answers = self._answers(sources, counts)
        return Answer("".join(json.dumps(each) + "\n" for each in answers).encode(), kind)

    def _answers(self, sources: Sequence[str], counts: Sequence[int]) -> list[dict[str, Any]]:
        if isinstance(self.model, WordVectors):
            vectors = self.model.of([source.encode() for source in sources]).astype(float)
            return [
                {"word": source, "vector": vector}
                for source, vector in zip(sources, vectors.tolist(), strict=True)
            ]
        assert self.model is not None, "trained or loaded"  # noqa: S101
        names = [label.decode(errors="replace") for label in self.model.vocabulary.labels]
        answers = []
        for chances, count in zip(self.model.labels(sources).astype(float), counts, strict=True):
            best = np.argsort(-chances, kind="stable")[:count]
            answers.append({"label": [names[label] for label in best], "prob": chances[best].tolist()})
        return answers


def _settings(
    params: BlazingTextParams, model: int, loss: int, buckets: int, lengths: tuple[int, int]
) -> Settings:
    return Settings(
        dim=params.vector_dim,
        ws=params.window_size,
        epoch=params.epochs,
        min_count=params.min_count,
        neg=params.negative_samples,
        word_ngrams=params.word_ngrams if model == fasttext_file.SUPERVISED else 1,
        loss=loss,
        model=model,
        bucket=buckets,
        minn=lengths[0],
        maxn=lengths[1],
        t=params.sampling_threshold,
    )


def _instances(body: bytes) -> tuple[list[str], list[int]]:
    """Return the texts of a JSON request, and how many labels each asks for."""
    document = _parsed(body, "The request body")
    instances = document.get("instances") if isinstance(document, dict) else None
    if (
        not isinstance(instances, list)
        or not instances
        or not all(isinstance(each, str) for each in instances)
    ):
        raise ClientError(f"The JSON request body must have the form {_FORM}.")
    configuration = document.get("configuration", {})
    if not isinstance(configuration, dict):
        raise ClientError('The configuration of a request must have the form {"k": 2}.')
    return instances, [_wanted(configuration)] * len(instances)


def _lines(body: bytes) -> tuple[list[str], list[int]]:
    lines = [line for line in body.split(b"\n") if line.strip()]
    entries = [_parsed(line, f"Line {number}") for number, line in enumerate(lines, 1)]
    if not entries or not all(
        isinstance(entry, dict) and isinstance(entry.get("source"), str) for entry in entries
    ):
        raise ClientError('Each line of the request body must have the form {"source": "a sentence"}.')
    return [entry["source"] for entry in entries], [_wanted(entry) for entry in entries]


def _wanted(entry: Mapping[str, Any]) -> int:
    count = entry.get("k", 1)
    if not isinstance(count, int) or count < 1:
        raise ClientError(f"k is how many labels are wanted, an integer of at least 1; got {count!r}.")
    return count


def _parsed(text: bytes, source: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ClientError(f"{source} is not valid JSON: {error}.") from error
