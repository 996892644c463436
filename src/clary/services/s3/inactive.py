"""Inactive subresources: what this server does not do, put and read as switched off.

Tools put the neutral setting to make sure of it, and read it back; any other is refused, so that nothing is
promised that does not happen.
"""

from collections.abc import Callable
from dataclasses import dataclass

from clary.core.errors import ClaryError
from clary.core.exchange import Document, Reply
from clary.services.s3 import errors
from clary.services.s3.call import Call


@dataclass(frozen=True, slots=True)
class Inactive:
    """A subresource that is put as ``member`` and is off when ``off`` says so of what is put.

    ``read`` is what a get answers, and ``name`` what a refusal calls it.
    """

    name: str
    member: str
    off: Callable[[Document], bool]
    read: Document

    def get(self, call: Call) -> Reply:
        """Answer that it is off."""
        call.bucket()
        return Reply(dict(self.read))

    def put(self, call: Call) -> Reply:
        """Accept that it is off; raises NotImplemented for anything else."""
        call.bucket()
        if not self.off(call.params.get(self.member) or {}):
            raise errors.not_implemented(self.name)
        return Reply()


LOGGING = Inactive(
    "Logging of requests into a bucket",
    "BucketLoggingStatus",
    lambda said: not said.get("LoggingEnabled"),
    {},
)
NOTIFICATION = Inactive(
    "Notification of events", "NotificationConfiguration", lambda said: not any(said.values()), {}
)
ACCELERATION = Inactive(
    "Transfer acceleration", "AccelerateConfiguration", lambda said: said.get("Status") == "Suspended", {}
)
REQUEST_PAYMENT = Inactive(
    "Payment by the requester",
    "RequestPaymentConfiguration",
    lambda said: said.get("Payer") == "BucketOwner",
    {"Payer": "BucketOwner"},
)
CONFIGURATIONS = Inactive("", "", lambda _said: False, {"IsTruncated": False})
"""Analytics, inventories, metrics and tiers: lists that are empty."""


def delete_nothing(call: Call) -> Reply:
    """Forget what a bucket cannot have: a website, a replication."""
    call.bucket()
    return Reply()


def get_policy_status(call: Call) -> Reply:
    """Answer that nobody else has access; raises NoSuchBucketPolicy where there is no policy."""
    bucket = call.bucket()
    if "Policy" not in bucket.settings:
        raise ClaryError(
            "NoSuchBucketPolicy", "The bucket policy does not exist", 404, BucketName=bucket.name
        )
    return Reply({"PolicyStatus": {"IsPublic": False}})


def get_object_lock(call: Call) -> Reply:
    """Refuse to tell the lock of an object, as no bucket has any; raises ClaryError."""
    call.object_in(call.bucket())
    raise errors.invalid_request("Bucket is missing Object Lock Configuration")
