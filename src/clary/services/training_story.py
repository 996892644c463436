"""Training story: what lineage and experiments are told of a training job."""

from collections.abc import Iterator

from clary.core.exchange import Document
from clary.engine.kind import Reference
from clary.engine.lifecycle import Lifecycle
from clary.engine.platform import Platform
from clary.services import tracking, training_history
from clary.services.tracking import Material, Story
from clary.store.resources import Row

SUFFIX = "aws-training-job"
"""What the name of a job's component ends with, behind the name of the job."""


def begin(platform: Platform, row: Row) -> None:
    """Let the job have its trial component."""
    tracking.tell(platform, row, story(row, "InProgress", training_history.begun(platform, row)))


def end(platform: Platform, row: Row, lifecycle: Lifecycle) -> None:
    """Complete the component and associate it with what the job read and wrote."""
    begun = training_history.begun(platform, row)
    tracking.complete(platform, row, story(row, lifecycle.status(row.phase), begun, row.modified_at))


def references(doc: Document) -> Iterator[Reference]:
    """Name the experiment and the trial that the job is to belong to."""
    config = doc.get("ExperimentConfig") or {}
    for noun in ("Experiment", "Trial"):
        if config.get(f"{noun}Name"):
            yield Reference(noun, config[f"{noun}Name"])


def story(row: Row, status: str, started: float | None, ended: float | None = None) -> Story:
    """Return what is told of the job ``row``: its image and channels, and the model that it made."""
    model = (row.doc.get("ModelArtifacts") or {}).get("S3ModelArtifacts")
    return Story(
        job="SageMakerTrainingJob",
        suffix=SUFFIX,
        parameters=_parameters(row.doc),
        inputs=tuple(_inputs(row.doc)),
        outputs=(Material("SageMaker.ModelArtifact", model, "Model"),) if model else (),
        status=status,
        message=row.doc.get("FailureReason"),
        started=started,
        ended=ended,
    )


def _parameters(doc: Document) -> dict[str, str]:
    """Return the hyperparameters, and the instances under the names that SageMaker gives them."""
    return {**doc["HyperParameters"], **tracking.instances(doc["ResourceConfig"])}


def _inputs(doc: Document) -> Iterator[Material]:
    image = doc["AlgorithmSpecification"].get("TrainingImage")
    if image:
        yield Material("SageMaker.ImageUri", image, "Image")
    for channel in doc.get("InputDataConfig") or ():
        source = channel["DataSource"].get("S3DataSource")
        if source is not None:
            yield Material(channel["ChannelName"], source["S3Uri"], "DataSet", channel.get("ContentType"))
