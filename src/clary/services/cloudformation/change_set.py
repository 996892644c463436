"""Change sets: what a request would do to a stack, told before it is carried out."""

from collections.abc import Sequence
from dataclasses import replace

from clary.core import clock, ids
from clary.core.errors import ClaryError
from clary.core.exchange import Document, Reply
from clary.services.cloudformation import blueprint as blueprints
from clary.services.cloudformation import change_set_record, draft, export, operation, refusal
from clary.services.cloudformation.blueprint import Blueprint
from clary.services.cloudformation.call import Call
from clary.services.cloudformation.change_set_record import NOUN
from clary.services.cloudformation.member import load
from clary.services.cloudformation.plan import Plan
from clary.store.resources import GONE, AlreadyExistsError, Row

_NO_CHANGES = (
    "The submitted information didn't contain changes. Submit different information to create a change set."
)
_AVAILABLE = "AVAILABLE"
_CREATED = "CREATE_COMPLETE"
_REVIEW = "REVIEW_IN_PROGRESS"
_PAGE = 100
_UNSUPPORTED = (
    "ResourcesToImport",
    "ImportExistingResources",
    "ResourceTypes",
    "DeploymentConfig",
    "IncludeNestedStacks",
)
_CARRIED = ("Capabilities", "RoleARN", "OnStackFailure", "Description")


def create_change_set(call: Call) -> Reply:
    """Decide what would be done and keep it; a stack that is to be made is made empty."""
    call.refuse(*_UNSUPPORTED)
    name, params = str(call.params["StackName"]), call.params
    kind = params.get("ChangeSetType", "UPDATE")
    if kind not in ("CREATE", "UPDATE"):
        raise refusal.validation(f"ChangeSetType {kind} is not supported by this release of Clary.")
    row = call.find(name)
    _check_type(call, kind, row, name)
    drawn = draft.draw(
        call, row.name if row else name, row.arn if row else operation.new_arn(call, name), row
    )
    changes = _changes(call, row, drawn)
    if row is None:
        row = operation.begin(call, drawn, _REVIEW, "ROLLBACK")
    empty = kind == "UPDATE" and not operation.would_change(call, row, drawn)
    return _keep(call, row, drawn, () if empty else changes, kind)


def describe_change_set(call: Call) -> Reply:
    """Answer what the change set would do."""
    row = find(call)
    told = {name: value for name, value in row.doc.items() if name != "Changes"}
    page = call.page("Changes", row.doc["Changes"], _PAGE)
    return Reply({**told, "CreationTime": clock.utc(row.created_at), **page.output})


def execute_change_set(call: Call) -> Reply:
    """Carry a change set out; the stack's change sets are worth nothing from then on."""
    call.refuse("RetainExceptOnCreate")
    row = find(call)
    if row.doc["ExecutionStatus"] != _AVAILABLE:
        raise refusal.not_executable(row.arn, row.doc["Status"])
    stack = call.find(row.doc["StackId"])
    if stack is None:
        raise refusal.no_stack(row.doc["StackName"])
    drawn = blueprints.load(row.private["blueprint"], stack.name, stack.arn, call.platform.site)
    given = {name: row.doc[name] for name in ("Capabilities", "ChangeSetId", "RoleARN") if row.doc.get(name)}
    if "DisableRollback" in call.params:
        given["DisableRollback"] = call.params["DisableRollback"]
    asked = replace(call, params={**given, "ClientRequestToken": call.params.get("ClientRequestToken")})
    if row.private["kind"] == "CREATE":
        operation.start(asked, stack, drawn, _on_failure(call, row))
    else:
        operation.update(asked, stack, drawn)
    change_set_record.forget(call.platform, stack)
    return Reply()


def delete_change_set(call: Call) -> Reply:
    """Forget a change set; one that is not there is no error."""
    try:
        row = find(call)
    except ClaryError as error:
        if error.code != "ChangeSetNotFoundException":
            raise
        return Reply()
    call.platform.amend(row, lambda _row: {"phase": GONE})
    return Reply()


def list_change_sets(call: Call) -> Reply:
    """Answer a line for each change set of a stack."""
    rows = change_set_record.of(call.platform, call.stack())
    told = [{**row.doc, "CreationTime": clock.utc(row.created_at)} for row in rows]
    return call.page("Summaries", told, _PAGE)


def find(call: Call) -> Row:
    """Return the change set that is named, by its ARN or by its name and its stack's."""
    name, stack = str(call.params["ChangeSetName"]), call.params.get("StackName")
    row: Row | None = None
    if name.startswith("arn:"):
        row = call.platform.by_arn(name)
        row = row if row is not None and row.kind == NOUN else None
    elif stack is None:
        raise refusal.validation("StackName must be specified if ChangeSetName is not specified as an ARN.")
    else:
        owner = call.find(str(stack))
        if owner is None:
            raise refusal.no_stack(str(stack))
        home = call.platform.home(NOUN)
        row = call.platform.resources.find(home, name, owner.id)
    if row is None:
        raise refusal.no_change_set(name)
    return row


def _check_type(call: Call, kind: str, row: Row | None, name: str) -> None:
    if kind == "UPDATE" and (row is None or call.status(row) == _REVIEW):
        raise refusal.no_stack(name)
    if row is None:
        return
    if kind == "CREATE" and call.status(row) != _REVIEW:
        raise refusal.stack_exists(row.name)
    if kind == "UPDATE":
        operation.check_updatable(call, row)


def _changes(call: Call, row: Row | None, drawn: Blueprint) -> Sequence[Document]:
    members = load(row.private["members"]) if row is not None else []
    plan = Plan(
        drawn,
        {one.logical: one for one in members},
        call.means.types,
        lambda asked: export.value(call.platform, asked),
    )
    return [change.shown() for change in plan.changes]


def _keep(call: Call, stack: Row, drawn: Blueprint, changes: Sequence[Document], kind: str) -> Reply:
    name, now = str(call.params["ChangeSetName"]), clock.now()
    failed = kind == "UPDATE" and not operation.would_change(call, stack, drawn)
    arn = call.platform.site.arn(f"changeSet/{name}/{ids.request_id()}", "cloudformation")
    carried = {member: call.params[member] for member in _CARRIED if member in call.params}
    doc: Document = {
        **drawn.shown(),
        "Description": None,
        **carried,
        "ChangeSetName": name,
        "ChangeSetId": arn,
        "StackId": stack.arn,
        "StackName": stack.name,
        "Status": "FAILED" if failed else _CREATED,
        "StatusReason": _NO_CHANGES if failed else None,
        "ExecutionStatus": "UNAVAILABLE" if failed else _AVAILABLE,
        "Changes": list(changes),
    }
    row = Row(
        id=ids.row_id(),
        account=stack.account,
        region=stack.region,
        kind=NOUN,
        scope=stack.id,
        name=name,
        arn=arn,
        phase=_CREATED,
        intent=None,
        due_at=None,
        version=0,
        created_at=now,
        modified_at=now,
        doc=doc,
        private={"blueprint": drawn.document(), "kind": kind},
    )
    try:
        call.platform.resources.insert(row)
    except AlreadyExistsError as error:
        raise ClaryError("AlreadyExistsException", f"ChangeSet [{name}] already exists") from error
    return Reply({"Id": arn, "StackId": stack.arn})


def _on_failure(call: Call, row: Row) -> str:
    return "DO_NOTHING" if call.params.get("DisableRollback") else row.doc.get("OnStackFailure") or "ROLLBACK"
