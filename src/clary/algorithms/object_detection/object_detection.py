"""The algorithm ``object-detection``, as the guide's page "Object Detection - MXNet" describes it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from clary.algorithms.object_detection import box_set
from clary.algorithms.object_detection.params import ObjectDetectionParams
from clary.toolkit import extra, media_type, resizing
from clary.toolkit.algorithm import RUNNING, Algorithm, ChannelRule, Metric, algorithm
from clary.toolkit.answer import Answer
from clary.toolkit.batch import Floats
from clary.toolkit.channel import Channel
from clary.toolkit.formats.image import Bytes, Image
from clary.toolkit.host import Host
from clary.toolkit.picture_store import PictureStore
from clary.toolkit.report import Report
from clary.toolkit.request import Request

if TYPE_CHECKING:
    from clary.algorithms.object_detection.network import SSD

_LOGGED = r"#quality_metric: host=\S+, epoch=\S+, {} <{}>=\((\S+)\)"


@algorithm("object-detection")
class ObjectDetection(Algorithm[ObjectDetectionParams]):
    """Tells what is on an image, and where."""

    Params = ObjectDetectionParams
    channels = (
        ChannelRule("train", "Images to learn from.", required=True),
        ChannelRule("validation", "Images that the model is measured on after each epoch.", required=True),
        ChannelRule("train_annotation", "A JSON file for each image of 'train'.", accepts=(media_type.JSON,)),
        ChannelRule("validation_annotation", "The same of 'validation'.", accepts=(media_type.JSON,)),
        ChannelRule(
            "model", "A model of this algorithm to go on from.", accepts=("application/x-sagemaker-model",)
        ),
    )
    needs = ("torch", "vision")
    metrics = (
        Metric("validation:mAP", _LOGGED.format("validation mAP", "score"), minimize=False),
        Metric("train:cross_entropy", _LOGGED.format(r"batch=\S+ train cross_entropy", "loss")),
        Metric("train:smooth_l1", _LOGGED.format(r"batch=\S+ train smooth_l1", "loss")),
        *RUNNING,
    )
    distributed = True
    accepts = (media_type.IMAGE_RECORDS, media_type.IMAGE, media_type.JPEG, media_type.PNG)
    requests = (media_type.IMAGE, media_type.JPEG, media_type.PNG)
    responses = (media_type.JSON, media_type.JSON_LINES)

    def __init__(self) -> None:
        self._params: ObjectDetectionParams
        self._network: SSD

    def train(
        self, params: ObjectDetectionParams, channels: Mapping[str, Channel], report: Report, host: Host
    ) -> None:
        """Decode all images once, learn from them, keep the weights of the epoch of the highest mAP."""
        extra.load("torch", "torch")
        from clary.algorithms.object_detection import training  # noqa: PLC0415
        from clary.toolkit.neural import device, model_folder  # noqa: PLC0415

        self._params, self._network = params, training.built(params)
        name = params.base_network if params.use_pretrained_model else None
        model_folder.begin(self._network, channels.get("model"), name, report)
        self._network.to(device.choose())
        size = (params.image_shape, params.num_classes)
        with PictureStore() as seen, PictureStore() as fresh:
            sets = [
                box_set.read((channels[name], channels.get(f"{name}_annotation")), size, store, host)
                for name, store in (("train", seen), ("validation", fresh))
            ]
            training.Trainer(self._network, params, report, host).fit(*sets)

    def save(self, folder: Path) -> None:
        """Write the weights as ``model.npz`` and the form of the network as ``model.json``."""
        from clary.toolkit.neural import model_folder  # noqa: PLC0415

        model_folder.write(folder, self._params.as_given(), self._network)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model that ``save`` wrote into ``folder``."""
        extra.load("torch", "torch")
        from clary.algorithms.object_detection import training  # noqa: PLC0415
        from clary.toolkit.neural import model_folder  # noqa: PLC0415

        loaded = cls()
        loaded._params, loaded._network = model_folder.read(
            folder, ObjectDetectionParams, training.built, "object detection"
        )
        return loaded

    def answer(self, request: Request) -> Answer:
        """Answer an image with rows of class, score, left, top, right, bottom, parts of the image.

        With ``Accept: application/json;annotation=1`` they are as the annotations of training, in pixels.
        """
        request.kind(self.requests)
        accept = request.wanted(self.responses)
        pixels = Image(request.body, "The request body").pixels()
        found = self.detected(pixels)
        document: Any = {"prediction": [[float(number) for number in row] for row in found]}
        if accept.asks("annotation") and accept.parameters["annotation"] != "0":
            document = _annotation(found, pixels)
        end = "\n" if accept.name == media_type.JSON_LINES else ""
        return Answer(f"{json.dumps(document)}{end}".encode(), accept.name)

    def detected(self, pixels: Bytes) -> Floats:
        """Return what is on an image: (boxes, 6), class, score, left, top, right, bottom."""
        from clary.algorithms.object_detection import detection  # noqa: PLC0415

        side = self._params.image_shape
        picture = resizing.resized(pixels, side, side)
        return detection.detected(self._network, [picture], self._params.nms_threshold)[0]


def _annotation(found: Floats, pixels: Bytes) -> dict[str, Any]:
    height, width, depth = pixels.shape
    rows = []
    for label, score, left, top, right, bottom in found.tolist():
        rows.append(
            {
                "class_id": int(label),
                "left": round(left * width),
                "top": round(top * height),
                "width": round((right - left) * width),
                "height": round((bottom - top) * height),
                "score": score,
            }
        )
    return {"image_size": [{"width": width, "height": height, "depth": depth}], "annotations": rows}
