"""Groups: which users belong to them."""

from collections.abc import Callable
from typing import Any

from clary.core.exchange import Reply
from clary.services.iam import entity, refusal
from clary.services.iam.call import Call
from clary.services.iam.noun import GROUP, USER
from clary.store.resources import Row


def get(call: Call) -> Reply:
    """Answer a group and a page of its users, by name."""
    group = call.entity(GROUP)
    members = (call.directory.get(user_id) for user_id in group.private.get("members", []))
    users = sorted((row.name, entity.described(row)) for row in members if row is not None)
    return call.page("Users", users, Group=entity.described(group))


def add(call: Call) -> Reply:
    """Put a user into a group; no error when it is there."""
    user = call.entity(USER)
    _amend(call, lambda members: [*members, user.id] if user.id not in members else members)
    return Reply()


def remove(call: Call) -> Reply:
    """Take a user out of a group; raises NoSuchEntity when it is not there."""
    user = call.entity(USER)
    if user.id not in call.entity(GROUP).private.get("members", []):
        raise refusal.no_such_entity(f"User {user.name} is not in group {call.name(GROUP)}.")
    _amend(call, lambda members: [each for each in members if each != user.id])
    return Reply()


def of_user(call: Call) -> Reply:
    """Answer a page of the groups that a user is in, by name."""
    found = _groups(call, call.entity(USER))
    return call.page("Groups", ((row.name, entity.described(row)) for row in found))


def delete_user(call: Call) -> Reply:
    """Remove a user that has no keys or policies and is in no group; raises DeleteConflict."""
    user = call.entity(USER)
    if _groups(call, user):
        raise refusal.delete_conflict("remove users from group")
    return entity.delete(USER, call)


def _groups(call: Call, user: Row) -> list[Row]:
    return [row for row in call.directory.every(GROUP.name) if user.id in row.private.get("members", [])]


def _amend(call: Call, change: Callable[[list[str]], list[str]]) -> None:
    def edit(row: Row) -> dict[str, Any]:
        return {"private": {**row.private, "members": change(row.private.get("members", []))}}

    call.directory.amend(call.entity(GROUP), edit)
