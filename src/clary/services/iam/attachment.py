"""Attachments: which managed policies an entity has."""

from typing import Any

from clary.core.exchange import Reply
from clary.services.iam import refusal
from clary.services.iam.call import Call
from clary.services.iam.noun import Noun
from clary.store.resources import Row

_MOST = 10
_AMAZON = ":iam::aws:policy/"
"""What AWS's own policies have in their ARNs; each is taken to exist."""


def attach(noun: Noun, call: Call) -> Reply:
    """Attach a policy of the account or of AWS; no error when it is attached."""
    asked = call.params["PolicyArn"]
    if _AMAZON not in asked:
        call.policy()

    def edit(row: Row) -> dict[str, Any]:
        held = row.private.get("attached", [])
        if asked not in held and len(held) >= _MOST:
            raise refusal.limit_exceeded(f"PoliciesPer{noun.name}", _MOST)
        return {"private": {**row.private, "attached": sorted({*held, asked})}}

    call.directory.amend(call.entity(noun), edit)
    return Reply()


def detach(noun: Noun, call: Call) -> Reply:
    """Detach a policy; raises NoSuchEntity when it is not attached."""
    asked = call.params["PolicyArn"]

    def edit(row: Row) -> dict[str, Any]:
        held = row.private.get("attached", [])
        if asked not in held:
            raise refusal.no_such_entity(f"Policy {asked} was not found.")
        return {"private": {**row.private, "attached": [each for each in held if each != asked]}}

    call.directory.amend(call.entity(noun), edit)
    return Reply()


def every(noun: Noun, call: Call) -> Reply:
    """Answer a page of the policies attached."""
    held = call.entity(noun).private.get("attached", [])
    shown = ((asked, {"PolicyName": asked.rpartition("/")[2], "PolicyArn": asked}) for asked in held)
    return call.page("AttachedPolicies", shown)
