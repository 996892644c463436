"""Specs: the manifest of ids and, of each, what the SDK must know; in the form of JumpStart's own."""

from collections.abc import Mapping, Sequence

from clary.core.exchange import Document
from clary.services.jumpstart.offer import VERSION, Offer

_OLDEST_SDK = "2.80.0"
_ACCOUNT = "763104351884"  # of AWS's registry of framework images; here only the repository matters
_FRAMEWORK = {"framework": "pytorch", "framework_version": "2.0.0", "py_version": "py310"}
_TAG = "2.0.0-cpu-py310"
_INSTANCE, _HOST = "ml.m5.xlarge", "ml.m5.large"
_FAMILIES = (
    "m4", "m5", "m5d", "m6i", "m7i", "c4", "c5", "c5d", "c6i", "c7i", "r5", "r5d", "r6i", "r7i", "t2", "t3",
    "g4dn", "g5", "g6", "p2", "p3", "p3dn", "p4d", "local",
)  # fmt: skip
_SIZES = ("large", "xlarge", "2xlarge", "4xlarge", "12xlarge")
_REQUESTS = ("text/csv", "application/json")
_ANSWERS = ("application/json;verbose", "application/json")
_BY_ID = ("problem_type",)
"""Hyperparameters that the id of a model settles."""

_CONTAINER = {
    "sagemaker_submit_directory": "/opt/ml/input/data/code/sourcedir.tar.gz",
    "sagemaker_program": "transfer_learning.py",
    "sagemaker_container_log_level": "20",
}
_HOSTING = {
    "SAGEMAKER_PROGRAM": "inference.py",
    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
    "SAGEMAKER_CONTAINER_LOG_LEVEL": "20",
}
_TYPES = {"Integer": ("int", int), "Continuous": ("float", float)}


def manifest(offers: Sequence[Offer]) -> Sequence[Document]:
    """Return ``models_manifest.json``: where the spec of each version of each id is."""
    return [
        {
            "model_id": offer.model_id,
            "version": VERSION,
            "min_version": _OLDEST_SDK,
            "spec_key": offer.spec,
            "search_keywords": ["Tabular", "Training", offer.problem_type],
        }
        for offer in offers
    ]


def spec(offer: Offer, card: Document, region: str) -> Document:
    """Return the spec of an offer, with the hyperparameters and metrics of its algorithm's card."""
    instances = [f"ml.m5.{size}" for size in _SIZES]
    return {
        "model_id": offer.model_id,
        "url": "",
        "version": VERSION,
        "min_sdk_version": _OLDEST_SDK,
        "incremental_training_supported": False,
        "training_supported": True,
        "hosting_ecr_specs": _FRAMEWORK,
        "hosting_artifact_key": offer.hosting_artifact,
        "hosting_script_key": offer.hosting_script,
        "hosting_use_script_uri": True,
        "hosting_instance_type_variants": _images("inference", region),
        "inference_environment_variables": _container(_HOSTING),
        "default_inference_instance_type": _HOST,
        "supported_inference_instance_types": instances,
        "predictor_specs": {
            "default_content_type": _REQUESTS[0],
            "supported_content_types": _REQUESTS,
            "default_accept_type": _ANSWERS[0],
            "supported_accept_types": _ANSWERS,
        },
        "training_ecr_specs": _FRAMEWORK,
        "training_artifact_key": offer.training_artifact,
        "training_script_key": offer.training_script,
        "training_instance_type_variants": _images("training", region),
        "default_training_instance_type": _INSTANCE,
        "supported_training_instance_types": instances,
        "default_training_dataset_key": f"training-datasets/{offer.samples}/",
        "hyperparameters": [
            *map(_hyperparameter, filter(_is_open, card["SupportedHyperParameters"])),
            *_container(_CONTAINER),
        ],
        "metrics": card["MetricDefinitions"],
        "resource_name_base": offer.model_id.removesuffix("-model"),
    }


def _is_open(entry: Document) -> bool:
    return "DefaultValue" in entry and entry["Name"] not in _BY_ID


def _hyperparameter(entry: Document) -> Document:
    """Return a hyperparameter of a card as JumpStart describes it."""
    kind, convert = _TYPES.get(entry["Type"], ("text", str))
    told: Document = {"name": entry["Name"], "scope": "algorithm"}
    try:
        default = convert(entry["DefaultValue"])
    except ValueError:  # a word that may stand for a number
        return told | {"type": "text", "default": entry["DefaultValue"]}
    told |= {"type": kind, "default": default}
    ranges: Mapping[str, Document] = entry.get("Range", {})
    for limits in ranges.values():
        if "Values" in limits:
            words = [_word(word) for word in limits["Values"]]
            told |= {"options": words, "default": _word(entry["DefaultValue"])}
        else:
            told |= {"min": convert(limits["MinValue"]), "max": convert(limits["MaxValue"])}
    return told


def _word(text: str) -> str:
    """Return truth as JumpStart writes it."""
    return {"true": "True", "false": "False"}.get(text, text)


def _container(values: Mapping[str, str]) -> Sequence[Document]:
    return [
        {
            "name": name,
            "type": "text",
            "default": value,
            "scope": "container",
            "required_for_model_class": True,
        }
        for name, value in values.items()
    ]


def _images(scope: str, region: str) -> Document:
    """Return the image of every family of instances, which is the same."""
    domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    uri = f"{_ACCOUNT}.dkr.ecr.{region}.{domain}/pytorch-{scope}:{_TAG}"
    return {
        "regional_aliases": {region: {"cpu": uri}},
        "variants": {family: {"regional_properties": {"image_uri": "$cpu"}} for family in _FAMILIES},
    }
