"""An endpoint's variants get other weights and other numbers of instances."""

import pytest

from clary.compute import probe
from clary.core.exchange import Document
from clary.engine.platform import Platform
from clary.store.objects import BucketRow
from clary.store.resources import Row
from tests.fake_executor import FakeExecutor
from tests.services.sagemaker.conftest import ACCOUNT, BUCKET, Lab
from tests.services.sagemaker.endpoints import configure, describe, look, runs, serve, variant

PINGS: set[str] = set()


@pytest.fixture
def lab(platform: Platform, executor: FakeExecutor, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A lab with the model ``m``, all of whose replicas answer at once."""
    monkeypatch.setattr(probe, "answers", lambda address, path="/ping": True)
    platform.objects.create_bucket(BucketRow(BUCKET, ACCOUNT, "us-east-1", 0.0))
    made = Lab(platform, executor)
    made("CreateModel", ModelName="m", PrimaryContainer={"Image": "linear-learner:1"})
    return made


def resize(lab: Lab, *wanted: Document) -> Row:
    """Change capacities, and look until that is done."""
    asked = {"EndpointName": "e", "DesiredWeightsAndCapacities": list(wanted)}
    assert "EndpointArn" in lab("UpdateEndpointWeightsAndCapacities", **asked)
    for _ in range(3):
        look(lab)
    return look(lab)


def test_only_the_replicas_that_are_missing_are_started(lab: Lab) -> None:
    serve(lab, PINGS, variant("a"), variant("b"))
    row = resize(
        lab,
        {"VariantName": "a", "DesiredInstanceCount": 3},
        {"VariantName": "b", "DesiredWeight": 3.0},
    )
    assert runs(row) == ["1-0-0", "2-0-1", "2-0-2", "1-1-0"]
    assert lab.executor.stopped == []
    bases = {lab.executor.specs[run].base for run in lab.executor.running if ".1-0" in run or ".2-0" in run}
    assert len(bases) == 1  # they share one copy of the model
    first, second = describe(lab)["ProductionVariants"]
    assert (first["CurrentInstanceCount"], first["CurrentWeight"]) == (3, 1.0)
    assert (second["CurrentInstanceCount"], second["CurrentWeight"]) == (1, 3.0)


def test_only_the_replicas_that_are_too_many_are_stopped(lab: Lab) -> None:
    row = serve(lab, PINGS, variant("a", InitialInstanceCount=3))
    assert runs(resize(lab, {"VariantName": "a", "DesiredInstanceCount": 1})) == ["1-0-0"]
    assert set(lab.executor.stopped) == {f"{row.id}.1-0-1", f"{row.id}.1-0-2"}
    again = resize(lab, {"VariantName": "a", "DesiredInstanceCount": 2})
    assert runs(again) == ["1-0-0", "3-0-1"]  # the ids of those that were stopped are not used again
    assert lab.platform.workspace(row).joinpath("1").is_dir()


def test_other_weights_alone_start_and_stop_nothing(lab: Lab) -> None:
    row = serve(lab, PINGS, variant("a"), variant("b"))
    running = set(lab.executor.running)
    row = resize(lab, {"VariantName": "b", "DesiredWeight": 9.0})
    assert (row.phase, lab.executor.running, lab.executor.stopped) == ("InService", running, [])
    assert describe(lab)["ProductionVariants"][1]["CurrentWeight"] == 9.0


def test_a_replica_that_has_ended_makes_room_for_a_new_one(lab: Lab) -> None:
    row = serve(lab, PINGS, variant("a", InitialInstanceCount=2))
    lab.executor.end(f"{row.id}.1-0-0", 1)
    assert runs(resize(lab, {"VariantName": "a", "DesiredInstanceCount": 2})) == ["1-0-1", "2-0-1"]


def test_replicas_that_were_added_and_fail_are_given_up_and_the_rest_stay(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = serve(lab, PINGS, variant("a"))
    monkeypatch.setattr(probe, "answers", lambda address, path="/ping": False)
    asked = {
        "EndpointName": "e",
        "DesiredWeightsAndCapacities": [{"VariantName": "a", "DesiredInstanceCount": 2}],
    }
    lab("UpdateEndpointWeightsAndCapacities", **asked)
    look(lab)
    assert describe(lab)["EndpointStatus"] == "Updating"
    lab.executor.end(f"{row.id}.2-0-1", 1)
    for _ in range(3):
        look(lab)
    row = look(lab)
    assert (row.phase, runs(row), lab.executor.stopped) == ("InService", ["1-0-0"], [])
    assert describe(lab)["ProductionVariants"][0]["DesiredInstanceCount"] == 1


def test_another_configuration_brings_its_own_capacities(lab: Lab) -> None:
    serve(lab, PINGS, variant("a"))
    resize(lab, {"VariantName": "a", "DesiredInstanceCount": 2})
    configure(lab, "d", variant("a"))
    lab("UpdateEndpoint", EndpointName="e", EndpointConfigName="d")
    for _ in range(3):
        look(lab)
    assert runs(look(lab)) == ["3-0-0"]


def test_only_variants_that_there_are_have_capacities(lab: Lab) -> None:
    serve(lab, PINGS, variant("a"))
    wanted = {"DesiredWeightsAndCapacities": [{"VariantName": "x", "DesiredWeight": 1.0}]}
    refusal = lab.refused("UpdateEndpointWeightsAndCapacities", EndpointName="e", **wanted)
    assert refusal == "The endpoint has no production variant 'x', but a."
    refusal = lab.refused("UpdateEndpointWeightsAndCapacities", EndpointName="none", **wanted)
    assert "Could not find endpoint" in refusal
