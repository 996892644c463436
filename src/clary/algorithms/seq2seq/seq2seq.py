"""The algorithm ``seq2seq``, as the guide's page "Sequence-to-Sequence Algorithm" describes it."""

import json
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from clary.algorithms.seq2seq import vocabulary
from clary.algorithms.seq2seq.params import Seq2SeqParams
from clary.algorithms.seq2seq.sentences import Ints, Sentences, tokens
from clary.algorithms.seq2seq.vocabulary import BEGIN, END, PAD, Vocabulary
from clary.toolkit import extra, frame, media_type
from clary.toolkit.algorithm import RUNNING, Algorithm, ChannelRule, Metric, algorithm
from clary.toolkit.answer import Answer
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.formats import record
from clary.toolkit.host import Host
from clary.toolkit.report import Report
from clary.toolkit.request import Request

if TYPE_CHECKING:
    from clary.algorithms.seq2seq.beam import Told
    from clary.algorithms.seq2seq.network import Network

WEIGHTS, ABOUT = "model.npz", "model.json"
_FORM = '{"instances": [{"data": "some words"}]}'
_LOGGED = r"#quality_metric: host=\S+, epoch=\S+, {} {}=(\S+)"


@algorithm("seq2seq")
class Seq2Seq(Algorithm[Seq2SeqParams]):
    """Tells a sequence of tokens from another."""

    Params = Seq2SeqParams
    channels = (
        ChannelRule("train", "Pairs of tokens' numbers, RecordIO-protobuf.", required=True),
        ChannelRule("validation", "Pairs by which training is judged.", required=True),
        ChannelRule("vocab", "vocab.src.json and vocab.trg.json, tokens and their numbers.", required=True),
    )
    needs = ("torch",)
    metrics = (
        Metric("validation:perplexity", _LOGGED.format("validation", "perplexity <loss>"), minimize=True),
        Metric("validation:accuracy", _LOGGED.format("validation", "accuracy <score>"), minimize=False),
        Metric("validation:bleu", _LOGGED.format("validation", "bleu <score>"), minimize=False),
        Metric("train:perplexity", _LOGGED.format("train", "perplexity <loss>")),
        Metric("train:accuracy", _LOGGED.format("train", "accuracy <score>")),
        *RUNNING,
    )
    modes = ("File", "FastFile")
    accepts = (media_type.RECORDIO,)
    requests = (media_type.JSON, media_type.JSON_LINES, media_type.RECORDIO)
    responses = (media_type.JSON, media_type.JSON_LINES, media_type.RECORDIO)

    def __init__(self) -> None:
        self._params = Seq2SeqParams()
        self._source: Vocabulary
        self._target: Vocabulary
        self._network: Network

    def train(
        self,
        params: Seq2SeqParams,
        channels: Mapping[str, Channel],
        report: Report,
        host: Host,  # noqa: ARG002 - which is the only one
    ) -> None:
        """Learn encoder and decoder from pairs that are in memory."""
        extra.load("torch", "torch")
        from clary.algorithms.seq2seq.training import Trainer  # noqa: PLC0415

        files = {path.name: path for path in channels["vocab"].files()}
        for name in (vocabulary.SOURCE, vocabulary.TARGET):
            if name not in files:
                raise ClientError(f"Channel 'vocab' has no {name}; it has {sorted(files)}.")
        self._params = params
        self._source = Vocabulary.read(files[vocabulary.SOURCE])
        self._target = Vocabulary.read(files[vocabulary.TARGET])
        both = (self._source, self._target)
        train, validation = (Sentences.read(channels[name], both, params) for name in ("train", "validation"))
        self._network = self._built()
        Trainer(self._network, params, self._target, report).fit(train, validation)
        self._network.eval()

    def _built(self) -> "Network":
        from clary.algorithms.seq2seq.network import built  # noqa: PLC0415
        from clary.toolkit.neural import device  # noqa: PLC0415

        made = built(self._params, self._source.size, self._target.size, self._source[PAD])
        return made.to(device.choose())  # type: ignore[no-any-return]

    def save(self, folder: Path) -> None:
        """Write the weights, the hyperparameters, and both vocabularies."""
        from clary.toolkit.neural import weights  # noqa: PLC0415

        weights.write(folder / WEIGHTS, weights.arrays(self._network))
        values = {name: str(value) for name, value in self._params.values().items() if value is not None}
        (folder / ABOUT).write_text(json.dumps(values))
        for name, words in ((vocabulary.SOURCE, self._source), (vocabulary.TARGET, self._target)):
            (folder / name).write_text(json.dumps(words.numbers), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model that ``save`` wrote into ``folder``."""
        extra.load("torch", "torch")
        from clary.toolkit.neural import weights  # noqa: PLC0415

        loaded = cls()
        try:
            loaded._params = Seq2SeqParams.parse(json.loads((folder / ABOUT).read_text()))
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise ClientError(f"{folder / ABOUT} does not tell of a model of seq2seq: {error}.") from error
        loaded._source = Vocabulary.read(folder / vocabulary.SOURCE)
        loaded._target = Vocabulary.read(folder / vocabulary.TARGET)
        loaded._network = loaded._built()
        weights.restore(loaded._network, weights.read(folder / WEIGHTS))
        loaded._network.eval()
        return loaded

    def answer(self, request: Request) -> Answer:
        """Answer each sequence with another, and with the matrix of attention where it is asked for."""
        kind, accept = request.kind(self.requests).name, request.wanted(self.responses).name
        if not request.accept.strip() or request.accept.strip() == "*/*":
            accept = kind
        sources, matrix = _READERS[kind](request.body, self._source)
        told = [self._told(source) for source in sources]
        if accept == media_type.RECORDIO:
            records = (frame.framed(record.int32_features("target", each.tokens)) for each in told)
            return Answer(b"".join(records), accept)
        predictions = [self._said(each, matrix=matrix) for each in told]
        if accept == media_type.JSON:
            return Answer(json.dumps({"predictions": predictions}).encode(), accept)
        return Answer("".join(json.dumps(each) + "\n" for each in predictions).encode(), accept)

    def _told(self, source: Ints) -> "Told":
        import torch  # noqa: PLC0415

        from clary.algorithms.seq2seq.beam import search  # noqa: PLC0415

        place = next(self._network.parameters()).device
        cut = source[None, : self._params.max_seq_len_source].astype(np.int64)
        return search(
            self._network,
            torch.from_numpy(cut).to(place),
            size=self._params.beam_size,
            longest=self._params.max_seq_len_target,
            begin=self._target[BEGIN],
            end=self._target[END],
        )

    def _said(self, told: "Told", *, matrix: bool) -> dict[str, Any]:
        answer: dict[str, Any] = {"target": self._target.text(told.tokens)}
        return {**answer, "matrix": told.attention} if matrix else answer


Sources = tuple[list[Ints], bool]
"""The numbers of the sequences asked for, and whether the matrix of attention is wanted."""


def _from_json(body: bytes, words: Vocabulary) -> Sources:
    document = _parsed(body, "The request body")
    instances = document.get("instances") if isinstance(document, dict) else None
    if not isinstance(instances, list) or not instances:
        raise ClientError(f"The JSON request body must have the form {_FORM}.")
    texts = [instance.get("data") if isinstance(instance, dict) else None for instance in instances]
    configuration = document.get("configuration", {})
    if not isinstance(configuration, dict):
        raise ClientError('The configuration must have the form {"attention_matrix": "true"}.')
    return _coded(texts, words), str(configuration.get("attention_matrix", "false")).lower() == "true"


def _from_lines(body: bytes, words: Vocabulary) -> Sources:
    lines = [line for line in body.split(b"\n") if line.strip()]
    entries = [_parsed(line, f"Line {number}") for number, line in enumerate(lines, 1)]
    if not entries:
        raise ClientError('The request body is empty; send one {"source": "some words"} a line.')
    texts = [entry.get("source") if isinstance(entry, dict) else None for entry in entries]
    return _coded(texts, words), False


def _from_records(body: bytes, words: Vocabulary) -> Sources:
    found = [
        tokens(record.parse(memoryview(payload)), "source", words)
        for payload in frame.payloads(BytesIO(body), "The request body")
    ]
    if not found:
        raise ClientError("The request body is empty; send RecordIO-wrapped protobuf records.")
    return found, False


_READERS = {
    media_type.JSON: _from_json,
    media_type.JSON_LINES: _from_lines,
    media_type.RECORDIO: _from_records,
}


def _coded(texts: Sequence[Any], words: Vocabulary) -> list[Ints]:
    if not all(isinstance(text, str) and text.split() for text in texts):
        raise ClientError(f'Each instance must hold a text, as in {_FORM} or {{"source": "some words"}}.')
    return [np.array(words.coded(text), np.int32) for text in texts]


def _parsed(text: bytes, source: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ClientError(f"{source} is not valid JSON: {error}.") from error
