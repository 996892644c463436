"""A plan has stages, which are added and taken out, and none is ever deployed."""

import pytest

from clary.core.errors import ClaryError
from tests.services.sagemaker.conftest import Lab

NAMED = {"EdgeDeploymentPlanName": "p"}
SELECTION = {"DeviceSelectionConfig": {"DeviceSubsetType": "PERCENTAGE", "Percentage": 10}}


@pytest.fixture
def plan(lab: Lab) -> Lab:
    lab("CreateDeviceFleet", DeviceFleetName="f", OutputConfig={"S3OutputLocation": "s3://lab/fleet"})
    stages = [{"StageName": "one", **SELECTION}]
    lab("CreateEdgeDeploymentPlan", **NAMED, ModelConfigs=[], DeviceFleetName="f", Stages=stages)
    return lab


def stages(lab: Lab) -> list[tuple[str, str]]:
    shown = lab("DescribeEdgeDeploymentPlan", **NAMED)["Stages"]
    return [(one["StageName"], one["DeploymentStatus"]["StageStatus"]) for one in shown]


def test_stages_are_added_and_taken_out(plan: Lab) -> None:
    plan("CreateEdgeDeploymentStage", **NAMED, Stages=[{"StageName": "two", **SELECTION}])
    assert stages(plan) == [("one", "CREATING"), ("two", "CREATING")]
    again = plan.refused("CreateEdgeDeploymentStage", **NAMED, Stages=[{"StageName": "two", **SELECTION}])
    assert again == "The plan has a stage 'two' already."
    plan("DeleteEdgeDeploymentStage", **NAMED, StageName="one")
    assert stages(plan) == [("two", "CREATING")]
    assert "Could not find stage 'one'" in plan.refused("DeleteEdgeDeploymentStage", **NAMED, StageName="one")


def test_nothing_is_deployed(plan: Lab) -> None:
    stage = {**NAMED, "StageName": "one"}
    assert plan("ListStageDevices", **stage) == {"DeviceDeploymentSummaries": []}
    assert plan("ListEdgeDeploymentPlans")["EdgeDeploymentPlanSummaries"][0]["EdgeDeploymentSuccess"] == 0
    with pytest.raises(ClaryError, match="StartEdgeDeploymentStage is not supported"):
        plan("StartEdgeDeploymentStage", **stage)
    assert "has not been started" in plan.refused("StopEdgeDeploymentStage", **stage)
    none = {"EdgeDeploymentPlanName": "none", "StageName": "one"}
    assert "Could not find edge deployment plan" in plan.refused("ListStageDevices", **none)


def test_plans_are_listed_by_a_part_of_their_fleets_name(plan: Lab) -> None:
    fleet = {"DeviceFleetName": "other-fleet", "OutputConfig": {"S3OutputLocation": "s3://lab/fleet"}}
    plan("CreateDeviceFleet", **fleet)
    plan(
        "CreateEdgeDeploymentPlan", EdgeDeploymentPlanName="q", ModelConfigs=[], DeviceFleetName="other-fleet"
    )

    def listed(part: str) -> list[str]:
        found = plan("ListEdgeDeploymentPlans", DeviceFleetNameContains=part)["EdgeDeploymentPlanSummaries"]
        return sorted(one["EdgeDeploymentPlanName"] for one in found)

    assert (listed("f"), listed("other"), listed("none")) == (["p", "q"], ["q"], [])


def test_plans_are_listed_by_their_fleets_names(plan: Lab) -> None:
    for fleet in ("z", "a"):
        plan("CreateDeviceFleet", DeviceFleetName=fleet, OutputConfig={"S3OutputLocation": "s3://lab/fleet"})
        plan(
            "CreateEdgeDeploymentPlan",
            EdgeDeploymentPlanName=f"of-{fleet}",
            ModelConfigs=[],
            DeviceFleetName=fleet,
        )

    def listed(order: str) -> list[str]:
        names: list[str] = []
        more: dict[str, str] = {}
        while True:
            asked = {"SortBy": "DEVICE_FLEET_NAME", "SortOrder": order, "MaxResults": 2, **more}
            page = plan("ListEdgeDeploymentPlans", **asked)
            names += [one["EdgeDeploymentPlanName"] for one in page["EdgeDeploymentPlanSummaries"]]
            if "NextToken" not in page:
                return names
            more = {"NextToken": page["NextToken"]}

    assert listed("Ascending") == ["of-a", "p", "of-z"]
    assert listed("Descending") == ["of-z", "p", "of-a"]
