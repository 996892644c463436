"""Device: what a fleet has registered; a record. No agent reports from it, so it has no heartbeat."""

from collections.abc import Callable
from dataclasses import replace

from clary.core import clock
from clary.core.errors import ClaryError, validation
from clary.core.exchange import Context, Document, Reply
from clary.engine.identity import Address
from clary.engine.operation import operation
from clary.engine.platform import Platform
from clary.engine.record import Record, Traits
from clary.store.resources import GONE, AlreadyExistsError, Home, Query, Row


class Device(Record):
    """Registered, changed and deregistered many at a time."""

    def __init__(self) -> None:
        super().__init__("Device", Traits(named_by=("DeviceFleetName", "DeviceName")))

    def narrow(self, platform: Platform, query: Query, member: str, value: str) -> Query | None:
        """Narrow a List to devices that have reported: there are none."""
        del platform
        if member in ("LatestHeartbeatAfter", "ModelName"):
            return replace(query, names=())
        return replace(query, scope=value) if member == "DeviceFleetName" else None

    @operation("RegisterDevices")
    def register(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Add devices to a fleet; those that are there already stay as they are."""
        del ctx
        fleet = _fleet(platform, params)
        tags = [(tag["Key"], tag["Value"]) for tag in params.get("Tags") or ()]
        for device in params["Devices"]:
            address = Address(fleet.name, device["DeviceName"])
            doc = {**device, "DeviceFleetName": fleet.name}
            try:
                platform.resources.insert(self.first_row(platform.site, address, doc, {}), "", tags)
            except AlreadyExistsError as error:
                known = error.row.doc
                if known != doc:
                    raise ClaryError(
                        "ResourceInUse", f"Device {device['DeviceName']} is registered already as {known}."
                    ) from error
        return Reply()

    @operation("UpdateDevices")
    def update_devices(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Change what is said of devices."""
        del ctx
        fleet = _fleet(platform, params)
        rows = [self._require(platform, fleet, device["DeviceName"]) for device in params["Devices"]]
        for row, device in zip(rows, params["Devices"], strict=True):
            platform.amend(row, _saying(device))
        return Reply()

    @operation("DeregisterDevices")
    def deregister(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Take devices out of a fleet."""
        del ctx
        fleet = _fleet(platform, params)
        for row in [self._require(platform, fleet, name) for name in params["DeviceNames"]]:
            platform.amend(row, lambda _now: {"phase": GONE}, "deregistered")
        return Reply()

    @operation("GetDeviceFleetReport")
    def report(self, platform: Platform, ctx: Context, params: Document) -> Reply:
        """Return how many devices a fleet has and how many of them report: none."""
        del ctx
        fleet = _fleet(platform, params)
        home = Home(fleet.account, fleet.region, self.noun)
        count = len(platform.resources.list(Query(home, scope=fleet.name, limit=_MANY)))
        return Reply(
            {
                "DeviceFleetArn": fleet.arn,
                "DeviceFleetName": fleet.name,
                "OutputConfig": fleet.doc["OutputConfig"],
                "Description": fleet.doc.get("Description"),
                "ReportGenerated": clock.now(),
                "DeviceStats": {"ConnectedDeviceCount": 0, "RegisteredDeviceCount": count},
                "AgentVersions": [],
                "ModelStats": [],
            }
        )

    def _require(self, platform: Platform, fleet: Row, name: str) -> Row:
        row = self.at(platform, Address(fleet.name, name))
        if row is None:
            raise validation(f"Could not find device {name!r} of device fleet {fleet.arn}.")
        return row


_MANY = 100_000


def _saying(device: Document) -> Callable[[Row], Document]:
    return lambda now: {"doc": {**now.doc, **device}}


def _fleet(platform: Platform, params: Document) -> Row:
    row = platform.get("DeviceFleet", params["DeviceFleetName"])
    if row is None:
        arn = platform.site.arn(f"device-fleet/{params['DeviceFleetName']}".lower())
        raise validation(f'Could not find device fleet "{arn}".')
    return row
