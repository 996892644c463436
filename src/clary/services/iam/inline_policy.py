"""Inline policies: documents that are a part of one entity."""

from typing import Any

from clary.core.exchange import Reply
from clary.services.iam import document, refusal
from clary.services.iam.call import Call
from clary.services.iam.noun import Noun
from clary.store.resources import Row


def put(noun: Noun, call: Call) -> Reply:
    """Keep a document under a name, in the place of what was there."""
    text = document.identity_policy(call.params["PolicyDocument"])

    def edit(row: Row) -> dict[str, Any]:
        return {"private": {**row.private, "inline": {**_held(row), call.params["PolicyName"]: text}}}

    call.directory.amend(call.entity(noun), edit)
    return Reply()


def get(noun: Noun, call: Call) -> Reply:
    """Answer the document of that name."""
    row = call.entity(noun)
    name = _asked(noun, call, row)
    return Reply(
        {noun.key: row.name, "PolicyName": name, "PolicyDocument": document.encoded(_held(row)[name])}
    )


def every(noun: Noun, call: Call) -> Reply:
    """Answer a page of the names."""
    return call.page("PolicyNames", ((name, name) for name in sorted(_held(call.entity(noun)))))


def delete(noun: Noun, call: Call) -> Reply:
    """Remove a document."""

    def edit(row: Row) -> dict[str, Any]:
        asked = _asked(noun, call, row)
        kept = {name: text for name, text in _held(row).items() if name != asked}
        return {"private": {**row.private, "inline": kept}}

    call.directory.amend(call.entity(noun), edit)
    return Reply()


def _asked(noun: Noun, call: Call, row: Row) -> str:
    name = str(call.params["PolicyName"])
    if name not in _held(row):
        raise refusal.no_such_entity(f"The {noun.segment} policy with name {name} cannot be found.")
    return name


def _held(row: Row) -> dict[str, str]:
    held: dict[str, str] = row.private.get("inline", {})
    return held
