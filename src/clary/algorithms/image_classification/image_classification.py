"""The algorithm ``image-classification``, as the guide's page "Image Classification - MXNet" describes it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from clary.algorithms.image_classification import image_set
from clary.algorithms.image_classification.params import ImageClassificationParams
from clary.toolkit import extra, media_type
from clary.toolkit.algorithm import RUNNING, Algorithm, ChannelRule, Metric, algorithm
from clary.toolkit.answer import Answer
from clary.toolkit.channel import Channel
from clary.toolkit.formats.image import Image
from clary.toolkit.host import Host
from clary.toolkit.picture_store import PictureStore
from clary.toolkit.report import Report
from clary.toolkit.request import Request

if TYPE_CHECKING:
    from clary.toolkit.neural.resnet import Classifier

_LIST = ("application/x-image",)


@algorithm("image-classification")
class ImageClassification(Algorithm[ImageClassificationParams]):
    """Tells of an image which of some classes it belongs to, or to which ones."""

    Params = ImageClassificationParams
    channels = (
        ChannelRule("train", "Images to learn from.", required=True),
        ChannelRule("validation", "Images that accuracy is measured on after each epoch.", required=True),
        ChannelRule("train_lst", "Labels of the images of 'train': .lst files.", accepts=_LIST),
        ChannelRule("validation_lst", "Labels of the images of 'validation': .lst files.", accepts=_LIST),
        ChannelRule(
            "model", "A model of this algorithm to go on from.", accepts=("application/x-sagemaker-model",)
        ),
    )
    needs = ("torch", "vision")
    metrics = (
        Metric("validation:accuracy", r"Epoch\S* Validation-accuracy=(\S*)", minimize=False),
        Metric("train:accuracy", r"Epoch\S* Train-accuracy=(\S*)"),
        *RUNNING,
    )
    distributed = True
    accepts = (
        media_type.IMAGE_RECORDS, media_type.IMAGE, media_type.JPEG, media_type.PNG, media_type.JSON_LINES,
    )  # fmt: skip
    requests = (media_type.IMAGE, media_type.JPEG, media_type.PNG)
    responses = (media_type.JSON, media_type.JSON_LINES)

    def __init__(self) -> None:
        self._params: ImageClassificationParams
        self._network: Classifier

    def train(
        self, params: ImageClassificationParams, channels: Mapping[str, Channel], report: Report, host: Host
    ) -> None:
        """Decode all images once, learn from them, keep the weights of the most accurate epoch."""
        extra.load("torch", "torch")
        from clary.algorithms.image_classification.training import Trainer, built  # noqa: PLC0415
        from clary.toolkit.neural import device, model_folder  # noqa: PLC0415

        self._params, self._network = params, built(params)
        name = f"resnet-{params.num_layers}" if params.use_pretrained_model else None
        model_folder.begin(self._network, channels.get("model"), name, report)
        self._network.to(device.choose())
        with PictureStore() as seen, PictureStore() as fresh:
            train = image_set.read((channels["train"], channels.get("train_lst")), params, seen, host)
            validation = None
            if "validation" in channels:
                both = (channels["validation"], channels.get("validation_lst"))
                validation = image_set.read(both, params, fresh, host)
            report.info(f"Number of training images on this host: {len(train)}")
            Trainer(self._network, params, report, host).fit(train, validation)

    def save(self, folder: Path) -> None:
        """Write the weights as ``model.npz`` and the form of the network as ``model.json``."""
        from clary.toolkit.neural import model_folder  # noqa: PLC0415

        params = self._params
        given = {
            "num_classes": str(params.num_classes),
            "num_layers": str(params.num_layers),
            "multi_label": str(int(params.multi_label)),
            "image_shape": ",".join(map(str, params.image_shape)),
            "num_training_samples": str(params.num_training_samples),
        }
        model_folder.write(folder, given, self._network)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model that ``save`` wrote into ``folder``."""
        extra.load("torch", "torch")
        from clary.algorithms.image_classification.training import built  # noqa: PLC0415
        from clary.toolkit.neural import model_folder  # noqa: PLC0415

        loaded = cls()
        loaded._params, loaded._network = model_folder.read(
            folder, ImageClassificationParams, built, "image classification"
        )
        return loaded

    def answer(self, request: Request) -> Answer:
        """Answer an image with a probability for each class, bare in JSON, named in JSON Lines."""
        request.kind(self.requests)
        accept = request.wanted(self.responses)
        found = self.probabilities(Image(request.body, "The request body"))
        document: Any = {"prediction": found} if accept.name == media_type.JSON_LINES else found
        end = "\n" if accept.name == media_type.JSON_LINES else ""
        return Answer(f"{json.dumps(document)}{end}".encode(), accept.name)

    def probabilities(self, image: Image) -> list[float]:
        """Return how likely each class is; they add up to 1 unless an image may be of several."""
        import torch  # noqa: PLC0415

        from clary.toolkit.neural import augmentation  # noqa: PLC0415

        network, params = self._network, self._params
        pixels = image_set.shaped(image.pixels(), params)
        network.eval()
        with torch.no_grad():
            batch = augmentation.normalised(augmentation.tensor([pixels]))
            scores = network(batch.to(next(network.parameters()).device))[0]
            found = torch.sigmoid(scores) if params.multi_label else torch.softmax(scores, 0)
        return [float(value) for value in found.cpu().tolist()]
