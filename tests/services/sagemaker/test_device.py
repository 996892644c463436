"""Devices are registered with a fleet, many at a time."""

import pytest

from tests.services.sagemaker.conftest import Lab

FLEET = {"DeviceFleetName": "f"}


@pytest.fixture
def fleet(lab: Lab) -> Lab:
    lab("CreateDeviceFleet", **FLEET, OutputConfig={"S3OutputLocation": "s3://lab/fleet"})
    lab("RegisterDevices", **FLEET, Devices=[{"DeviceName": "a"}, {"DeviceName": "b", "Description": "two"}])
    return lab


def names(lab: Lab, **params: object) -> list[str]:
    return sorted(one["DeviceName"] for one in lab("ListDevices", **params)["DeviceSummaries"])


def test_devices_are_listed_changed_and_taken_out(fleet: Lab) -> None:
    assert names(fleet, **FLEET) == ["a", "b"]
    fleet("UpdateDevices", **FLEET, Devices=[{"DeviceName": "a", "Description": "one"}])
    seen = fleet("DescribeDevice", **FLEET, DeviceName="a")
    assert (seen["Description"], "RegistrationTime" in seen) == ("one", True)
    fleet("DeregisterDevices", **FLEET, DeviceNames=["a"])
    assert names(fleet) == ["b"]
    assert "Could not find device 'a'" in fleet.refused("DeregisterDevices", **FLEET, DeviceNames=["a"])


def test_registering_again_changes_nothing(fleet: Lab) -> None:
    fleet("RegisterDevices", **FLEET, Devices=[{"DeviceName": "a"}])
    other = [{"DeviceName": "b", "Description": "another"}]
    assert "registered already" in fleet.refused("RegisterDevices", **FLEET, Devices=other)


def test_no_device_has_reported(fleet: Lab) -> None:
    assert names(fleet, ModelName="m") == []
    report = fleet("GetDeviceFleetReport", **FLEET)
    assert report["DeviceStats"] == {"ConnectedDeviceCount": 0, "RegisteredDeviceCount": 2}


def test_a_fleet_stays_while_it_has_devices(fleet: Lab) -> None:
    assert "still uses it" in fleet.refused("DeleteDeviceFleet", **FLEET)
    fleet("DeregisterDevices", **FLEET, DeviceNames=["a", "b"])
    fleet("DeleteDeviceFleet", **FLEET)
    assert "Could not find device fleet" in fleet.refused("RegisterDevices", **FLEET, Devices=[])
