"""Entities: what users, groups and roles have in common, which is nearly everything."""

from typing import Any

from clary.core import clock, ids
from clary.core.exchange import Document, Reply
from clary.services.iam import document, refusal
from clary.services.iam.call import Call
from clary.services.iam.noun import Noun
from clary.store.resources import GONE, Row


def create(noun: Noun, call: Call) -> Reply:
    """Keep a new entity; raises EntityAlreadyExists."""
    return Reply({noun.name: described(add(noun, call, {}, {}))})


def add(noun: Noun, call: Call, members: Document, private: Document) -> Row:
    """Keep a new entity that has ``members`` besides those that all have."""
    name, path = str(call.params[noun.key]), str(call.params.get("Path") or "/")
    doc: Document = {
        "Path": path,
        noun.key: name,
        f"{noun.name}Id": ids.access_key_id(noun.prefix),
        "Arn": call.arn(noun, path, name),
        **members,
    }
    if "PermissionsBoundary" in call.params:
        doc["PermissionsBoundary"] = {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": call.params["PermissionsBoundary"],
        }
    if call.params.get("Tags"):
        doc["Tags"] = call.params["Tags"]
    return call.directory.add(noun.name, name, doc["Arn"], doc, private)


def get(noun: Noun, call: Call) -> Reply:
    """Answer the entity of that name."""
    return Reply({noun.name: described(call.entity(noun))})


def every(noun: Noun, call: Call) -> Reply:
    """Answer a page of the entities below ``PathPrefix``, by name."""
    return call.page(noun.plural, ((row.name, described(row)) for row in below(noun, call)))


def below(noun: Noun, call: Call) -> list[Row]:
    """Return the entities whose path begins as the request says."""
    prefix = str(call.params.get("PathPrefix") or "/")
    return [row for row in call.directory.every(noun.name) if row.doc["Path"].startswith(prefix)]


def rename(noun: Noun, call: Call) -> Reply:
    """Change name or path; keys, memberships and policies stay."""
    target = call.entity(noun)
    name = str(call.params.get(f"New{noun.key}") or target.name)
    if name != target.name and call.directory.find(noun.name, name) is not None:
        raise refusal.already_exists(f"{noun.name} with name {name} already exists.")

    def edit(row: Row) -> dict[str, Any]:
        path = str(call.params.get("NewPath") or row.doc["Path"])
        doc = {**row.doc, "Path": path, noun.key: name, "Arn": call.arn(noun, path, name)}
        return {"doc": doc, "name": name, "arn": doc["Arn"]}

    call.directory.amend(target, edit)
    return Reply()


def delete(noun: Noun, call: Call) -> Reply:
    """Remove an entity that nothing hangs on; raises DeleteConflict."""
    call.directory.amend(call.entity(noun), remove)
    return Reply()


def remove(row: Row) -> dict[str, Any]:
    """Return the edit that removes ``row``; raises DeleteConflict while something hangs on it."""
    for held, remedy in (
        ("keys", "delete access keys"),
        ("members", "remove users from group"),
        ("attached", "detach all policies"),
        ("inline", "delete policies"),
    ):
        if row.private.get(held):
            raise refusal.delete_conflict(remedy)
    return {"phase": GONE}


def described(row: Row) -> Document:
    """Return an entity as answers have it."""
    shown = {**row.doc, "CreateDate": clock.utc(row.created_at)}
    if "AssumeRolePolicyDocument" in shown:
        shown["AssumeRolePolicyDocument"] = document.encoded(shown["AssumeRolePolicyDocument"])
    return shown
