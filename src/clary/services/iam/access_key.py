"""Access keys: what a user signs requests with."""

from typing import Any

from clary.core import clock, ids
from clary.core.exchange import Document, Reply
from clary.services.iam import refusal
from clary.services.iam.call import Call
from clary.services.iam.credential import KEY
from clary.services.iam.noun import USER
from clary.store.resources import GONE, Row

_MOST = 2


def create(call: Call) -> Reply:
    """Make a key, whose secret is told this once; raises LimitExceeded at the third of a user."""
    user = call.entity(USER)
    key_id, secret = ids.access_key_id(), ids.secret_access_key()

    def edit(row: Row) -> dict[str, Any]:
        held = row.private.get("keys", [])
        if len(held) >= _MOST:
            raise refusal.limit_exceeded("AccessKeysPerUser", _MOST)
        return {"private": {**row.private, "keys": [*held, key_id]}}

    call.directory.amend(user, edit)
    made = call.directory.add(
        KEY,
        key_id,
        call.arn(USER, user.doc["Path"], f"{user.name}/{key_id}"),
        {"Status": "Active"},
        {"secret": secret, "owner": user.id},
    )
    return Reply({"AccessKey": {**_described(user, made), "SecretAccessKey": secret}})


def every(call: Call) -> Reply:
    """Answer a user's keys without their secrets."""
    user = call.entity(USER)
    found = (call.directory.find(KEY, key_id) for key_id in sorted(user.private.get("keys", [])))
    shown = ((row.name, _described(user, row)) for row in found if row is not None)
    return call.page("AccessKeyMetadata", shown, UserName=user.name)


def update(call: Call) -> Reply:
    """Make a key active or inactive; an inactive one is refused."""
    call.directory.amend(_key(call)[1], lambda row: {"doc": {**row.doc, "Status": call.params["Status"]}})
    return Reply()


def delete(call: Call) -> Reply:
    """Remove a key for good."""
    user, key = _key(call)
    call.directory.amend(key, lambda _: {"phase": GONE})

    def edit(row: Row) -> dict[str, Any]:
        kept = [each for each in row.private["keys"] if each != key.name]
        return {"private": {**row.private, "keys": kept}}

    call.directory.amend(user, edit)
    return Reply()


def _key(call: Call) -> tuple[Row, Row]:
    """Return the user and the key of its own that is asked for; raises NoSuchEntity."""
    user, key_id = call.entity(USER), str(call.params["AccessKeyId"])
    row = call.directory.find(KEY, key_id)
    if row is None or row.private["owner"] != user.id:
        raise refusal.no_such_entity(f"The Access Key with id {key_id} cannot be found.")
    return user, row


def _described(user: Row, row: Row) -> Document:
    return {
        "UserName": user.name,
        "AccessKeyId": row.name,
        "Status": row.doc["Status"],
        "CreateDate": clock.utc(row.created_at),
    }
