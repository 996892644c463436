"""Tags of users, roles and policies; a part of their documents."""

from collections.abc import Mapping
from typing import Any

from clary.core.exchange import Reply
from clary.services.iam import refusal
from clary.services.iam.call import Call
from clary.services.iam.noun import POLICY, Noun
from clary.store.resources import Row

_MOST = 50
_RESERVED = "aws:"


def held(row: Row) -> dict[str, str]:
    """Return the tags of an entity in the order of their keys."""
    return dict(sorted((tag["Key"], tag["Value"]) for tag in row.doc.get("Tags", ())))


def bearing(row: Row, tags: Mapping[str, str]) -> dict[str, Any]:
    """Return the edit after which ``tags`` are the entity's; raises LimitExceeded for more than 50."""
    if len(tags) > _MOST:
        raise refusal.limit_exceeded("TagsPerResource", _MOST)
    doc = {name: value for name, value in row.doc.items() if name != "Tags"}
    shaped = [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
    return {"doc": {**doc, "Tags": shaped} if shaped else doc}


def add(noun: Noun, call: Call) -> Reply:
    """Put tags on an entity, replacing those with the same keys; raises InvalidInput for a reserved key."""
    given = {tag["Key"]: tag["Value"] for tag in call.params["Tags"]}
    reserved = [key for key in given if key.lower().startswith(_RESERVED)]
    if reserved:
        raise refusal.invalid_input(f"The tag key {reserved[0]!r} is reserved: it begins with aws:.")
    call.directory.amend(_target(noun, call), lambda row: bearing(row, {**held(row), **given}))
    return Reply()


def remove(noun: Noun, call: Call) -> Reply:
    """Take the tags with these keys from an entity."""
    keys = set(call.params["TagKeys"])

    def edit(row: Row) -> dict[str, Any]:
        return bearing(row, {key: value for key, value in held(row).items() if key not in keys})

    call.directory.amend(_target(noun, call), edit)
    return Reply()


def every(noun: Noun, call: Call) -> Reply:
    """Answer a page of an entity's tags, by key."""
    tags = held(_target(noun, call)).items()
    return call.page("Tags", ((key, {"Key": key, "Value": value}) for key, value in tags))


def _target(noun: Noun, call: Call) -> Row:
    return call.policy() if noun is POLICY else call.entity(noun)
