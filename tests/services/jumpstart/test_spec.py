"""Specs have what the SDK asks for, from the cards of algorithms."""

from typing import Any

import pytest

from clary.services.jumpstart.offer import Offer
from clary.services.jumpstart.spec import manifest, spec

OFFER = Offer("toy-regression-model", "toy", "regression", "tabular_regress")


def entry(name: str, kind: str, default: str | None, **limits: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"Name": name, "Type": kind}
    if limits:
        found["Range"] = {f"{kind}ParameterRangeSpecification": limits}
    return found if default is None else {**found, "DefaultValue": default}


CARD = {
    "SupportedHyperParameters": [
        entry("rounds", "Integer", "100", MinValue="1", MaxValue="200"),
        entry("rate", "Continuous", "0.1", MinValue="0", MaxValue="1"),
        entry("bins", "Integer", "Auto", MinValue="1", MaxValue="9"),
        entry("even", "Categorical", "false", Values=["true", "false"]),
        entry("k", "Integer", None, MinValue="1", MaxValue="9"),
        entry("problem_type", "Categorical", "auto", Values=["auto", "regression"]),
    ],
    "MetricDefinitions": [{"Name": "rmse", "Regex": "rmse: ([0-9.]+)"}],
}


def test_the_manifest_leads_to_the_specs() -> None:
    (header,) = manifest([OFFER])
    assert header["spec_key"] == OFFER.spec
    assert {"model_id", "version", "min_version"} <= header.keys()


def test_hyperparameters_are_those_of_the_card_that_the_id_leaves_open() -> None:
    found = {one["name"]: one for one in spec(OFFER, CARD, "us-east-1")["hyperparameters"]}
    assert found["rounds"] == {
        "name": "rounds", "scope": "algorithm", "type": "int", "default": 100, "min": 1, "max": 200,
    }  # fmt: skip
    assert found["rate"]["default"] == 0.1
    assert found["bins"] == {"name": "bins", "scope": "algorithm", "type": "text", "default": "Auto"}
    assert (found["even"]["default"], found["even"]["options"]) == ("False", ["True", "False"])
    assert found["sagemaker_program"]["default"] == "transfer_learning.py"
    assert found["sagemaker_program"]["scope"] == "container"
    assert not {"k", "problem_type"} & found.keys()


@pytest.mark.parametrize(
    ("region", "domain"), [("us-west-2", "amazonaws.com"), ("cn-north-1", "amazonaws.com.cn")]
)
def test_images_are_those_of_a_framework_in_the_region(region: str, domain: str) -> None:
    variants = spec(OFFER, CARD, region)["training_instance_type_variants"]
    uri = variants["regional_aliases"][region]["cpu"]
    assert uri == f"763104351884.dkr.ecr.{region}.{domain}/pytorch-training:2.0.0-cpu-py310"
    assert variants["variants"]["m5"]["regional_properties"]["image_uri"] == "$cpu"
