"""DeviceType: ``AWS::SageMaker::Device``, which a fleet registers and no Create makes."""

from collections.abc import Collection, Sequence

from clary.core.exchange import Document
from clary.services.cloudformation import conversion
from clary.services.cloudformation.resource_type import (
    RESERVED,
    Errand,
    Physical,
    ResourceType,
    at,
    differing,
    tag_list,
    taken,
)
from clary.store.resources import Row

_SERVICE = "sagemaker"
_FLEET = "DeviceFleetName"
_NAME = "Device/DeviceName"
_PROPERTIES = {"Device", _FLEET, "Tags"}


class DeviceType(ResourceType):
    """``Ref`` answers the name of the device, by which alone AWS's schema identifies it.

    That schema would have a device change its fleet in place, which UpdateDevices cannot do: it is replaced.
    """

    name = "AWS::SageMaker::Device"
    attributes: Collection[str] = ()

    def replacing(self, before: Document, after: Document) -> Sequence[str]:
        """Return the names of device and fleet, if those differ."""
        return [name for name in (_FLEET, _NAME) if at(before, name) != at(after, name)]

    def named(self, errand: Errand) -> Document:
        """Require fleet and device; raise where the fleet has a device of that name."""
        self._params(errand)
        if self.find(errand):
            raise taken(f"{errand.properties[_FLEET]}|{at(errand.properties, _NAME)}", self.name)
        return errand.properties

    def create(self, errand: Errand) -> Physical:
        """Register the device; a fleet takes the same one twice."""
        errand.call(_SERVICE, "RegisterDevices", **self._params(errand))
        return _physical(errand.properties)

    def find(self, errand: Errand) -> Physical | None:
        """Return the device of the name that was free when the errand began."""
        found = _physical(errand.properties)
        return found if self.exists(errand, found) else None

    def exists(self, errand: Errand, physical: Physical) -> bool:
        """Look for the device in its fleet."""
        return self._row(errand, physical) is not None

    def change(self, errand: Errand, physical: Physical, before: Document) -> None:
        """Say anew what the device is."""
        del physical
        known = {name: value for name, value in self._params(errand).items() if name != "Tags"}
        if "Device" in differing(before, errand.properties):
            errand.call(_SERVICE, "UpdateDevices", **known)

    def delete(self, errand: Errand, physical: Physical) -> None:
        """Take the device out of its fleet."""
        names = [physical.identity["DeviceName"]]
        errand.call(
            _SERVICE, "DeregisterDevices", DeviceFleetName=physical.identity[_FLEET], DeviceNames=names
        )

    def read(self, errand: Errand, physical: Physical) -> Document:
        """Give the device the stack's tags and its own, and no others; there are no attributes."""
        row = self._row(errand, physical)
        if row is not None:
            tags = tag_list(errand.properties.get("Tags"), errand.tags)
            marks = {key: value for key, value in errand.tags.items() if key.startswith(RESERVED)}
            wanted = {tag["Key"]: tag["Value"] for tag in tags} | marks
            errand.platform.tags.put(row.arn, wanted)
            errand.platform.tags.remove(row.arn, errand.platform.tags.of(row.arn).keys() - wanted)
        return {}

    def _params(self, errand: Errand) -> Document:
        """Return the request that registers the device; raises ClaryError for what the type does not have."""
        strangers = sorted(errand.properties.keys() - _PROPERTIES)
        if strangers:
            raise conversion.misfit(f"#: extraneous key [{strangers[0]}] is not permitted")
        for name in (_FLEET, "Device", _NAME):
            if at(errand.properties, name) is None:
                raise conversion.misfit(f"#: required key [{name}] not found")
        given = {_FLEET: errand.properties[_FLEET], "Devices": [errand.properties["Device"]]}
        params = conversion.converted(given, errand.client.inputs(_SERVICE, "RegisterDevices"))
        tags = tag_list(errand.properties.get("Tags"), errand.tags)
        return {**params, "Tags": tags} if tags else params

    def _row(self, errand: Errand, physical: Physical) -> Row | None:
        platform, fleet = errand.platform, str(physical.identity[_FLEET])
        return platform.resources.find(platform.home("Device"), physical.id, fleet)


def _physical(properties: Document) -> Physical:
    fleet, name = str(properties[_FLEET]), str(at(properties, _NAME))
    return Physical(name, {_FLEET: fleet, "DeviceName": name})
