"""Buckets: made, found, listed and removed."""

import re

from clary.core import clock
from clary.core.errors import ClaryError
from clary.core.exchange import Document, Reply
from clary.services.s3 import errors, tagging
from clary.services.s3.call import Call
from clary.store.objects import BucketRow

_HOME = "us-east-1"
_NAME = re.compile(r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]")
_ADDRESS = re.compile(r"(\d{1,3}\.){3}\d{1,3}")
_REGION = re.compile(r"EU|[a-z]+(-[a-z]+)+-\d{1,2}")
_MOST_TAGS = 50
_MOST_BUCKETS = 10_000


def create_bucket(call: Call) -> Reply:
    """Make a bucket; making one's own again is no error in us-east-1, as in S3."""
    name = call.params["Bucket"]
    if not _NAME.fullmatch(name) or _ADDRESS.fullmatch(name):
        raise ClaryError("InvalidBucketName", "The specified bucket is not valid.", BucketName=name)
    call.check_acl()
    call.refuse(("ObjectLockEnabledForBucket",), "Object Lock")
    region = _region(call)
    settings = _settings(call.params.get("CreateBucketConfiguration") or {})
    if not call.objects.create_bucket(BucketRow(name, call.ctx.account, region, clock.now(), settings)):
        _check_own(call, name)
    return Reply({"Location": f"/{name}", "BucketArn": _arn(name)})


def head_bucket(call: Call) -> Reply:
    """Tell whether the bucket is there and the caller's."""
    bucket = call.bucket()
    return Reply({"BucketRegion": bucket.region, "BucketArn": _arn(bucket.name), "AccessPointAlias": False})


def delete_bucket(call: Call) -> Reply:
    """Remove an empty bucket."""
    bucket = call.bucket()
    if not call.objects.delete_bucket(bucket.name):
        raise ClaryError(
            "BucketNotEmpty", "The bucket you tried to delete is not empty", 409, BucketName=bucket.name
        )
    return Reply()


def list_buckets(call: Call) -> Reply:
    """List the caller's buckets by name; a continuation token is the name that the page starts behind."""
    prefix = call.params.get("Prefix") or ""
    token = call.params.get("ContinuationToken") or ""
    region = call.params.get("BucketRegion")
    found = [
        _entry(bucket)
        for bucket in call.objects.buckets(call.ctx.account)
        if bucket.name.startswith(prefix) and bucket.name > token and region in (None, bucket.region)
    ]
    limit = call.params.get("MaxBuckets", _MOST_BUCKETS)
    if not 1 <= limit <= _MOST_BUCKETS:
        message = f"Argument max-buckets must be an integer between 1 and {_MOST_BUCKETS}"
        raise errors.invalid_argument(message, "max-buckets", limit)
    output: Document = {"Buckets": found[:limit], "Owner": call.owner()}
    if prefix:
        output["Prefix"] = prefix
    if len(found) > limit:
        output["ContinuationToken"] = found[limit - 1]["Name"]
    return Reply(output)


def get_bucket_location(call: Call) -> Reply:
    """Tell the bucket's region, which for us-east-1 is nothing."""
    region = call.bucket().region
    return Reply({} if region == _HOME else {"LocationConstraint": region})


def _settings(configuration: Document) -> Document:
    """Return the subresources that a bucket has from the beginning: its tags."""
    tags = tagging.checked_tags(configuration.get("Tags") or (), _MOST_TAGS)
    return {"Tagging": {"TagSet": tagging.tag_set(tags)}} if tags else {}


def _region(call: Call) -> str:
    configuration = call.params.get("CreateBucketConfiguration") or {}
    constraint = configuration.get("LocationConstraint")
    here = call.ctx.region
    # For us-east-1 no constraint is the way to ask for it.
    if constraint == _HOME or not _REGION.fullmatch(constraint or here):
        raise ClaryError("InvalidLocationConstraint", "The specified location-constraint is not valid")
    if here not in (_HOME, constraint):
        raise ClaryError(
            "IllegalLocationConstraintException",
            f"The {constraint or 'unspecified'} location constraint is incompatible for the region specific "
            "endpoint this request was sent to.",
        )
    return constraint or here


def _check_own(call: Call, name: str) -> None:
    existing = call.objects.bucket(name)
    if existing is None:
        raise ClaryError(
            "OperationAborted",
            "A conflicting conditional operation is currently in progress against this resource. "
            "Please try again.",
            409,
        )
    if existing.account != call.ctx.account:
        raise ClaryError(
            "BucketAlreadyExists",
            "The requested bucket name is not available. The bucket namespace is shared by all users of the "
            "system. Please select a different name and try again.",
            409,
            BucketName=name,
        )
    if call.ctx.region != _HOME or existing.region != _HOME:
        raise ClaryError(
            "BucketAlreadyOwnedByYou",
            "Your previous request to create the named bucket succeeded and you already own it.",
            409,
            BucketName=name,
        )


def _entry(bucket: BucketRow) -> Document:
    return {
        "Name": bucket.name,
        "CreationDate": bucket.created_at,
        "BucketRegion": bucket.region,
        "BucketArn": _arn(bucket.name),
    }


def _arn(name: str) -> str:
    return f"arn:aws:s3:::{name}"
