"""Retention policies: for how many days a group keeps events; ``services.retention`` acts by them."""

from dataclasses import replace

from clary.core.exchange import Reply
from clary.services.logs.call import Call, invalid

_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip


def put_retention_policy(call: Call) -> Reply:
    """Set a group's retention to one of the numbers of days that CloudWatch has."""
    group, days = call.group(), call.params["retentionInDays"]
    if days not in _DAYS:
        raise invalid(f"The retentionInDays must be one of {', '.join(map(str, _DAYS))}.")
    call.amend(group, lambda known: replace(known, retention_days=days))
    return Reply()


def delete_retention_policy(call: Call) -> Reply:
    """Let a group keep its events for ever."""
    group = call.group()
    call.amend(group, lambda known: replace(known, retention_days=None))
    return Reply()
