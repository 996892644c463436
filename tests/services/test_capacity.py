"""An endpoint's variants get other weights and other numbers of instances."""

import pytest

from clary.compute import probe
from clary.engine.platform import Platform
from clary.store.objects import BucketRow
from tests.fake_executor import FakeExecutor
from tests.services.sagemaker.conftest import ACCOUNT, BUCKET, Lab
from tests.services.sagemaker.endpoints import describe, look, runs, serve, variant

PINGS: set[str] = set()


@pytest.fixture
def lab(platform: Platform, executor: FakeExecutor, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A lab with the model ``m``, all of whose replicas answer at once."""
    monkeypatch.setattr(probe, "answers", lambda address, path="/ping": True)
    platform.objects.create_bucket(BucketRow(BUCKET, ACCOUNT, "us-east-1", 0.0))
    made = Lab(platform, executor)
    made("CreateModel", ModelName="m", PrimaryContainer={"Image": "linear-learner:1"})
    return made


def test_another_generation_takes_over(lab: Lab) -> None:
    serve(lab, PINGS, variant("a"), variant("b"))
    wanted = [{"VariantName": "a", "DesiredInstanceCount": 2}, {"VariantName": "b", "DesiredWeight": 3.0}]
    asked = {"EndpointName": "e", "DesiredWeightsAndCapacities": wanted}
    assert "EndpointArn" in lab("UpdateEndpointWeightsAndCapacities", **asked)
    for _ in range(3):
        look(lab)
    assert runs(look(lab)) == ["2-0-0", "2-0-1", "2-1-0"]
    first, second = describe(lab)["ProductionVariants"]
    assert (first["CurrentInstanceCount"], first["CurrentWeight"]) == (2, 1.0)
    assert (second["CurrentInstanceCount"], second["CurrentWeight"]) == (1, 3.0)


def test_only_variants_that_there_are_have_capacities(lab: Lab) -> None:
    serve(lab, PINGS, variant("a"))
    wanted = {"DesiredWeightsAndCapacities": [{"VariantName": "x", "DesiredWeight": 1.0}]}
    refusal = lab.refused("UpdateEndpointWeightsAndCapacities", EndpointName="e", **wanted)
    assert refusal == "The endpoint has no production variant 'x', but a."
    refusal = lab.refused("UpdateEndpointWeightsAndCapacities", EndpointName="none", **wanted)
    assert "Could not find endpoint" in refusal
