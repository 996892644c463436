"""Subresources: what a bucket is configured with, kept as it was put and echoed.

Only what changes nothing that a client could rely on is kept: where S3 would begin to act (notifications,
replication …) the put is refused, so that nothing is promised that does not happen.
"""

import json
from dataclasses import dataclass

from clary.core.errors import ClaryError
from clary.core.exchange import Document, Reply
from clary.services.s3 import errors
from clary.services.s3.call import Call
from clary.services.s3.tagging import checked_tags, tag_list

_TAG_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Subresource:
    """A subresource: ``member`` is what a put brings, and what a get answers when ``wrapped``.

    ``missing`` and ``message`` are the error where nothing was put; without them nothing is answered.
    """

    member: str
    missing: str = ""
    message: str = ""
    wrapped: bool = True

    def get(self, call: Call) -> Reply:
        """Answer what was put."""
        bucket = call.bucket()
        value = bucket.settings.get(self.member)
        if value is None and self.missing:
            raise ClaryError(self.missing, self.message, 404, BucketName=bucket.name)
        if value is None:
            return Reply()
        return Reply({self.member: value} if self.wrapped else value)

    def put(self, call: Call) -> Reply:
        """Keep what is put in place of what was."""
        bucket = call.bucket()
        value = call.params.get(self.member)
        if not value:
            raise errors.malformed_xml()
        call.objects.configure_bucket(bucket.name, self.member, value)
        return Reply()

    def delete(self, call: Call) -> Reply:
        """Forget what was put."""
        call.objects.configure_bucket(call.bucket().name, self.member, None)
        return Reply()


POLICY = Subresource("Policy", "NoSuchBucketPolicy", "The bucket policy does not exist")
CORS = Subresource(
    "CORSConfiguration",
    "NoSuchCORSConfiguration",
    "The CORS configuration does not exist",
    wrapped=False,
)
TAGGING = Subresource("Tagging", "NoSuchTagSet", "The TagSet does not exist", wrapped=False)
ENCRYPTION = Subresource(
    "ServerSideEncryptionConfiguration",
    "ServerSideEncryptionConfigurationNotFoundError",
    "The server side encryption configuration was not found",
)
PUBLIC_ACCESS = Subresource(
    "PublicAccessBlockConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
    "The public access block configuration was not found",
)
OWNERSHIP = Subresource(
    "OwnershipControls",
    "OwnershipControlsNotFoundError",
    "The bucket ownership controls were not found",
)
WEBSITE = Subresource(
    "WebsiteConfiguration",
    "NoSuchWebsiteConfiguration",
    "The specified bucket does not have a website configuration",
)
REPLICATION = Subresource(
    "ReplicationConfiguration",
    "ReplicationConfigurationNotFoundError",
    "The replication configuration was not found",
)
OBJECT_LOCK = Subresource(
    "ObjectLockConfiguration",
    "ObjectLockConfigurationNotFoundError",
    "Object Lock configuration does not exist for this bucket",
)


def put_policy(call: Call) -> Reply:
    """Keep a bucket policy, which must be JSON; it is not enforced."""
    try:
        policy: object = json.loads(call.params.get("Policy") or "")
    except ValueError:
        policy = None
    if not isinstance(policy, dict) or "Statement" not in policy:
        raise ClaryError("MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'")
    return POLICY.put(call)


def put_tagging(call: Call) -> Reply:
    """Keep a bucket's tags."""
    checked_tags(tag_list(call.params), _TAG_LIMIT)
    return TAGGING.put(call)


def get_acl(call: Call) -> Reply:
    """Answer that the owner may do everything."""
    call.bucket()
    grantee: Document = {**call.owner(), "Type": "CanonicalUser"}
    return Reply({"Owner": call.owner(), "Grants": [{"Grantee": grantee, "Permission": "FULL_CONTROL"}]})


def put_acl(call: Call) -> Reply:
    """Accept the access that a bucket has anyway."""
    call.bucket()
    call.check_acl()
    return Reply()
