"""Transform story: what lineage and experiments are told of a batch transform job."""

from collections.abc import Iterator

from clary.core.exchange import Document
from clary.services import tracking
from clary.services.tracking import Material, Story
from clary.store.resources import Row

SUFFIX = "aws-transform-job"
"""What the name of a job's component ends with, behind the name of the job."""


def story(
    row: Row, model: Row | None, status: str, started: float | None, ended: float | None = None
) -> Story:
    """Return what is told of the job ``row``: the model, the data that it was given, and its predictions."""
    container = _container(model)
    given = row.doc["TransformInput"]
    uri = given["DataSource"]["S3DataSource"]["S3Uri"]
    made = row.doc["TransformOutput"]["S3OutputPath"]
    named = {
        "SageMaker.ModelName": row.doc["ModelName"],
        "SageMaker.ModelPrimary.DataUrl": container.get("ModelDataUrl"),
        "SageMaker.ModelPrimary.Image": container.get("Image"),
    }
    said = {name: value for name, value in named.items() if value}
    return Story(
        job="SageMakerTransformJob",
        suffix=SUFFIX,
        parameters={**tracking.instances(row.doc["TransformResources"]), **said},
        inputs=(Material("SageMaker.TransformInput", uri, "DataSet", given.get("ContentType")),),
        outputs=(Material("SageMaker.TransformOutput", made, "DataSet"),),
        behind=tuple(_behind(container)),
        status=status,
        message=row.doc.get("FailureReason"),
        started=started,
        ended=ended,
    )


def _container(model: Row | None) -> Document:
    """Return the first container of a model; an empty one where the model is gone."""
    if model is None:
        return {}
    containers = [model.doc.get("PrimaryContainer"), *(model.doc.get("Containers") or ())]
    return next((container for container in containers if container), {})


def _behind(container: Document) -> Iterator[Material]:
    if container.get("ModelDataUrl"):
        yield Material("SageMaker.ModelPrimary.DataUrl", container["ModelDataUrl"], "Model")
    if container.get("Image"):
        yield Material("SageMaker.ModelPrimary.Image", container["Image"], "Image")
