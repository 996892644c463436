"""The algorithm ``semantic-segmentation``, as the guide's page of that name describes it."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from clary.algorithms.semantic_segmentation import mask_set
from clary.algorithms.semantic_segmentation.params import SemanticSegmentationParams
from clary.toolkit import extra, media_type, resizing
from clary.toolkit.algorithm import Algorithm, ChannelRule, Metric, algorithm
from clary.toolkit.answer import Answer
from clary.toolkit.batch import Floats
from clary.toolkit.channel import Channel
from clary.toolkit.formats import record
from clary.toolkit.formats.image import Image
from clary.toolkit.frame import framed
from clary.toolkit.host import Host
from clary.toolkit.picture_store import PictureStore
from clary.toolkit.report import Report
from clary.toolkit.request import Request

if TYPE_CHECKING:
    from clary.algorithms.semantic_segmentation.network import Network

_MASKS = (media_type.PNG,)


@algorithm("semantic-segmentation")
class SemanticSegmentation(Algorithm[SemanticSegmentationParams]):
    """Tells the class of every pixel."""

    Params = SemanticSegmentationParams
    channels = (
        ChannelRule("train", "Images to learn from.", required=True),
        ChannelRule("validation", "Images that the model is measured on after each epoch.", required=True),
        ChannelRule("train_annotation", "Masks of 'train': PNG files of the same names.", accepts=_MASKS),
        ChannelRule("validation_annotation", "Masks of 'validation'.", accepts=_MASKS),
        ChannelRule("label_map", "What the numbers in masks stand for.", accepts=(media_type.JSON,)),
        ChannelRule(
            "model", "A model of this algorithm to go on from.", accepts=("application/x-sagemaker-model",)
        ),
    )
    needs = ("torch", "vision")
    metrics = (
        Metric("validation:mIOU", r"validation mIOU: (\S+)", minimize=False),
        Metric("validation:pixel_accuracy", r"pixel_accuracy: (\S+)", minimize=False),
        Metric("train:loss", r"train loss: (\S+)"),
        Metric("train:throughput", r"train throughput: (\S+)"),
    )
    accepts = (media_type.JPEG, media_type.PNG, media_type.IMAGE, media_type.IMAGE_RECORDS)
    requests = (media_type.JPEG, media_type.PNG, media_type.IMAGE)
    responses = (media_type.PNG, media_type.RECORDIO)

    def __init__(self) -> None:
        self._params: SemanticSegmentationParams
        self._network: Network

    def train(
        self, params: SemanticSegmentationParams, channels: Mapping[str, Channel], report: Report, host: Host
    ) -> None:
        """Decode all images and masks once, learn from them, keep the weights of the epoch of most mIOU."""
        extra.load("torch", "torch")
        from clary.algorithms.semantic_segmentation import training  # noqa: PLC0415
        from clary.toolkit.neural import device, model_folder  # noqa: PLC0415

        self._params, self._network = params, training.built(params)
        name = params.backbone if params.use_pretrained_model else None
        model_folder.begin(self._network, channels.get("model"), name, report)
        self._network.to(device.choose())
        with PictureStore() as seen, PictureStore() as fresh:
            sets = [
                mask_set.read(
                    (channels[name], channels.get(f"{name}_annotation")),
                    mask_set.label_table(channels.get("label_map"), name),
                    params.num_classes,
                    store,
                )
                for name, store in (("train", seen), ("validation", fresh))
            ]
            training.fit(self._network, (sets[0], sets[1]), params, report, host)

    def save(self, folder: Path) -> None:
        """Write the weights as ``model.npz`` and the form of the network as ``model.json``."""
        from clary.toolkit.neural import model_folder  # noqa: PLC0415

        model_folder.write(folder, self._params.as_given(), self._network)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model that ``save`` wrote into ``folder``."""
        extra.load("torch", "torch")
        from clary.algorithms.semantic_segmentation import training  # noqa: PLC0415
        from clary.toolkit.neural import model_folder  # noqa: PLC0415

        loaded = cls()
        loaded._params, loaded._network = model_folder.read(
            folder, SemanticSegmentationParams, training.built, "segmentation"
        )
        return loaded

    def answer(self, request: Request) -> Answer:
        """Answer an image with its mask, or with the probability of each class at each pixel."""
        request.kind(self.requests)
        accept = request.wanted(self.responses)
        found = self.probabilities(Image(request.body, "The request body"))
        if accept.name == media_type.PNG:
            pillow, stream = extra.load("PIL.Image", "vision"), io.BytesIO()
            pillow.fromarray(found.argmax(axis=0).astype(np.uint8)).save(stream, "PNG")
            return Answer(stream.getvalue(), accept.name)
        return Answer(framed(record.shaped_features("target", found[None])), accept.name)

    def probabilities(self, image: Image) -> Floats:
        """Return how likely each class is at each pixel, (classes, height, width)."""
        import torch  # noqa: PLC0415

        from clary.toolkit.neural import augmentation  # noqa: PLC0415

        pixels = image.pixels()
        network, size = self._network, self._params.crop_size
        seen = resizing.with_shortest_side(pixels, size)
        network.eval()
        with torch.no_grad():
            batch = augmentation.normalised(augmentation.tensor([seen]))
            scores = network(batch.to(next(network.parameters()).device))
            scores = torch.nn.functional.interpolate(
                scores, size=pixels.shape[:2], mode="bilinear", align_corners=False
            )
            found: Floats = torch.softmax(scores[0], 0).cpu().numpy()
        return found
