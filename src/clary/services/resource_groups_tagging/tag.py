"""Tags: put on resources of any service and taken away, and which keys and values there are."""

from collections.abc import Callable, Sequence
from itertools import chain

from clary.core.errors import ClaryError
from clary.core.exchange import Document, Reply
from clary.engine.tagging import LIMIT
from clary.services.resource_groups_tagging.bearer import Bearer
from clary.services.resource_groups_tagging.call import Call, invalid, token

_PAGE = 100


def get_tag_keys(call: Call) -> Reply:
    """Answer a page of the keys that any resource has."""
    return _page(call, "TagKeys", lambda bearer, after: bearer.keys(after, _PAGE + 1))


def get_tag_values(call: Call) -> Reply:
    """Answer a page of the values that a key has on any resource."""
    key = call.params["Key"]
    return _page(call, "TagValues", lambda bearer, after: bearer.values(key, after, _PAGE + 1))


def tag_resources(call: Call) -> Reply:
    """Add tags to each of the resources; what cannot be tagged is told and hinders no other."""
    tags = call.params["Tags"]
    reserved = [key for key in tags if key.lower().startswith("aws:")]
    if reserved:
        raise invalid(f"Tag key {reserved[0]!r} is invalid: keys that begin with aws: are reserved.")

    def put(bearer: Bearer, arn: str) -> None:
        if len({*(bearer.of(arn) or ()), *tags}) > LIMIT:
            raise invalid(f"A resource may have {LIMIT} tags at most: {arn}.")
        bearer.put(arn, tags)

    return _each(call, put)


def untag_resources(call: Call) -> Reply:
    """Take the tags with these keys from each of the resources."""
    keys = call.params["TagKeys"]
    return _each(call, lambda bearer, arn: bearer.remove(arn, keys))


def _page(call: Call, member: str, some: Callable[[Bearer, str | None], Sequence[str]]) -> Reply:
    after = call.after()
    found = sorted(set(chain.from_iterable(some(bearer, after) for bearer in call.bearers)))
    page = found[:_PAGE]
    following = token(page[-1] if page else "", len(found) > _PAGE)
    return Reply({member: page, "PaginationToken": following})


def _each(call: Call, change: Callable[[Bearer, str], None]) -> Reply:
    """Change the tags of every resource named; answer which could not be, and why."""
    failed: Document = {}
    for arn in dict.fromkeys(call.params["ResourceARNList"]):
        try:
            change(_bearer(call, arn), arn)
        except ClaryError as error:
            failed[arn] = {
                "StatusCode": error.status,
                "ErrorCode": "InvalidParameterException",
                "ErrorMessage": error.message,
            }
    return Reply({"FailedResourcesMap": failed})


def _bearer(call: Call, arn: str) -> Bearer:
    bearer = call.bearer(arn)
    if bearer is None:
        raise invalid(f"No service of this server has resources with tags whose ARNs begin as {arn!r} does.")
    if bearer.of(arn) is None:
        raise invalid(f"Could not find resource {arn!r} to tag.")
    return bearer
