"""Managed policies: documents with versions, of which one is in force."""

from collections import Counter
from typing import Any

from clary.core import clock
from clary.core.exchange import Document, Reply
from clary.services.iam import document, entity, refusal
from clary.services.iam.call import Call
from clary.services.iam.noun import POLICY, PRINCIPALS
from clary.store.resources import GONE, Row

_MOST = 5


def create(call: Call) -> Reply:
    """Keep a new policy, whose document becomes version v1."""
    members: Document = {"DefaultVersionId": "v1", "IsAttachable": True}
    if "Description" in call.params:
        members["Description"] = call.params["Description"]
    text = document.identity_policy(call.params["PolicyDocument"])
    made = entity.add(POLICY, call, members, _with({}, 1, text))
    return Reply({"Policy": _described(made, 0)})


def get(call: Call) -> Reply:
    """Answer the policy with that ARN."""
    row = call.policy()
    return Reply({"Policy": _described(row, _uses(call)[row.arn])})


def every(call: Call) -> Reply:
    """Answer a page of the account's policies, by name; those of AWS are not kept."""
    rows = [] if call.params.get("Scope") == "AWS" else entity.below(POLICY, call)
    uses = _uses(call)
    if call.params.get("OnlyAttached"):
        rows = [row for row in rows if uses[row.arn]]
    return call.page("Policies", ((row.name, _described(row, uses[row.arn])) for row in rows))


def delete(call: Call) -> Reply:
    """Remove a policy that is attached nowhere and has one version; raises DeleteConflict."""
    row = call.policy()
    if _uses(call)[row.arn]:
        raise refusal.delete_conflict("detach the policy from all entities")

    def edit(row: Row) -> dict[str, Any]:
        if len(row.private["versions"]) > 1:
            raise refusal.delete_conflict("delete all versions but the default one")
        return {"phase": GONE}

    call.directory.amend(row, edit)
    return Reply()


def create_version(call: Call) -> Reply:
    """Add a version, and put it in force if asked to; raises LimitExceeded at the sixth."""
    text = document.identity_policy(call.params["PolicyDocument"])

    def edit(row: Row) -> dict[str, Any]:
        if len(row.private["versions"]) >= _MOST:
            raise refusal.limit_exceeded("VersionsPerPolicy", _MOST)
        number = row.private["last"] + 1
        columns: dict[str, Any] = {"private": _with(row.private["versions"], number, text)}
        if call.params.get("SetAsDefault"):
            columns["doc"] = {**row.doc, "DefaultVersionId": f"v{number}"}
        return columns

    row = call.directory.amend(call.policy(), edit)
    return Reply({"PolicyVersion": _version(row, f"v{row.private['last']}")})


def get_version(call: Call) -> Reply:
    """Answer one version with its document."""
    row = call.policy()
    return Reply({"PolicyVersion": _version(row, _asked(call, row))})


def versions(call: Call) -> Reply:
    """Answer a page of the versions."""
    row = call.policy()
    return call.page(
        "Versions", ((version, _version(row, version)) for version in sorted(row.private["versions"]))
    )


def set_default(call: Call) -> Reply:
    """Put a version in force."""
    call.directory.amend(
        call.policy(), lambda row: {"doc": {**row.doc, "DefaultVersionId": _asked(call, row)}}
    )
    return Reply()


def delete_version(call: Call) -> Reply:
    """Remove a version that is not in force; raises DeleteConflict."""

    def edit(row: Row) -> dict[str, Any]:
        asked = _asked(call, row)
        if asked == row.doc["DefaultVersionId"]:
            raise refusal.delete_conflict("make another version the default one")
        kept = {name: version for name, version in row.private["versions"].items() if name != asked}
        return {"private": {**row.private, "versions": kept}}

    call.directory.amend(call.policy(), edit)
    return Reply()


def entities(call: Call) -> Reply:
    """Answer the groups, users and roles that a policy is attached to, all on one page."""
    asked, wanted = call.policy().arn, call.params.get("EntityFilter")
    output: Document = {"IsTruncated": False}
    for noun in PRINCIPALS:
        output[f"Policy{noun.plural}"] = [
            {noun.key: row.name, f"{noun.name}Id": row.doc[f"{noun.name}Id"]}
            for row in entity.below(noun, call)
            if wanted in (None, noun.name) and asked in row.private.get("attached", [])
        ]
    return Reply(output)


def _uses(call: Call) -> "Counter[str]":
    """Return to how many entities each policy is attached."""
    rows = (row for noun in PRINCIPALS for row in call.directory.every(noun.name))
    return Counter(asked for row in rows for asked in row.private.get("attached", []))


def _with(versions: Document, number: int, text: str) -> Document:
    version = {"Document": text, "CreateDate": clock.now()}
    return {"last": number, "versions": {**versions, f"v{number}": version}}


def _asked(call: Call, row: Row) -> str:
    version = str(call.params["VersionId"])
    if version not in row.private["versions"]:
        raise refusal.no_such_entity(f"Policy {row.arn} version {version} does not exist.")
    return version


def _version(row: Row, version: str) -> Document:
    kept = row.private["versions"][version]
    return {
        "VersionId": version,
        "IsDefaultVersion": version == row.doc["DefaultVersionId"],
        "Document": document.encoded(kept["Document"]),
        "CreateDate": clock.utc(kept["CreateDate"]),
    }


def _described(row: Row, attached: int) -> Document:
    return {**entity.described(row), "UpdateDate": clock.utc(row.modified_at), "AttachmentCount": attached}
