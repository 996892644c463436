"""Devices of a fleet in stacks."""

from typing import Any

from clary.core.exchange import Document
from tests.services.cloudformation.conftest import ROLE, Yard


def fleet(name: str) -> Document:
    output = {"S3OutputLocation": "s3://bucket/fleet"}
    properties = {"DeviceFleetName": name, "RoleArn": ROLE, "OutputConfig": output}
    return {"Type": "AWS::SageMaker::DeviceFleet", "Properties": properties}


def resources(of: str = "First", device: str = "camera", **more: Any) -> Document:
    tags = more.pop("Tags", [])
    properties = {
        "DeviceFleetName": {"Ref": of},
        "Device": {"DeviceName": device, **more},
        "Tags": tags,
    }
    one = {"Type": "AWS::SageMaker::Device", "Properties": properties}
    return {"First": fleet("first"), "Second": fleet("second"), "One": one}


def devices(yard: Yard) -> list[tuple[str, str]]:
    listed = yard.ask("sagemaker", "ListDevices")["DeviceSummaries"]
    return sorted((each["DeviceFleetName"], each["DeviceName"]) for each in listed)


def test_a_device_is_registered_changed_in_place_and_deregistered(yard: Yard) -> None:
    assert yard.create("stack", resources(Description="north", Tags=[{"Key": "a", "Value": "1"}])) == (
        "CREATE_COMPLETE"
    )
    assert yard.physical("stack")["One"] == "camera"
    assert yard.update("stack", resources(Description="south", IotThingName="thing")) == "UPDATE_COMPLETE"
    told = yard.ask("sagemaker", "DescribeDevice", DeviceFleetName="first", DeviceName="camera")
    assert (told["Description"], told["IotThingName"]) == ("south", "thing")
    tags = {each["Key"] for each in yard.ask("sagemaker", "ListTags", ResourceArn=told["DeviceArn"])["Tags"]}
    assert "a" not in tags
    assert "aws:cloudformation:stack-name" in tags
    assert yard.delete("stack") == ""
    assert devices(yard) == []


def test_another_name_or_fleet_replaces_the_device(yard: Yard) -> None:
    yard.create("stack", resources())
    assert yard.update("stack", resources(device="lamp")) == "UPDATE_COMPLETE"
    assert devices(yard) == [("first", "lamp")]
    assert yard.update("stack", resources(of="Second", device="lamp")) == "UPDATE_COMPLETE"
    assert devices(yard) == [("second", "lamp")]
    assert yard.delete("stack") == ""
    assert devices(yard) == []


def test_what_fails_is_taken_back(yard: Yard) -> None:
    yard.create("stack", resources())
    broken = {**resources(of="Second", Description="x" * 41)}
    assert yard.update("stack", broken) == "UPDATE_ROLLBACK_COMPLETE"
    assert devices(yard) == [("first", "camera")]


def test_a_device_that_somebody_else_registered_is_not_the_stacks(yard: Yard) -> None:
    yard.create("mine", {"First": fleet("first")})
    yard.ask("sagemaker", "RegisterDevices", DeviceFleetName="first", Devices=[{"DeviceName": "camera"}])
    one = resources()["One"]
    one["Properties"]["DeviceFleetName"] = "first"
    assert yard.create("stack", {"One": one}) == "ROLLBACK_COMPLETE"
    assert devices(yard) == [("first", "camera")]
    told = yard("DescribeStackEvents", StackName="stack")["StackEvents"]
    reasons = [str(each.get("ResourceStatusReason")) for each in told]
    assert any("identifier 'first|camera' already exists" in reason for reason in reasons)


def test_a_device_needs_a_name(yard: Yard) -> None:
    one = {"Type": "AWS::SageMaker::Device", "Properties": {"DeviceFleetName": "first"}}
    assert yard.create("stack", {"One": one}) == "ROLLBACK_COMPLETE"
    assert "required key [Device] not found" in str(yard("DescribeStackEvents", StackName="stack"))
