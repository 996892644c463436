"""Operations on stacks: created, updated, deleted, given up and gone on with; each writes an intent."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from clary.core import clock, ids
from clary.core.errors import ClaryError
from clary.core.exchange import Document, Reply
from clary.services.cloudformation import change_set_record, draft, event, export, refusal, reversal
from clary.services.cloudformation.blueprint import Blueprint
from clary.services.cloudformation.call import Call
from clary.services.cloudformation.member import load
from clary.services.cloudformation.plan import Plan
from clary.services.cloudformation.work import Work
from clary.store.resources import GONE, AlreadyExistsError, Row

UPDATABLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_FAILED")
NO_UPDATES = "No updates are to be performed."
_INITIATED = "User Initiated"
_UNSUPPORTED = (
    "StackPolicyBody",
    "StackPolicyURL",
    "StackPolicyDuringUpdateBody",
    "StackPolicyDuringUpdateURL",
    "ResourceTypes",
    "RetainExceptOnCreate",
    "DeploymentConfig",
)
_CARRIED = ("Capabilities", "ChangeSetId", "DisableRollback", "RoleARN")
_DELETING = "DELETE_IN_PROGRESS"
_BUSY = ("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS")


def create_stack(call: Call) -> Reply:
    """Begin a stack; a request with the same token answers the stack that is there."""
    _check_members(call)
    name, params = str(call.params["StackName"]), call.params
    if "DisableRollback" in params and "OnFailure" in params:
        raise refusal.validation("Either DisableRollback or OnFailure can be specified, not both.")
    row = call.platform.get(export.STACK, name)
    if row is not None and not _is_again(call, row):
        raise refusal.stack_exists(name)
    if row is not None:
        return Reply({"StackId": row.arn})
    on_failure = "DO_NOTHING" if params.get("DisableRollback") else params.get("OnFailure", "ROLLBACK")
    drawn = draft.draw(call, name, new_arn(call, name))
    Plan(drawn, {}, call.means.types, lambda asked: export.value(call.platform, asked))
    return Reply({"StackId": begin(call, drawn, "CREATE_IN_PROGRESS", on_failure).arn})


def update_stack(call: Call) -> Reply:
    """Ask for a stack to become what the request says; raises ValidationError where it is that already."""
    _check_members(call)
    row = call.stack()
    if row.private.get("token") and _is_again(call, row):
        return Reply({"StackId": row.arn})
    check_updatable(call, row)
    drawn = draft.draw(call, row.name, row.arn, row)
    if not would_change(call, row, drawn):
        raise refusal.validation(NO_UPDATES)
    update(call, row, drawn)
    return Reply({"StackId": row.arn})


def delete_stack(call: Call) -> Reply:
    """Ask for a stack to be removed; one that is not there is no error."""
    call.refuse("DeploymentConfig")
    row = call.find(str(call.params["StackName"]))
    if row is None or call.status(row) == _DELETING:
        return Reply()
    if row.doc.get("EnableTerminationProtection"):
        raise refusal.validation(
            f"Stack [{row.name}] cannot be deleted while TerminationProtection is enabled"
        )
    retained = call.params.get("RetainResources") or []
    if retained and call.status(row) != "DELETE_FAILED":
        raise refusal.validation(
            "Invalid operation on stack. RetainResources can be used only with a stack in the DELETE_FAILED "
            "state"
        )
    if call.status(row) == "REVIEW_IN_PROGRESS":
        call.platform.amend(row, lambda _row: {"phase": GONE})
    change_set_record.forget(call.platform, row)
    if call.status(row) == "REVIEW_IN_PROGRESS":
        return Reply()

    def revise(now: Row) -> Document:
        if call.status(now) in _BUSY:
            raise refusal.validation(
                f"Stack [{now.name}] cannot be deleted while in status {call.status(now)}"
            )
        return {"private": {**_turned(call, now, _DELETING), "retained": retained}}

    _intend(call, row, "delete", revise)
    return Reply()


def cancel_update_stack(call: Call) -> Reply:
    """Give an update up that is under way, and take back what it has done."""
    row = call.stack()

    def revise(now: Row) -> Document:
        if call.status(now) != "UPDATE_IN_PROGRESS":
            raise refusal.validation("CancelUpdateStack cannot be called from current stack status")
        return {"private": _with_event(now, "UPDATE_ROLLBACK_IN_PROGRESS", _INITIATED)}

    _intend(call, row, "stop", revise)
    return Reply()


def continue_update_rollback(call: Call) -> Reply:
    """Go on taking an update back that could not be taken back; what is skipped stays as it is."""
    call.refuse("ForceRollback")
    row, skipped = call.stack(), call.params.get("ResourcesToSkip") or []

    def revise(now: Row) -> Document:
        if call.status(now) != "UPDATE_ROLLBACK_FAILED":
            raise refusal.validation(
                f"Stack:{now.arn} is in {call.status(now)} state and can not continue with update rollback."
            )
        work = Work(call.means, now)
        work.announce("UPDATE_ROLLBACK_IN_PROGRESS", _INITIATED)
        reversal.again(work, skipped)
        return {"private": {**now.private, **work.private()}}

    _intend(call, row, "stop", revise)
    return Reply()


def update_termination_protection(call: Call) -> Reply:
    """Let a stack be deleted, or not."""
    row = call.stack()
    given = {"EnableTerminationProtection": call.params["EnableTerminationProtection"]}

    def revise(now: Row) -> Document:
        # The outcome of a step under way is lost by this, so the step is due again.
        due = None if now.due_at is None else clock.now()
        return {"doc": {**now.doc, **given}, "modified_at": now.modified_at, "due_at": due}

    call.platform.amend(row, revise)
    call.platform.bus.publish("due", row.id)
    return Reply({"StackId": row.arn})


def new_arn(call: Call, name: str) -> str:
    """Return the ARN of a stack that begins now."""
    return call.platform.site.arn(f"stack/{name}/{ids.request_id()}", "cloudformation")


def begin(call: Call, drawn: Blueprint, phase: str, on_failure: str) -> Row:
    """Write the row of a new stack and wake the reconciler; raises AlreadyExistsException."""
    now, params = clock.now(), call.params
    doc = {
        **drawn.shown(),
        "StackName": drawn.name,
        "Capabilities": params.get("Capabilities") or [],
        "DisableRollback": bool(params.get("DisableRollback", False)),
        "EnableTerminationProtection": bool(params.get("EnableTerminationProtection", False)),
        "RoleARN": params.get("RoleARN"),
        "TimeoutInMinutes": params.get("TimeoutInMinutes"),
    }
    private = {
        "target": drawn.document(),
        "current": None,
        "members": [],
        "trash": [],
        "events": [event.of_stack(drawn.name, drawn.arn, phase, _INITIATED)],
        "turn": 1,
        "on_failure": on_failure,
        "begun_at": now,
        "token": params.get("ClientRequestToken"),
        "caller": asdict(call.ctx.caller),
    }
    row = Row(
        id=ids.row_id(),
        account=call.platform.site.account,
        region=call.platform.site.region,
        kind=export.STACK,
        scope="",
        name=drawn.name,
        arn=drawn.arn,
        phase=phase,
        intent=None,
        due_at=now if phase == "CREATE_IN_PROGRESS" else None,
        version=0,
        created_at=now,
        modified_at=now,
        doc=doc,
        private=private,
    )
    try:
        call.platform.resources.insert(row, _INITIATED)
    except AlreadyExistsError as error:
        raise refusal.stack_exists(drawn.name) from error
    call.platform.bus.publish("due", row.id)
    return row


def start(call: Call, row: Row, drawn: Blueprint, on_failure: str) -> None:
    """Begin a stack that has only been reviewed so far."""

    def revise(now: Row) -> Document:
        if call.status(now) != "REVIEW_IN_PROGRESS":
            raise _not_updatable(call, now)
        told = _with_event(now, "CREATE_IN_PROGRESS", _INITIATED)
        private = {**told, "target": drawn.document(), "on_failure": on_failure, "begun_at": clock.now()}
        return {"private": private, "doc": {**now.doc, **drawn.shown(), **_carried(call)}}

    _intend(call, row, "start", revise)


def update(call: Call, row: Row, drawn: Blueprint) -> None:
    """Write that a stack is to become what ``drawn`` says."""

    def revise(now: Row) -> Document:
        check_updatable(call, now)
        private = {**_turned(call, now, "UPDATE_IN_PROGRESS"), "target": drawn.document()}
        doc = {**now.doc, **drawn.shown(), "DisableRollback": False, "ChangeSetId": None, **_carried(call)}
        return {"private": private, "doc": doc}

    _intend(call, row, "update", revise)


def would_change(call: Call, row: Row, drawn: Blueprint) -> bool:
    """Return whether carrying ``drawn`` out would change the stack."""
    plan = Plan(
        drawn,
        {one.logical: one for one in load(row.private["members"])},
        call.means.types,
        lambda asked: export.value(call.platform, asked),
    )
    before = row.private.get("current") or row.private["target"]
    same_tags = dict(drawn.tags) == before["tags"]
    return bool(plan.changes) or not same_tags or plan.outputs() != (row.doc.get("Outputs") or [])


def check_updatable(call: Call, row: Row) -> None:
    """Raise ValidationError where a stack cannot be updated as it stands."""
    if call.status(row) not in UPDATABLE:
        raise _not_updatable(call, row)


def _not_updatable(call: Call, row: Row) -> ClaryError:
    return refusal.validation(f"Stack:{row.arn} is in {call.status(row)} state and can not be updated.")


def _carried(call: Call) -> Document:
    """Return what a stack takes over from the request as it is."""
    return {name: call.params[name] for name in _CARRIED if name in call.params}


def _check_members(call: Call) -> None:
    call.refuse(*_UNSUPPORTED)
    if (call.params.get("RollbackConfiguration") or {}).get("RollbackTriggers"):
        raise refusal.validation("RollbackTriggers are not supported by this release of Clary.")


def _is_again(call: Call, row: Row) -> bool:
    token = call.params.get("ClientRequestToken")
    return token is not None and token == row.private.get("token")


def _turned(call: Call, row: Row, status: str) -> Document:
    """Return a row's documents at the beginning of another operation."""
    return {
        **_with_event(row, status, _INITIATED),
        "turn": row.private["turn"] + 1,
        "token": call.params.get("ClientRequestToken"),
        "caller": asdict(call.ctx.caller),
    }


def _with_event(row: Row, status: str, reason: str) -> Document:
    told = event.of_stack(row.name, row.arn, status, reason)
    return {**row.private, "events": [*row.private["events"], told]}


def _intend(call: Call, row: Row, intent: str, revise: Callable[[Row], Document]) -> None:
    """Write ``intent`` and the columns that ``revise`` makes, against whoever else is changing the row."""

    def columns(now: Row) -> dict[str, Any]:
        return {"intent": intent, "due_at": clock.now(), **revise(now)}

    if call.platform.amend(row, columns) is not None:
        call.platform.bus.publish("due", row.id)
