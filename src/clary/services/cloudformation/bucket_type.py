"""BucketType: ``AWS::S3::Bucket``, each of whose properties is a configuration of its own in S3."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

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

_SERVICE = "s3"
_HOME = "us-east-1"
_LONGEST = 63
_RENAMED = {
    "CorsRules": "CORSRules",
    "ExposedHeaders": "ExposeHeaders",
    "Id": "ID",
    "MaxAge": "MaxAgeSeconds",
    "ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault",
}
"""Members that templates spell otherwise than S3's API."""


class Setting(NamedTuple):
    """A property: the operations that put and delete it, the member that carries it, and how."""

    put: str
    delete: str
    member: str
    spelt: Callable[[Any], Any]


def _renamed(value: Any) -> Any:
    """Return ``value`` with its members as the API spells them."""
    if isinstance(value, dict):
        return {_RENAMED.get(name, name): _renamed(item) for name, item in value.items()}
    return [_renamed(item) for item in value] if isinstance(value, list) else value


def _encryption(value: Any) -> Any:
    return {"Rules": _renamed(value.get("ServerSideEncryptionConfiguration"))} if _is_object(value) else value


def _lifecycle(value: Any) -> Any:
    rules = value.get("Rules") if _is_object(value) else None
    return {"Rules": [_rule(rule) for rule in rules]} if isinstance(rules, list) else value


def _rule(rule: Any) -> Any:
    """Return a rule of a lifecycle, whose template spelling is flatter than the API's."""
    if not _is_object(rule):
        return rule
    known = {"Id", "Status", "Prefix", "ExpirationInDays", "AbortIncompleteMultipartUpload"}
    spelt = {_RENAMED.get(name, name): value for name, value in rule.items() if name not in known}
    spelt |= {
        "ID": rule.get("Id"),
        "Status": rule.get("Status"),
        "Filter": {"Prefix": rule.get("Prefix", "")},
    }
    if "ExpirationInDays" in rule:
        spelt["Expiration"] = {"Days": rule["ExpirationInDays"]}
    if "AbortIncompleteMultipartUpload" in rule:
        spelt["AbortIncompleteMultipartUpload"] = rule["AbortIncompleteMultipartUpload"]
    return spelt


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


_SETTINGS: Mapping[str, Setting] = {
    "BucketEncryption": Setting(
        "PutBucketEncryption", "DeleteBucketEncryption", "ServerSideEncryptionConfiguration", _encryption
    ),
    "CorsConfiguration": Setting("PutBucketCors", "DeleteBucketCors", "CORSConfiguration", _renamed),
    "LifecycleConfiguration": Setting(
        "PutBucketLifecycleConfiguration", "DeleteBucketLifecycle", "LifecycleConfiguration", _lifecycle
    ),
    "OwnershipControls": Setting(
        "PutBucketOwnershipControls", "DeleteBucketOwnershipControls", "OwnershipControls", _renamed
    ),
    "PublicAccessBlockConfiguration": Setting(
        "PutPublicAccessBlock", "DeletePublicAccessBlock", "PublicAccessBlockConfiguration", _renamed
    ),
    "Tags": Setting("PutBucketTagging", "DeleteBucketTagging", "Tagging", lambda tags: {"TagSet": tags}),
    "VersioningConfiguration": Setting("PutBucketVersioning", "", "VersioningConfiguration", _renamed),
}
"""The properties that are supported besides the name."""
_SUSPENDED = {"Status": "Suspended"}


class BucketType(ResourceType):
    """Buckets; ``Ref`` answers the name."""

    name = "AWS::S3::Bucket"
    attributes: Collection[str] = (
        "Arn",
        "DomainName",
        "DualStackDomainName",
        "RegionalDomainName",
        "WebsiteURL",
    )

    def replacing(self, before: Document, after: Document) -> Sequence[str]:
        """Return the name, if that differs."""
        return [name for name in differing(before, after) if name == "BucketName"]

    def named(self, errand: Errand) -> Document:
        """Make a name up where there is none; raise where it is taken, or a property is not supported."""
        strangers = sorted(errand.properties.keys() - _SETTINGS.keys() - {"BucketName"})
        if strangers:
            raise conversion.misfit(
                f"#: the property [{strangers[0]}] is not supported by this release of Clary"
            )
        name = str(errand.properties.get("BucketName") or fitted(errand.name, _LONGEST).lower())
        if errand.platform.objects.bucket(name) is not None:
            raise taken(name, self.name)
        return {**errand.properties, "BucketName": name}

    def create(self, errand: Errand) -> Physical:
        """Create it unless this errand has, then configure it."""
        name = errand.properties["BucketName"]
        if self.find(errand) is None:
            region = errand.platform.site.region
            place = {} if region == _HOME else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            errand.call(_SERVICE, "CreateBucket", Bucket=name, **place)
        self._configure(errand, name, {})
        return Physical(name, {"Bucket": name})

    def find(self, errand: Errand) -> Physical | None:
        """Return the bucket of the name that was free when the errand began."""
        name = errand.properties["BucketName"]
        return None if errand.platform.objects.bucket(name) is None else Physical(name, {"Bucket": name})

    def exists(self, errand: Errand, physical: Physical) -> bool:
        """Look for the bucket."""
        return errand.platform.objects.bucket(physical.id) is not None

    def change(self, errand: Errand, physical: Physical, before: Document) -> None:
        """Put the configurations that differ, and delete those that are gone."""
        self._configure(errand, physical.id, before)

    def delete(self, errand: Errand, physical: Physical) -> None:
        """Delete the bucket, which must be empty."""
        errand.call(_SERVICE, "DeleteBucket", Bucket=physical.id)

    def read(self, errand: Errand, physical: Physical) -> Document:
        """Return the addresses, which are those that AWS would give."""
        name, region = physical.id, errand.platform.site.region
        partition = errand.platform.site.arn("").split(":")[1]
        return {
            "Arn": f"arn:{partition}:s3:::{name}",
            "DomainName": f"{name}.s3.amazonaws.com",
            "DualStackDomainName": f"{name}.s3.dualstack.{region}.amazonaws.com",
            "RegionalDomainName": f"{name}.s3.{region}.amazonaws.com",
            "WebsiteURL": f"http://{name}.s3-website-{region}.amazonaws.com",
        }

    def _configure(self, errand: Errand, name: str, before: Document) -> None:
        tags = tag_list(errand.properties.get("Tags"), errand.tags)
        after = {**errand.properties, "Tags": tags or None}
        for member in differing(before, after):
            setting = _SETTINGS.get(member)
            if setting is None:
                continue
            value = after.get(member)
            if value is not None:
                shape = errand.client.inputs(_SERVICE, setting.put)
                params = conversion.converted({"Bucket": name, setting.member: setting.spelt(value)}, shape)
                errand.call(_SERVICE, setting.put, **params)
            elif setting.delete:
                errand.call(_SERVICE, setting.delete, Bucket=name)
            else:
                errand.call(_SERVICE, setting.put, Bucket=name, **{setting.member: _SUSPENDED})
