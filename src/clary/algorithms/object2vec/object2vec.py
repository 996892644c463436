"""The algorithm ``object2vec``, as the guide's page "Object2Vec Algorithm" describes it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from clary.algorithms.object2vec.pairs import SIDES, Pairs, Sequences, sequence
from clary.algorithms.object2vec.params import SOFTMAX, EncoderForm, Object2VecParams
from clary.toolkit import environment, extra, media_type
from clary.toolkit.algorithm import RUNNING, Algorithm, ChannelRule, Metric, algorithm
from clary.toolkit.answer import Answer
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.host import Host
from clary.toolkit.media_type import MediaType
from clary.toolkit.report import Report
from clary.toolkit.request import Request

if TYPE_CHECKING:
    from clary.algorithms.object2vec.network import Network

WEIGHTS, ABOUT = "model.npz", "model.json"
_AT_ONCE = 256  # sequences
_FORM = '{"instances": [{"in0": [6, 17], "in1": [16, 21]}]}'
_EPOCH = r"#quality_metric: host=\S+, epoch=\S+, {} {}=(\S+)"
_FINAL = r"#quality_metric: host=\S+, {} {}=(\S+)"
_MEASURES = {"accuracy <score>": False, "cross_entropy <loss>": True, "mean_squared_error <loss>": True}

Found = list[tuple[str, list[float]]]


@algorithm("object2vec")
class Object2Vec(Algorithm[Object2VecParams]):
    """Gives pairs of objects scores, and each object a vector."""

    Params = Object2VecParams
    channels = (
        ChannelRule("train", "Pairs of lists of tokens with a label, JSON Lines.", required=True),
        ChannelRule("validation", "Pairs whose loss is watched."),
        ChannelRule("test", "Pairs whose loss is told in the end."),
        ChannelRule("auxiliary", "Files of vectors of tokens, and of their words."),
    )
    needs = ("torch",)
    metrics = (
        tuple(
            Metric(
                f"{split}:{name.split()[0]}",
                (_FINAL if split == "test" else _EPOCH).format(split, name),
                None if split == "train" else least,
            )
            for split in ("test", "validation", "train")
            for name, least in _MEASURES.items()
        )
        + RUNNING
    )
    modes = ("File", "FastFile")
    accepts = (media_type.JSON_LINES,)
    requests = (media_type.JSON, media_type.JSON_LINES)
    responses = (media_type.JSON, media_type.JSON_LINES)

    def __init__(self) -> None:
        self._params = Object2VecParams()
        self._given: dict[str, str] = {}
        self._network: Network

    def train(
        self,
        params: Object2VecParams,
        channels: Mapping[str, Channel],
        report: Report,
        host: Host,  # noqa: ARG002 - which is the only one
    ) -> None:
        """Learn encoders and what compares them, from pairs that are in memory."""
        extra.load("torch", "torch")
        from clary.algorithms.object2vec.network import built  # noqa: PLC0415
        from clary.algorithms.object2vec.pretrained import put  # noqa: PLC0415
        from clary.algorithms.object2vec.training import Trainer  # noqa: PLC0415
        from clary.toolkit.neural import device  # noqa: PLC0415

        pairs = {
            name: Pairs.read(channels[name], params)
            for name in ("train", "validation", "test")
            if name in channels
        }
        network = built(params)
        for encoder, form in zip((network.enc0, network.enc1), params.encoders, strict=True):
            if found := put(encoder, form, channels.get("auxiliary")):
                report.info(f"{found} tokens have the vectors of {form.embedding_file}")
        self._params, self._network = params, network.to(device.choose())
        self._given = {name: str(value) for name, value in _settings(params).items()}
        trainer = Trainer(self._network, params, report)
        trainer.fit(pairs["train"], pairs.get("validation"))
        if "test" in pairs:
            trainer.tell_test(trainer.evaluated(pairs["test"]))
        self._network.eval()

    def save(self, folder: Path) -> None:
        """Write the weights, and the hyperparameters that form the network."""
        from clary.toolkit.neural import weights  # noqa: PLC0415

        weights.write(folder / WEIGHTS, weights.arrays(self._network))
        (folder / ABOUT).write_text(json.dumps(self._given))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model that ``save`` wrote into ``folder``.

        Where objects are to be given vectors mostly, what compares them does not go to the GPU.
        """
        extra.load("torch", "torch")
        from clary.algorithms.object2vec.network import built  # noqa: PLC0415
        from clary.toolkit.neural import device, weights  # noqa: PLC0415

        loaded = cls()
        try:
            loaded._given = json.loads((folder / ABOUT).read_text())
            loaded._params = Object2VecParams.parse(loaded._given)
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise ClientError(f"{folder / ABOUT} does not tell of a model of Object2Vec: {error}.") from error
        loaded._network = built(loaded._params)
        weights.restore(loaded._network, weights.read(folder / WEIGHTS))
        loaded._network.to(device.choose()).eval()
        if environment.preferred_mode() == "embedding":
            loaded._network.head.cpu()
        return loaded

    def answer(self, request: Request) -> Answer:
        """Answer pairs with scores, and objects alone with their vectors."""
        kind, accept = request.kind(self.requests), request.wanted(self.responses)
        if kind.name == media_type.JSON:
            document = _parsed(request.body, "The request body")
            entries = document.get("instances") if isinstance(document, dict) else None
        else:
            lines = [line for line in request.body.split(b"\n") if line.strip()]
            entries = [_parsed(line, f"Line {number}") for number, line in enumerate(lines, 1)]
        if (
            not isinstance(entries, list)
            or not entries
            or not all(isinstance(each, dict) for each in entries)
        ):
            raise ClientError(f"The request body must have the form {_FORM}, or one such object a line.")
        predictions = [{name: values} for name, values in self._found(entries, self._forms(kind))]
        if accept.name == media_type.JSON:
            return Answer(json.dumps({"predictions": predictions}).encode(), accept.name)
        return Answer("".join(json.dumps(each) + "\n" for each in predictions).encode(), accept.name)

    def _forms(self, kind: MediaType) -> list[EncoderForm]:
        """Return the encoders' forms, with the lengths that ``infer_max_seqlens`` asks for."""
        forms = list(self._params.encoders)
        asked = kind.parameters.get("infer_max_seqlens")
        if asked is None:
            return forms
        lengths = asked.split(",")
        if len(lengths) != 2 or not all(length.strip().isdecimal() and int(length) for length in lengths):
            raise ClientError(
                f"infer_max_seqlens is {asked!r}: it must be two positive integers, as in "
                "'application/json; infer_max_seqlens=100,100'."
            )
        return [replace(form, max_seq_len=int(length)) for form, length in zip(forms, lengths, strict=True)]

    def _found(self, entries: Sequence[dict[str, Any]], forms: Sequence[EncoderForm]) -> Found:
        """Return the name and the values of each entry's answer."""
        import torch  # noqa: PLC0415

        if not all(any(side in entry for side in SIDES) for entry in entries):
            raise ClientError(f"Each instance must have in0, in1, or both: {_FORM}.")
        vectors: list[dict[int, Any]] = [{}, {}]
        with torch.no_grad():
            for side, (name, form) in enumerate(zip(SIDES, forms, strict=True)):
                having = [number for number, entry in enumerate(entries) if name in entry]
                made = self._vectors([sequence(entries[number], name, form) for number in having], side)
                vectors[side] = dict(zip(having, made, strict=True))
            both = [number for number in vectors[0] if number in vectors[1]]
            scores = dict(
                zip(both, self._scores(*([side[each] for each in both] for side in vectors)), strict=True)
            )
        return [
            ("scores", scores[number])
            if number in scores
            else ("embeddings", (vectors[0].get(number, vectors[1].get(number))).tolist())  # type: ignore[union-attr]
            for number in range(len(entries))
        ]

    def _vectors(self, parts: Sequence[Any], side: int) -> list[Any]:
        import torch  # noqa: PLC0415

        encoder = (self._network.enc0, self._network.enc1)[side]
        sequences = Sequences(parts)
        place = next(encoder.parameters()).device
        found: list[Any] = []
        for at in range(0, len(sequences), _AT_ONCE):
            chosen = np.arange(at, min(at + _AT_ONCE, len(sequences)))
            tokens = torch.from_numpy(sequences.padded(chosen, encoder.filler)).to(place)
            found += encoder(tokens).cpu()
        return found

    def _scores(self, first: list[Any], second: list[Any]) -> list[list[float]]:
        import torch  # noqa: PLC0415

        if not first:
            return []
        head = self._network.head
        place = next(head.parameters()).device
        scores = head(torch.stack(first).to(place), torch.stack(second).to(place)).cpu()
        if self._params.output_layer == SOFTMAX:
            scores = torch.softmax(scores, dim=1)
        return list(scores.tolist())


def _settings(params: Object2VecParams) -> dict[str, Any]:
    """Return the hyperparameters that form the network, as they may be given again."""
    values = {name: value for name, value in params.values().items() if value is not None}
    values["comparator_list"] = ",".join(params.comparator_list)
    return {name: value for name, value in values.items() if not name.endswith("_file")}


def _parsed(text: bytes, source: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ClientError(f"{source} is not valid JSON: {error}.") from error
