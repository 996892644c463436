"""Tracking: the trial component, artifacts and associations that SageMaker keeps of a job by itself.

Source: "Amazon SageMaker AI-Created Tracking Entities" in the developer guide.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from clary.core import clock
from clary.core.exchange import Document
from clary.engine.identity import Address
from clary.engine.platform import Platform
from clary.engine.record import Record
from clary.services import lineage, membership
from clary.store.edges import Edge
from clary.store.resources import AlreadyExistsError, Row

_COMPONENT = Record("TrialComponent", lineage.TRIAL_COMPONENT)
_ARTIFACT = Record("Artifact", lineage.ARTIFACT)


@dataclass(frozen=True, slots=True)
class Material:
    """What went into a job or came out of it: ``kind`` is DataSet, Image or Model."""

    name: str
    uri: str
    kind: str
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """What is told of a job. ``job`` says what it is: "SageMakerTrainingJob"."""

    job: str
    suffix: str
    parameters: Mapping[str, str]
    inputs: tuple[Material, ...]
    outputs: tuple[Material, ...] = ()
    status: str = "InProgress"
    message: str | None = None
    started: float | None = None
    ended: float | None = None


def tell(platform: Platform, row: Row, story: Story) -> Row:
    """Write the trial component of the job ``row`` as ``story`` has it; may be repeated.

    The component joins the trial that ExperimentConfig names.
    """
    config = row.doc.get("ExperimentConfig") or {}
    name = f"{row.name}-{story.suffix}"
    doc = _document(row, story, name, config.get("TrialComponentDisplayName"))
    component = platform.get(_COMPONENT.noun, name)
    if component is None:
        component = _insert(platform, _COMPONENT, name, doc)
        trial = platform.get("Trial", config["TrialName"]) if config.get("TrialName") else None
        if trial is not None:
            membership.join(platform, trial, component)
    else:
        platform.amend(component, lambda now: {"doc": {**now.doc, **doc}}, "updated")
    return component


def connect(platform: Platform, component: Row, story: Story) -> None:
    """Associate the artifacts of the story with its component; may be repeated."""
    for material in story.inputs:
        _associate(platform, _artifact(platform, material).arn, component.arn, "ContributedTo")
    for material in story.outputs:
        _associate(platform, component.arn, _artifact(platform, material).arn, "Produced")


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


def _artifact(platform: Platform, material: Material) -> Row:
    found = lineage.artifact(platform, material.uri)
    if found is not None:
        return found
    doc = {"Source": {"SourceUri": material.uri}, "ArtifactType": material.kind}
    return _insert(platform, _ARTIFACT, lineage.artifact_name(material.uri), doc)


def _insert(platform: Platform, kind: Record, name: str, doc: Document) -> Row:
    row = kind.first_row(platform.site, Address("", name), doc, {})
    try:
        platform.resources.insert(row)
    except AlreadyExistsError as error:
        return error.row
    return row


def _associate(platform: Platform, source: str, destination: str, kind: str) -> None:
    platform.edges.add(Edge(lineage.FAMILY, source, destination, kind, clock.now(), {}))
