"""Tracking: the trial component, artifacts and associations that SageMaker keeps of a job by itself.

Source: "Amazon SageMaker AI-Created Tracking Entities" in the developer guide.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.services import lineage_entity, membership
from clary.store.resources import Row


@dataclass(frozen=True, slots=True)
class Material:
    """What went into a job or came out of it: ``kind`` is DataSet, Image or Model."""

    name: str
    uri: str
    kind: str
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """What is told of a job. ``job`` says what it is: "SageMakerTrainingJob".

    ``behind`` contributed to it without being one of the artifacts that its component shows.
    """

    job: str
    suffix: str
    parameters: Mapping[str, str]
    inputs: tuple[Material, ...]
    outputs: tuple[Material, ...] = ()
    behind: tuple[Material, ...] = ()
    status: str = "InProgress"
    message: str | None = None
    started: float | None = None
    ended: float | None = None


def tell(platform: Platform, row: Row, story: Story) -> Row:
    """Write the trial component of the job ``row`` as ``story`` has it; may be repeated.

    The component joins the trial that ExperimentConfig names when it begins.
    """
    config = row.doc.get("ExperimentConfig") or {}
    name = f"{row.name}-{story.suffix}"
    begins = platform.get("TrialComponent", name) is None
    doc = _document(row, story, name, config.get("TrialComponentDisplayName"))
    component = lineage_entity.keep(platform, "TrialComponent", name, doc)
    trial = platform.get("Trial", config["TrialName"]) if begins and config.get("TrialName") else None
    if trial is not None:
        membership.join(platform, trial, component)
    return component


def complete(platform: Platform, row: Row, story: Story) -> None:
    """Write the component of a job that has ended, and associate it; may be repeated."""
    connect(platform, tell(platform, row, story), story)


def instances(asked: Document) -> dict[str, str]:
    """Return what a job asks for to run on, under the names that SageMaker gives it."""
    named = {
        "SageMaker.InstanceType": asked.get("InstanceType"),
        "SageMaker.InstanceCount": asked.get("InstanceCount"),
        "SageMaker.VolumeSizeInGB": asked.get("VolumeSizeInGB"),
    }
    return {name: str(value) for name, value in named.items() if value is not None}


def connect(platform: Platform, component: Row, story: Story) -> None:
    """Associate the artifacts of the story with its component; may be repeated."""
    for material in (*story.inputs, *story.behind):
        given = lineage_entity.artifact(platform, material.uri, material.kind)
        lineage_entity.associate(platform, given, component, "ContributedTo")
    for material in story.outputs:
        made = lineage_entity.artifact(platform, material.uri, material.kind)
        lineage_entity.associate(platform, component, made, "Produced")


def _document(row: Row, story: Story, name: str, display: str | None) -> Document:
    return {
        "TrialComponentName": name,
        "DisplayName": display or name,
        "Source": {"SourceArn": row.arn, "SourceType": story.job},
        "Status": {"PrimaryStatus": story.status} | ({"Message": story.message} if story.message else {}),
        "Parameters": {key: _parameter(value) for key, value in story.parameters.items()},
        "InputArtifacts": _shown(story.inputs),
        "OutputArtifacts": _shown(story.outputs),
        **({"StartTime": story.started} if story.started is not None else {}),
        **({"EndTime": story.ended} if story.ended is not None else {}),
    }


def _parameter(value: str) -> Document:
    try:
        return {"NumberValue": float(value)}
    except ValueError:
        return {"StringValue": value}


def _shown(materials: Iterable[Material]) -> Document:
    return {
        material.name: {"Value": material.uri}
        | ({"MediaType": material.media_type} if material.media_type else {})
        for material in materials
    }
