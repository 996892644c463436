"""IdentityType: IAM's roles and users, which are made of several calls: the entity, then its policies."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from clary.core.errors import ClaryError
from clary.core.exchange import Document
from clary.services.cloudformation import conversion
from clary.services.cloudformation.resource_type import (
    Errand,
    Physical,
    ResourceType,
    differing,
    fitted,
    tag_list,
    taken,
)

_SERVICE = "iam"
_LONGEST = 64
_POLICIES = ("ManagedPolicyArns", "Policies")
_UPDATED = ("Description", "MaxSessionDuration")


@dataclass(frozen=True)
class IdentityType(ResourceType):
    """``AWS::IAM::Role`` or ``AWS::IAM::User``, by ``noun``; ``Ref`` answers the name."""

    noun: str

    @property
    def name(self) -> str:
        """The name of the type."""
        return f"AWS::IAM::{self.noun}"

    @property
    def attributes(self) -> Collection[str]:
        """The ARN, and of a role its id."""
        return ("Arn", "RoleId") if self.noun == "Role" else ("Arn",)

    @property
    def _key(self) -> str:
        return f"{self.noun}Name"

    def replacing(self, before: Document, after: Document) -> Sequence[str]:
        """Return what no call changes: name and path, and the boundary of permissions."""
        changeable = {*_POLICIES, "AssumeRolePolicyDocument", "Tags", *_UPDATED}
        return [name for name in differing(before, after) if name not in changeable]

    def named(self, errand: Errand) -> Document:
        """Make a name up where there is none; raise where it is taken."""
        name = str(errand.properties.get(self._key) or fitted(errand.name, _LONGEST))
        properties = {**errand.properties, self._key: name}
        self._params(errand, properties)
        if self._row(errand, name):
            raise taken(name, self.name)
        return properties

    def create(self, errand: Errand) -> Physical:
        """Create the entity unless this errand has, then give it its policies."""
        found = self.find(errand)
        if found is None:
            errand.call(_SERVICE, f"Create{self.noun}", **self._params(errand, errand.properties))
            name = str(errand.properties[self._key])
            found = Physical(name, {self._key: name})
        self._set_policies(errand, found, {})
        return found

    def find(self, errand: Errand) -> Physical | None:
        """Return the entity of the name that was free when the errand began."""
        name = str(errand.properties[self._key])
        return Physical(name, {self._key: name}) if self._row(errand, name) else None

    def exists(self, errand: Errand, physical: Physical) -> bool:
        """Look for the entity."""
        return self._row(errand, physical.id)

    def change(self, errand: Errand, physical: Physical, before: Document) -> None:
        """Update what differs."""
        changed, properties = differing(before, errand.properties), errand.properties
        if "AssumeRolePolicyDocument" in changed:
            document = conversion.text(properties["AssumeRolePolicyDocument"])
            errand.call(_SERVICE, "UpdateAssumeRolePolicy", **physical.identity, PolicyDocument=document)
        if any(name in changed for name in _UPDATED):
            given = {name: properties[name] for name in _UPDATED if name in properties}
            params = conversion.converted(given, errand.client.inputs(_SERVICE, "UpdateRole"))
            errand.call(_SERVICE, "UpdateRole", **physical.identity, **params)
        self._set_policies(errand, physical, before)
        self._tag(errand, physical)

    def delete(self, errand: Errand, physical: Physical) -> None:
        """Take the policies away, whoever attached them, then the entity."""
        self._set_policies(replace(errand, properties={}), physical, errand.properties)
        errand.call(_SERVICE, f"Delete{self.noun}", **physical.identity)

    def read(self, errand: Errand, physical: Physical) -> Document:
        """Return the ARN and, of a role, its id."""
        said = errand.call(_SERVICE, f"Get{self.noun}", **physical.identity)[self.noun]
        return {name: said[name] for name in self.attributes}

    def _params(self, errand: Errand, properties: Document) -> Document:
        own = {name: value for name, value in properties.items() if name not in (*_POLICIES, "Tags")}
        params = conversion.converted(own, errand.client.inputs(_SERVICE, f"Create{self.noun}"))
        tags = tag_list(properties.get("Tags"), errand.tags)
        return {**params, "Tags": tags} if tags else params

    def _tag(self, errand: Errand, physical: Physical) -> None:
        """Give the entity the tags that it is to have, and take those away that it is not."""
        wanted = tag_list(errand.properties.get("Tags"), errand.tags)
        keys = {tag["Key"] for tag in wanted}
        held = errand.call(_SERVICE, f"List{self.noun}Tags", **physical.identity)["Tags"]
        gone = [tag["Key"] for tag in held if tag["Key"] not in keys]
        if wanted:
            errand.call(_SERVICE, f"Tag{self.noun}", **physical.identity, Tags=wanted)
        if gone:
            errand.call(_SERVICE, f"Untag{self.noun}", **physical.identity, TagKeys=gone)

    def _row(self, errand: Errand, name: str) -> bool:
        listed = errand.call(_SERVICE, f"List{self.noun}s", MaxItems=1000)
        rows: Sequence[Document] = listed[f"{self.noun}s"]
        while listed.get("Marker"):
            listed = errand.call(_SERVICE, f"List{self.noun}s", MaxItems=1000, Marker=listed["Marker"])
            rows = [*rows, *listed[f"{self.noun}s"]]
        return any(row[self._key] == name for row in rows)

    def _set_policies(self, errand: Errand, physical: Physical, before: Document) -> None:
        """Attach, put, detach and delete until the entity has the policies of the errand and no others."""
        was, now = _arns(before), _arns(errand.properties)
        for arn in now:
            errand.call(_SERVICE, f"Attach{self.noun}Policy", **physical.identity, PolicyArn=arn)
        for arn in was:
            if arn not in now:
                self._without(errand, f"Detach{self.noun}Policy", physical, PolicyArn=arn)
        inline = _inline(errand.properties)
        for name, document in inline.items():
            params = {"PolicyName": name, "PolicyDocument": document}
            errand.call(_SERVICE, f"Put{self.noun}Policy", **physical.identity, **params)
        for name in _inline(before):
            if name not in inline:
                self._without(errand, f"Delete{self.noun}Policy", physical, PolicyName=name)

    def _without(self, errand: Errand, operation: str, physical: Physical, **params: str) -> None:
        """Take a policy away that may be gone already."""
        try:
            errand.call(_SERVICE, operation, **physical.identity, **params)
        except ClaryError as error:
            if error.code != "NoSuchEntity":
                raise


def _arns(properties: Document) -> list[str]:
    found = properties.get("ManagedPolicyArns") or []
    if not isinstance(found, list):
        raise conversion.misfit("#/ManagedPolicyArns: expected type: JSONArray")
    return [str(arn) for arn in found]


def _inline(properties: Document) -> Mapping[str, str]:
    found = properties.get("Policies") or []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise conversion.misfit("#/Policies: expected type: JSONArray of JSONObjects")
    try:
        return {str(each["PolicyName"]): conversion.text(each["PolicyDocument"]) for each in found}
    except KeyError as error:
        raise conversion.misfit(f"#/Policies: required key [{error.args[0]}] not found") from error
