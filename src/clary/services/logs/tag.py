"""Tags of log groups: put, taken away and listed, by the group's ARN or, as it was done once, by its name."""

from collections.abc import Mapping
from dataclasses import replace

from clary.core.errors import ClaryError
from clary.core.exchange import Reply
from clary.services.logs.call import Call, invalid
from clary.store.logs import Group

LIMIT = 50
"""Tags that a group may have."""


def tag_resource(call: Call) -> Reply:
    """Add tags to a group, replacing those with the same keys."""
    group, tags = call.tagged_group(), call.params["tags"]
    check(tags)
    if len(call.logs.group(group).tags.keys() | tags.keys()) > LIMIT:
        raise _too_many(call, group)
    call.amend(group, lambda known: replace(known, tags={**known.tags, **tags}))
    return Reply()


def untag_resource(call: Call) -> Reply:
    """Take tags from a group; a key that is not there is no error."""
    group = call.tagged_group()
    gone = set(call.params.get("tagKeys") or call.params.get("tags") or ())

    def without(known: Group) -> Group:
        return replace(known, tags={key: text for key, text in known.tags.items() if key not in gone})

    call.amend(group, without)
    return Reply()


def list_tags_for_resource(call: Call) -> Reply:
    """Answer the tags of a group."""
    return Reply({"tags": dict(call.logs.group(call.tagged_group()).tags)})


def check(tags: Mapping[str, str]) -> None:
    """Raise InvalidParameterException for keys that only AWS may set."""
    for key in tags:
        if key.lower().startswith("aws:"):
            raise invalid(f"The tag key {key!r} is invalid: keys that begin with aws: are reserved.")


def _too_many(call: Call, group: str) -> ClaryError:
    """Return the error for more tags than a group may have, as the operation has one."""
    message = f"A log group may have {LIMIT} tags at most."
    if call.ctx.operation == "TagLogGroup":
        return invalid(message)
    return ClaryError("TooManyTagsException", message, resourceName=call.arn(group))
