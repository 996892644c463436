"""The algorithm ``text-classification``: the contract of the guide's "Text Classification - TensorFlow".

The original fine-tunes networks that others have trained. This one learns from the job's texts alone, or
goes on from an earlier model of its own.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from clary.algorithms.text_classification import texts
from clary.algorithms.text_classification.params import TextClassificationParams
from clary.algorithms.text_classification.vocabulary import Vocabulary
from clary.toolkit import artifact, extra, media_type
from clary.toolkit.algorithm import Algorithm, ChannelRule, Metric, algorithm
from clary.toolkit.answer import Answer
from clary.toolkit.channel import Channel
from clary.toolkit.errors import ClientError
from clary.toolkit.host import Host
from clary.toolkit.report import Report
from clary.toolkit.request import Request

if TYPE_CHECKING:
    from clary.algorithms.text_classification.training import TextModel

WEIGHTS, ABOUT = "model.npz", "model.json"
TEXT = "application/x-text"


@algorithm("text-classification")
class TextClassification(Algorithm[TextClassificationParams]):
    """Tells of a text which label it bears."""

    Params = TextClassificationParams
    channels = (
        ChannelRule("training", "CSV without a header: label and text.", required=True),
        ChannelRule("validation", "The same, to measure the model on after each epoch."),
        ChannelRule(
            "model", "A model of this algorithm to go on from.", accepts=("application/x-sagemaker-model",)
        ),
    )
    needs = ("torch",)
    metrics = (Metric("validation:accuracy", r"val_accuracy=([0-9.]+)", minimize=False),)
    accepts = (media_type.CSV,)
    modes = ("File", "FastFile")
    requests = (TEXT,)
    responses = (media_type.JSON,)

    def __init__(self) -> None:
        self._model: TextModel

    def train(
        self, params: TextClassificationParams, channels: Mapping[str, Channel], report: Report, host: Host
    ) -> None:
        """Learn words and weights from the texts; keep those of the epoch with the least loss."""
        extra.load("torch", "torch")
        from clary.algorithms.text_classification import training  # noqa: PLC0415
        from clary.toolkit.neural import device  # noqa: PLC0415

        found = texts.read(channels["training"])
        if "validation" in channels:
            data = found, texts.read(channels["validation"])
        else:
            data = texts.split(found, params.validation_split_ratio)
        labels = tuple(texts.ordered(found.labels))
        if len(labels) == 1:
            raise ClientError(f"All texts bear the label {labels[0]!r}: give texts of at least two labels.")
        if "model" in channels:
            self._model = self._continued(channels["model"], labels, params)
        else:
            vocabulary = Vocabulary.of(data[0].texts)
            network = training.built(len(vocabulary), len(labels), params.dropout_rate)
            self._model = training.TextModel(network, vocabulary, labels)
        report.info(
            f"{len(data[0])} texts to learn from, {len(data[1])} to validate on, {len(labels)} labels"
        )
        self._model.network.to(device.choose())
        training.fit(self._model, data, params, report, host)

    @classmethod
    def _continued(
        cls, channel: Channel, labels: tuple[str, ...], params: TextClassificationParams
    ) -> "TextModel":
        """Return an earlier model for ``labels``, as far as the hyperparameters leave it as it is."""
        from clary.algorithms.text_classification import training  # noqa: PLC0415
        from clary.toolkit.neural import weights  # noqa: PLC0415

        with artifact.opened(channel) as folder:
            earlier = cls.load(folder)._model
        words = len(earlier.vocabulary)
        network = training.built(words, len(labels), params.dropout_rate)
        taken, own = weights.arrays(earlier.network), weights.arrays(network)
        anew = labels != earlier.labels
        if anew and params.reinitialize_top_layer is False:
            raise ClientError(
                "The labels are not those of the model to go on from: leave reinitialize_top_layer at Auto."
            )
        kept = {
            name for name in own if not (name.startswith("top.") and (anew or params.reinitialize_top_layer))
        }
        weights.restore(network, {name: taken[name] if name in kept else own[name] for name in own})
        if params.train_only_on_top_layer:
            for name, parameter in network.named_parameters():
                parameter.requires_grad = name.startswith("top.")
        return training.TextModel(network, earlier.vocabulary, labels)

    def save(self, folder: Path) -> None:
        """Write the weights as ``model.npz``, labels and words as ``model.json``."""
        from clary.toolkit.neural import weights  # noqa: PLC0415

        about = {"labels": self._model.labels, "words": self._model.vocabulary.words}
        (folder / ABOUT).write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
        weights.write(folder / WEIGHTS, weights.arrays(self._model.network))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model that ``save`` wrote into ``folder``."""
        extra.load("torch", "torch")
        from clary.algorithms.text_classification import training  # noqa: PLC0415
        from clary.toolkit.neural import device, weights  # noqa: PLC0415

        loaded = cls()
        try:
            about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
            vocabulary, labels = Vocabulary(tuple(about["words"])), tuple(map(str, about["labels"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ClientError(f"{folder} does not hold a model of text classification: {error!r}.") from error
        network = training.built(len(vocabulary), len(labels), 0.0)
        weights.restore(network, weights.read(folder / WEIGHTS))
        loaded._model = training.TextModel(network.to(device.choose()), vocabulary, labels)
        return loaded

    def answer(self, request: Request) -> Answer:
        """Answer a text with the probability of each label, and with ``;verbose`` with the labels too."""
        import torch  # noqa: PLC0415

        request.kind(self.requests)
        accept = request.wanted(self.responses)
        try:
            text = request.body.decode()
        except UnicodeDecodeError as error:
            raise ClientError(f"The request body is not UTF-8: {error}.") from error
        if not text.strip():
            raise ClientError("The request body is empty; send a text.")
        self._model.network.eval()
        with torch.no_grad():
            found = torch.softmax(self._model.scores((text,))[0], 0).cpu().tolist()
        document: dict[str, Any] = {"probabilities": found}
        if accept.asks("verbose"):
            labels = list(self._model.labels)
            document |= {"labels": labels, "predicted_label": labels[found.index(max(found))]}
        return Answer(json.dumps(document, ensure_ascii=False).encode(), accept.name)
