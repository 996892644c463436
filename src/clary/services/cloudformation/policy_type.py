"""PolicyType: IAM's managed and inline policies, given to the roles, users and groups that they name."""

from collections.abc import Collection, Iterator, Sequence
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
    taken,
)

_SERVICE = "iam"
_LONGEST = 128
_HOLDERS = ("Groups", "Roles", "Users")
_MISSING = "NoSuchEntity"


@dataclass(frozen=True)
class ManagedPolicyType(ResourceType):
    """``AWS::IAM::ManagedPolicy``; ``Ref`` answers the ARN."""

    name = "AWS::IAM::ManagedPolicy"
    attributes: Collection[str] = ("PolicyArn", "PolicyId", "DefaultVersionId", "CreateDate")

    def replacing(self, before: Document, after: Document) -> Sequence[str]:
        """Return name, path and description, where they differ."""
        return [name for name in differing(before, after) if name not in ("PolicyDocument", *_HOLDERS)]

    def named(self, errand: Errand) -> Document:
        """Make a name up where there is none; raise where it is taken."""
        name = str(errand.properties.get("ManagedPolicyName") or fitted(errand.name, _LONGEST))
        properties = {**errand.properties, "ManagedPolicyName": name}
        _params(errand, properties)
        if _there(errand, _arn(errand, properties)):
            raise taken(name, self.name)
        return properties

    def create(self, errand: Errand) -> Physical:
        """Create it unless this errand has, then attach it."""
        if self.find(errand) is None:
            errand.call(_SERVICE, "CreatePolicy", **_params(errand, errand.properties))
        arn = _arn(errand, errand.properties)
        self._attach(errand, arn, {})
        return Physical(arn, {"PolicyArn": arn})

    def find(self, errand: Errand) -> Physical | None:
        """Return the policy of the name that was free when the errand began."""
        arn = _arn(errand, errand.properties)
        return Physical(arn, {"PolicyArn": arn}) if _there(errand, arn) else None

    def exists(self, errand: Errand, physical: Physical) -> bool:
        """Look for the policy."""
        return _there(errand, physical.id)

    def change(self, errand: Errand, physical: Physical, before: Document) -> None:
        """Put another version in force, and attach and detach."""
        document = errand.properties.get("PolicyDocument")
        if document != before.get("PolicyDocument"):
            self._drop_versions(errand, physical.id)
            errand.call(
                _SERVICE,
                "CreatePolicyVersion",
                PolicyArn=physical.id,
                PolicyDocument=conversion.text(document),
                SetAsDefault=True,
            )
        self._attach(errand, physical.id, before)

    def delete(self, errand: Errand, physical: Physical) -> None:
        """Detach it, take its versions away, then the policy."""
        self._attach(replace(errand, properties={}), physical.id, errand.properties)
        self._drop_versions(errand, physical.id)
        errand.call(_SERVICE, "DeletePolicy", PolicyArn=physical.id)

    def read(self, errand: Errand, physical: Physical) -> Document:
        """Return what the policy says of itself."""
        said = errand.call(_SERVICE, "GetPolicy", PolicyArn=physical.id)["Policy"]
        return {
            "PolicyArn": physical.id,
            "PolicyId": said["PolicyId"],
            "DefaultVersionId": said["DefaultVersionId"],
            "CreateDate": said["CreateDate"].isoformat(),
        }

    def _attach(self, errand: Errand, arn: str, before: Document) -> None:
        now = list(_holders(errand.properties))
        for noun, name in now:
            errand.call(_SERVICE, f"Attach{noun}Policy", PolicyArn=arn, **{f"{noun}Name": name})
        for noun, name in _holders(before):
            if (noun, name) not in now:
                _without(errand, f"Detach{noun}Policy", PolicyArn=arn, **{f"{noun}Name": name})

    def _drop_versions(self, errand: Errand, arn: str) -> None:
        """Delete the versions that are not in force: there may be five."""
        for version in errand.call(_SERVICE, "ListPolicyVersions", PolicyArn=arn)["Versions"]:
            if not version["IsDefaultVersion"]:
                _without(errand, "DeletePolicyVersion", PolicyArn=arn, VersionId=version["VersionId"])


