"""Processing story: what lineage and experiments are told of a processing job."""

from collections.abc import Iterator

from clary.core.exchange import Document
from clary.services import tracking
from clary.services.tracking import Material, Story
from clary.store.resources import Row

SUFFIX = "aws-processing-job"
"""What the name of a job's component ends with, behind the name of the job."""


def story(row: Row, status: str, started: float | None, ended: float | None = None) -> Story:
    """Return what is told of the job ``row``: its code and data sets, and the data sets that it made."""
    output = row.doc.get("ProcessingOutputConfig") or {}
    return Story(
        job="SageMakerProcessingJob",
        suffix=SUFFIX,
        parameters=tracking.instances(row.doc["ProcessingResources"]["ClusterConfig"]),
        inputs=tuple(_inputs(row.doc)),
        outputs=tuple(_data(output.get("Outputs") or (), "OutputName", "S3Output")),
        status=status,
        message=row.doc.get("FailureReason"),
        started=started,
        ended=ended,
    )


def _inputs(doc: Document) -> Iterator[Material]:
    yield Material("SageMaker.ImageUri", doc["AppSpecification"]["ImageUri"], "Image")
    yield from _data(doc.get("ProcessingInputs") or (), "InputName", "S3Input")


def _data(given: list[Document] | tuple[()], name: str, place: str) -> Iterator[Material]:
    for each in given:
        uri = (each.get(place) or {}).get("S3Uri")
        if uri:
            yield Material(each[name], uri, "DataSet")
