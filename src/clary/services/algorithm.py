"""Algorithm: what is registered, or comes with this installation, under a name."""

from pathlib import Path

from clary.compute import images
from clary.core import errors
from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.store.resources import Row

_SIZES = {
    "t3": "medium large xlarge 2xlarge",
    "m4": "xlarge 2xlarge 4xlarge 10xlarge 16xlarge",
    "m5": "large xlarge 2xlarge 4xlarge 12xlarge 24xlarge",
    "m6i": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge",
    "m7i": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge",
    "c4": "xlarge 2xlarge 4xlarge 8xlarge",
    "c5": "xlarge 2xlarge 4xlarge 9xlarge 18xlarge",
    "c6i": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge",
    "c7i": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge",
    "r5": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge",
    "g4dn": "xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge",
    "g5": "xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge",
    "p3": "2xlarge 8xlarge 16xlarge",
}
INSTANCE_TYPES = tuple(f"ml.{family}.{size}" for family, sizes in _SIZES.items() for size in sizes.split())
"""The types that the built-in algorithms name as theirs; a job may have any that the platform knows."""


def find(platform: Platform, name: str) -> Document:
    """Return the Algorithm with a name or an ARN as DescribeAlgorithm shows it, a registered one first.

    Raises ValidationException where there is none.
    """
    row = registered(platform, name)
    if row is not None:
        return {**row.doc, "AlgorithmArn": row.arn}
    found = built_in(platform, name)
    if found is None:
        raise errors.validation(f"Algorithm {name} does not exist. Create it with CreateAlgorithm first.")
    return found


def registered(platform: Platform, name: str) -> Row | None:
    """Return the row of the Algorithm with a name or an ARN."""
    row = platform.by_arn(name) if name.startswith("arn:") else platform.get("Algorithm", name)
    return row if row is not None and row.kind == "Algorithm" else None


def built_in(platform: Platform, name: str) -> Document | None:
    """Return what DescribeAlgorithm shows of the built-in algorithm with a name or an ARN of this account."""
    own = name.removeprefix(platform.site.arn("algorithm/"))
    if own not in images.algorithms():
        return None
    image = f"{own}:1"
    card = platform.cards.card(own)
    types = list(INSTANCE_TYPES)
    return {
        "AlgorithmName": own,
        "AlgorithmArn": platform.site.arn(f"algorithm/{own}"),
        "AlgorithmDescription": card["AlgorithmDescription"],
        "CreationTime": Path(images.__file__).stat().st_mtime,
        "TrainingSpecification": {
            "TrainingImage": image,
            "SupportedTrainingInstanceTypes": types,
            **card["TrainingSpecification"],
        },
        "InferenceSpecification": {
            "Containers": [{"Image": image}],
            "SupportedRealtimeInferenceInstanceTypes": types,
            "SupportedTransformInstanceTypes": types,
            **card["InferenceSpecification"],
        },
        "AlgorithmStatus": "Completed",
        "AlgorithmStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
        "MissingExtras": card.get("MissingExtras"),
    }
