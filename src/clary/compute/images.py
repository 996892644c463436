"""Image URIs: what a training or serving image's name stands for on this machine."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import Literal

from clary.core.errors import validation

_URI = re.compile(
    r"(?:(?P<registry>\d{12}\.dkr\.ecr(?:-fips)?\.[a-z0-9-]+\.[a-z0-9.-]+)/)?"
    r"(?P<repository>[a-z0-9]+(?:[._/-][a-z0-9]+)*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?",
    re.ASCII,
)

_FRAMEWORK = re.compile(
    r"(?:sagemaker-)?(?P<name>scikit-learn|xgboost|pytorch|tensorflow|mxnet|chainer|autogluon"
    r"|huggingface-pytorch|huggingface-tensorflow|base-python|sparkml)"
    r"(?:-(?:training|inference|serving|scriptmode|trcomp|neuronx?|arm64|graviton|cpu|gpu|\d+))*"
)
"""The repositories of SageMaker's framework images, which hold an interpreter and libraries for it."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image URI taken apart; ``registry`` is None for a bare name such as ``linear-learner:1``."""

    repository: str
    tag: str | None
    digest: str | None
    registry: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """What an image stands for: the built-in algorithm, or the framework, called ``name``."""

    kind: Literal["algorithm", "framework"]
    name: str
    image: Image


def parse(uri: str) -> Image:
    """Take ``[<account>.dkr.ecr.<region>.amazonaws.com[.cn]/]<repository>[:<tag>][@<digest>]`` apart.

    Raises ClaryError (ValidationException) where the URI has another form.
    """
    match = _URI.fullmatch(uri)
    if match is None:
        raise validation(
            f"Image {uri!r} is not of the form "
            "<account>.dkr.ecr.<region>.amazonaws.com/<repository>[:<tag>|@<digest>] or <repository>[:<tag>]."
        )
    return Image(**match.groupdict())


def resolve(uri: str) -> Entry:
    """Return what runs for an image: the repository decides, never the registry's account or region.

    Raises ClaryError (ValidationException) where nothing on this machine stands for it.
    """
    image = parse(uri)
    if image.repository in algorithms():
        return Entry("algorithm", image.repository, image)
    framework = _FRAMEWORK.fullmatch(image.repository)
    if framework is not None:
        return Entry("framework", framework["name"], image)
    raise validation(
        f"Image {uri!r} cannot run here. Built-in algorithms: {', '.join(sorted(algorithms()))}. Framework "
        "images such as sagemaker-scikit-learn and pytorch-training run your program with this machine's "
        "interpreter. Your own containers are not supported by this release."
    )


@cache
def algorithms() -> frozenset[str]:
    """Return the names of the installed algorithms, from their entry points; imports none of them."""
    return frozenset(entry_points(group="clary.algorithms").names)


@cache
def modules() -> tuple[str, ...]:
    """Return the modules that hold the installed algorithms, sorted; imports none of them."""
    return tuple(sorted({point.module for point in entry_points(group="clary.algorithms")}))
