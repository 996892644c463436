"""Program: what the hosts of a training job run, as its image, entrypoint and hyperparameters say."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from clary.compute import images
from clary.core import errors
from clary.core.exchange import Document

_TOOLKIT = "clary.toolkit.__main__"
_SCRIPT = "clary.toolkit.script"
_HOST = "clary.toolkit.script_host"


@dataclass(frozen=True, slots=True)
class Program:
    """``command`` is the argument list of a program, or that of ``module``; ``algorithm`` is its name."""

    module: str | None
    command: tuple[str, ...]
    algorithm: str | None = None


def of(job: Document) -> Program:
    """Return the program of a CreateTrainingJob; raises ValidationException where it names none."""
    asked = job["AlgorithmSpecification"]
    image = asked.get("TrainingImage")
    if image is None:
        raise errors.validation("AlgorithmSpecification needs a TrainingImage or an AlgorithmName.")
    entry = images.resolve(image)
    entrypoint, arguments = asked.get("ContainerEntrypoint"), asked.get("ContainerArguments") or ()
    if entrypoint:
        return Program(None, (*entrypoint, *arguments))
    if arguments:
        raise errors.validation(
            "AlgorithmSpecification.ContainerArguments are arguments of a ContainerEntrypoint, which is "
            f"missing: image {image!r} runs no program that takes them here."
        )
    if _parameter(job, "sagemaker_program") and entry.kind == "framework":
        return Program(_SCRIPT, ())
    if entry.name in images.algorithms():
        return Program(_TOOLKIT, ("train", entry.name), entry.name)
    raise errors.validation(
        f"Image {image!r} runs a program of yours: give AlgorithmSpecification.ContainerEntrypoint, or the "
        "hyperparameters sagemaker_program and sagemaker_submit_directory, as the SageMaker SDK does."
    )


def serving(image: str, environment: Mapping[str, str]) -> Program:
    """Return the program that hosts models of an image; raises ValidationException where there is none.

    A framework that is an algorithm as well, such as XGBoost, hosts by itself what no script is named for.
    """
    entry = images.resolve(image)
    built_in = entry.name in images.algorithms()
    if entry.kind == "framework" and (environment.get("SAGEMAKER_PROGRAM") or not built_in):
        return Program(_HOST, (entry.name,) if built_in else ())
    return Program(_TOOLKIT, ("serve", entry.name), entry.name)


def source(job: Document) -> str | None:
    """Return the URI of the archive that holds the user's script; None where it lies elsewhere or is none."""
    if of(job).module != _SCRIPT:
        return None
    directory = _parameter(job, "sagemaker_submit_directory") or ""
    return directory if directory.startswith("s3://") else None


def _parameter(job: Document, name: str) -> str | None:
    """Return a hyperparameter of the SDK's, which writes values as JSON."""
    value = (job.get("HyperParameters") or {}).get(name)
    try:
        decoded = json.loads(value or "null")
    except ValueError:
        decoded = value
    return str(decoded) if decoded is not None else None
