"""A configuration names models that exist, and nothing that is not served."""

from typing import Any

import pytest

from clary.core.exchange import Document
from tests.services.sagemaker.conftest import Lab


def variant(**changes: Any) -> Document:
    return {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", **changes}


@pytest.fixture(autouse=True)
def model(lab: Lab) -> None:
    lab("CreateModel", ModelName="m", PrimaryContainer={"Image": "linear-learner:1"})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"AsyncInferenceConfig": {"OutputConfig": {}}}, "AsyncInferenceConfig is not supported"),
        ({"ShadowProductionVariants": [variant()]}, "ShadowProductionVariants is not supported"),
        ({"ExplainerConfig": {"ClarifyExplainerConfig": {}}}, "ExplainerConfig is not supported"),
        ({"DataCaptureConfig": {"EnableCapture": True}}, "Data capture (DataCaptureConfig.EnableCapture)"),
        ({"ProductionVariants": [variant(), variant()]}, "The variant names must be unique"),
        (
            {"ProductionVariants": [variant(ServerlessConfig={"MemorySizeInMB": 1})]},
            "Variant a: ServerlessConfig",
        ),
        ({"ProductionVariants": [variant(InstanceType=None)]}, "Variant a: InstanceType is required."),
        ({"ProductionVariants": [variant(ModelName=None)]}, "Variant a: ModelName is required."),
        (
            {"ProductionVariants": [variant(InstanceType="ml.x.large")]},
            "Instance type 'ml.x.large' is unknown",
        ),
        ({"ProductionVariants": [variant(ModelName="none")]}, 'Could not find model "arn:aws:sagemaker:'),
    ],
)
def test_what_could_not_be_served_is_refused(lab: Lab, changes: Document, words: str) -> None:
    request = {"EndpointConfigName": "c", "ProductionVariants": [variant()]}
    assert words in lab.refused("CreateEndpointConfig", **request | changes)


def test_a_variant_has_one_instance_and_full_weight_unless_it_says_otherwise(lab: Lab) -> None:
    variants = [variant(), variant(VariantName="b", InitialInstanceCount=2, InitialVariantWeight=0.5)]
    off = {"EnableCapture": False}
    lab("CreateEndpointConfig", EndpointConfigName="c", ProductionVariants=variants, DataCaptureConfig=off)
    first, second = lab("DescribeEndpointConfig", EndpointConfigName="c")["ProductionVariants"]
    assert (first["InitialInstanceCount"], first["InitialVariantWeight"]) == (1, 1.0)
    assert (second["InitialInstanceCount"], second["InitialVariantWeight"]) == (2, 0.5)