class InlinePolicyType(ResourceType):
    """``AWS::IAM::Policy``: a document that is put into each of its holders; ``Ref`` answers its name."""

    name = "AWS::IAM::Policy"
    attributes: Collection[str] = ()

    def replacing(self, before: Document, after: Document) -> Sequence[str]:
        """Return nothing: it can be put anew under another name."""
        del before, after
        return []

    def named(self, errand: Errand) -> Document:
        """Check that the policy has a name, a document and holders."""
        for member in ("PolicyName", "PolicyDocument"):
            if not errand.properties.get(member):
                raise conversion.misfit(f"#: required key [{member}] not found")
        if not list(_holders(errand.properties)):
            raise conversion.misfit("At least one of [Groups,Roles,Users] must be non-empty.")
        return errand.properties

    def create(self, errand: Errand) -> Physical:
        """Put the document, which may be done again."""
        self._put(errand, {})
        name = str(errand.properties["PolicyName"])
        return Physical(name, {"PolicyName": name})

    def find(self, errand: Errand) -> Physical | None:
        """Return what may have been put into some of the holders."""
        name = str(errand.properties["PolicyName"])
        return Physical(name, {"PolicyName": name})

    def exists(self, errand: Errand, physical: Physical) -> bool:
        """Return whether a holder has it."""
        policy = errand.properties["PolicyName"]
        del physical  # which goes by the name that the policy had first
        return any(policy in _names(errand, noun, name) for noun, name in _holders(errand.properties))

    def change(self, errand: Errand, physical: Physical, before: Document) -> None:
        """Put the document as it is now, and take it from those that are to have it no more."""
        del physical
        self._put(errand, before)

    def delete(self, errand: Errand, physical: Physical) -> None:
        """Take it from all holders."""
        del physical
        policy = str(errand.properties["PolicyName"])
        for noun, name in _holders(errand.properties):
            _without(errand, f"Delete{noun}Policy", PolicyName=policy, **{f"{noun}Name": name})

    def _put(self, errand: Errand, before: Document) -> None:
        policy, document = (
            errand.properties["PolicyName"],
            conversion.text(errand.properties["PolicyDocument"]),
        )
        now = list(_holders(errand.properties))
        for noun, name in now:
            params = {"PolicyName": policy, "PolicyDocument": document, f"{noun}Name": name}
            errand.call(_SERVICE, f"Put{noun}Policy", **params)
        for noun, name in _holders(before):
            if (noun, name) not in now or before["PolicyName"] != policy:
                gone = {"PolicyName": str(before["PolicyName"]), f"{noun}Name": name}
                _without(errand, f"Delete{noun}Policy", **gone)


def _holders(properties: Document) -> Iterator[tuple[str, str]]:
    """Yield the noun and the name of everybody that a policy is given to."""
    for member in _HOLDERS:
        for name in properties.get(member) or ():
            yield member[:-1], str(name)


def _params(errand: Errand, properties: Document) -> Document:
    own = {name: value for name, value in properties.items() if name not in ("ManagedPolicyName", *_HOLDERS)}
    params = conversion.converted(own, errand.client.inputs(_SERVICE, "CreatePolicy"))
    return {**params, "PolicyName": properties["ManagedPolicyName"]}


def _arn(errand: Errand, properties: Document) -> str:
    path, partition = properties.get("Path") or "/", errand.platform.site.arn("").split(":")[1]
    account = errand.caller.account
    return f"arn:{partition}:iam::{account}:policy{path}{properties['ManagedPolicyName']}"


def _there(errand: Errand, arn: str) -> bool:
    try:
        errand.call(_SERVICE, "GetPolicy", PolicyArn=arn)
    except ClaryError as error:
        if error.code != _MISSING:
            raise
        return False
    return True


def _names(errand: Errand, noun: str, name: str) -> Sequence[str]:
    try:
        found = errand.call(_SERVICE, f"List{noun}Policies", MaxItems=1000, **{f"{noun}Name": name})
    except ClaryError as error:
        if error.code != _MISSING:
            raise
        return ()
    names: Sequence[str] = found["PolicyNames"]
    return names


def _without(errand: Errand, operation: str, **params: str) -> None:
    """Take something away that may be gone already."""
    try:
        errand.call(_SERVICE, operation, **params)
    except ClaryError as error:
        if error.code != _MISSING:
            raise
