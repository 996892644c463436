"""Tag policies: those of an organisation say how resources are to be tagged; this server is in none."""

from clary.core.errors import ClaryError
from clary.core.exchange import Reply
from clary.services.resource_groups_tagging.call import Call


def required(call: Call) -> Reply:
    """Answer that no tag is required."""
    del call
    return Reply({"RequiredTags": []})


def report(call: Call) -> Reply:
    """Refuse a report on compliance."""
    del call
    raise ClaryError(
        "ConstraintViolationException",
        "Reports on tag policies are made for an organization of AWS Organizations, and this server is in "
        "none. GetResources tells the tags of all resources.",
    )
