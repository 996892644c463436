"""LogGroupType: ``AWS::Logs::LogGroup``."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from clary.core import arn
from clary.core.exchange import Document
from clary.services.cloudformation import conversion
from clary.services.cloudformation.resource_type import (
    RESERVED,
    Errand,
    Physical,
    ResourceType,
    differing,
    tag_list,
    taken,
)

_SERVICE = "logs"
_RETENTION = "RetentionInDays"
_CHANGEABLE = (_RETENTION, "Tags")


class LogGroupType(ResourceType):
    """``Ref`` answers the name."""

    name = "AWS::Logs::LogGroup"
    attributes: Collection[str] = ("Arn",)

    def replacing(self, before: Document, after: Document) -> Sequence[str]:
        """Return the name, if that differs."""
        return [name for name in differing(before, after) if name not in _CHANGEABLE]

    def named(self, errand: Errand) -> Document:
        """Make a name up where there is none; raise where it is taken."""
        strangers = sorted(errand.properties.keys() - {"LogGroupName", *_CHANGEABLE})
        if strangers:
            raise conversion.misfit(
                f"#: the property [{strangers[0]}] is not supported by this release of Clary"
            )
        name = str(errand.properties.get("LogGroupName") or errand.name)
        if errand.platform.logs.has_group(name):
            raise taken(name, self.name)
        return {**errand.properties, "LogGroupName": name}

    def create(self, errand: Errand) -> Physical:
        """Create it unless this errand has, then say how long it keeps what is written."""
        name = str(errand.properties["LogGroupName"])
        if self.find(errand) is None:
            errand.call(_SERVICE, "CreateLogGroup", logGroupName=name)
        found = Physical(name, {"logGroupName": name})
        self._retain(errand, found)
        return found

    def find(self, errand: Errand) -> Physical | None:
        """Return the group of the name that was free when the errand began."""
        name = str(errand.properties["LogGroupName"])
        return Physical(name, {"logGroupName": name}) if errand.platform.logs.has_group(name) else None

    def exists(self, errand: Errand, physical: Physical) -> bool:
        """Look for the group."""
        return errand.platform.logs.has_group(physical.id)

    def change(self, errand: Errand, physical: Physical, before: Document) -> None:
        """Say anew how long it keeps what is written."""
        if _RETENTION in differing(before, errand.properties):
            self._retain(errand, physical)

    def delete(self, errand: Errand, physical: Physical) -> None:
        """Delete the group and its streams."""
        errand.call(_SERVICE, "DeleteLogGroup", **physical.identity)

    def read(self, errand: Errand, physical: Physical) -> Document:
        """Return the ARN, which ends in ``:*`` as on AWS, and give the group the tags that it is to have."""
        tags = {tag["Key"]: tag["Value"] for tag in tag_list(errand.properties.get("Tags"), errand.tags)}
        tags |= {key: value for key, value in errand.tags.items() if key.startswith(RESERVED)}
        errand.platform.logs.amend_group(physical.id, lambda known: replace(known, tags=tags))
        site = errand.platform.site
        return {"Arn": arn.make("logs", site.region, site.account, f"log-group:{physical.id}:*")}

    def _retain(self, errand: Errand, physical: Physical) -> None:
        given = errand.properties.get(_RETENTION)
        if given is None:
            errand.call(_SERVICE, "DeleteRetentionPolicy", **physical.identity)
            return
        shape = errand.client.inputs(_SERVICE, "PutRetentionPolicy")
        params = conversion.converted({"retentionInDays": given, **physical.identity}, shape)
        errand.call(_SERVICE, "PutRetentionPolicy", **params)
