"""Tagging: AddTags, ListTags and DeleteTags on whatever has an ARN."""

from collections.abc import Iterable

from clary.core import errors
from clary.core.exchange import Context, Document, Reply
from clary.engine import position
from clary.engine.platform import Platform

LIMIT = 50


class Tagging:
    """The three tag operations of a service."""

    operations = ("AddTags", "ListTags", "DeleteTags")

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def __call__(self, ctx: Context, params: Document) -> Reply:
        """Carry out ``ctx.operation``."""
        row = self._platform.by_arn(params["ResourceArn"])
        if row is None:
            raise errors.validation(f"Could not find resource {params['ResourceArn']!r} to tag.")
        verbs = {"AddTags": self._add, "ListTags": self._list, "DeleteTags": self._delete}
        return verbs[ctx.operation](row.arn, params)

    def _add(self, arn: str, params: Document) -> Reply:
        tags = given_tags(params["Tags"])
        if len(self._platform.tags.of(arn) | tags) > LIMIT:
            raise errors.validation(f"A resource may have {LIMIT} tags at most: {arn}.")
        self._platform.tags.put(arn, tags)
        return Reply({"Tags": shaped(self._platform.tags.of(arn))})

    def _list(self, arn: str, params: Document) -> Reply:
        tags = shaped(self._platform.tags.of(arn))
        begin, size = position.read(params.get("NextToken")), params.get("MaxResults", LIMIT)
        following = position.following(begin, size, len(tags))
        return Reply({"Tags": tags[begin : begin + size], "NextToken": following})

    def _delete(self, arn: str, params: Document) -> Reply:
        self._platform.tags.remove(arn, params["TagKeys"])
        return Reply()


def given_tags(given: Iterable[Document]) -> dict[str, str]:
    """Return the tags of a request; raises ClaryError for reserved keys and for a key that is given twice."""
    tags: dict[str, str] = {}
    for tag in given:
        key = tag["Key"]
        if key.lower().startswith("aws:"):
            raise errors.validation(f"Tag key {key!r} is invalid: keys that begin with aws: are reserved.")
        if key in tags:
            raise errors.validation(f"Duplicate tag key {key!r} in the request.")
        tags[key] = tag["Value"]
    return tags


def shaped(tags: dict[str, str]) -> list[Document]:
    """Return tags as requests and answers spell them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]
