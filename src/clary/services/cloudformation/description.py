"""Descriptions: what stacks, their resources, events, templates, exports and imports are answered as."""

import json
from collections.abc import Iterable

from clary.core import clock
from clary.core.exchange import Document, Reply
from clary.services.cloudformation import blueprint, deleted_stack, event, export, refusal
from clary.services.cloudformation.call import Call
from clary.services.cloudformation.member import Member, load
from clary.store.resources import Row

_PAGE = 100
_NOT_CHECKED = {"StackDriftStatus": "NOT_CHECKED"}
_RESOURCE_NOT_CHECKED = {"StackResourceDriftStatus": "NOT_CHECKED"}


def describe_stacks(call: Call) -> Reply:
    """Answer the stack that is named, or all that are there; who waits for one hears when it rests."""
    if not call.params.get("StackName"):
        rows = export.stacks(call.platform)
        return call.page("Stacks", [_stack(call, row) for row in rows], _PAGE)
    row = call.remembered()
    hold = None if row.kind == deleted_stack.NOUN or call.kind.rests(row) else row.id
    return Reply({"Stacks": [_stack(call, row)]}, hold=hold)


def list_stacks(call: Call) -> Reply:
    """Answer a line for each stack, those too that are gone, the latest first."""
    wanted = call.params.get("StackStatusFilter") or ()
    rows = sorted(
        (*export.stacks(call.platform), *deleted_stack.every(call.platform)),
        key=lambda row: row.created_at,
        reverse=True,
    )
    shown = [_summary(call, row) for row in rows if not wanted or call.status(row) in wanted]
    return call.page("StackSummaries", shown, _PAGE)


def describe_stack_events(call: Call) -> Reply:
    """Answer what happened, the latest first."""
    row = call.remembered()
    hidden = _secrets(call, row)
    told = [event.shown(each, row.name, row.arn, hidden) for each in reversed(row.private["events"])]
    return call.page("StackEvents", told, _PAGE)


def describe_stack_resource(call: Call) -> Reply:
    """Answer one resource by its logical name."""
    row, logical = call.remembered(), str(call.params["LogicalResourceId"])
    for one in _members(row):
        if one.logical == logical:
            told = _resource(row, one)
            told["LastUpdatedTimestamp"] = told.pop("Timestamp")
            return Reply({"StackResourceDetail": told})
    raise refusal.validation(f"Resource {logical} does not exist for stack {row.name}")


def describe_stack_resources(call: Call) -> Reply:
    """Answer the resources of a stack, which may be named by one of them."""
    physical, logical = call.params.get("PhysicalResourceId"), call.params.get("LogicalResourceId")
    if bool(physical) == bool(call.params.get("StackName")):
        raise refusal.validation("Exactly one of StackName and PhysicalResourceId must be specified")
    row = _owner(call, str(physical)) if physical else call.remembered()
    told = [_resource(row, one) for one in _members(row) if logical in (None, one.logical)]
    return Reply({"StackResources": told})


def list_stack_resources(call: Call) -> Reply:
    """Answer a line for each resource."""
    row = call.remembered()
    shown = []
    for one in _members(row):
        told = _resource(row, one)
        told["LastUpdatedTimestamp"] = told.pop("Timestamp")
        shown.append(told)
    return call.page("StackResourceSummaries", shown, _PAGE)


def list_exports(call: Call) -> Reply:
    """Answer what all stacks export, by name."""
    found = sorted(export.every(call.platform), key=lambda one: str(one["Name"]))
    return call.page("Exports", found, _PAGE)


def list_imports(call: Call) -> Reply:
    """Answer the stacks that use an export; raises ValidationError where there is none."""
    name = str(call.params["ExportName"])
    users = export.importers(call.platform, name)
    if not users:
        raise refusal.validation(f"Export '{name}' is not imported by any stack.")
    return call.page("Imports", users, _PAGE)


def _stack(call: Call, row: Row) -> Document:
    told = {**_summary(call, row), **row.doc}
    return {"NotificationARNs": [], "Tags": [], "RollbackConfiguration": {}, **told}


def _summary(call: Call, row: Row) -> Document:
    status, gone = call.status(row), row.kind == deleted_stack.NOUN
    updated = row.private["turn"] > 1 and not gone
    told: Document = {
        "StackId": row.arn,
        "StackName": row.name,
        "TemplateDescription": row.doc.get("Description"),
        "CreationTime": clock.utc(row.created_at),
        "LastUpdatedTime": clock.utc(row.modified_at) if updated else None,
        "DeletionTime": clock.utc(row.modified_at) if gone else None,
        "StackStatus": status,
        "StackStatusReason": None if row.intent else _reason(row),
        "DriftInformation": _NOT_CHECKED,
    }
    return told


def _reason(row: Row) -> str | None:
    """Return why the stack is as it is; what went wrong unexpectedly, the reconciler has written down."""
    reason: str | None = row.doc.get("StackStatusReason") or row.doc.get("FailureReason")
    return reason


def _resource(row: Row, one: Member) -> Document:
    return {
        "StackName": row.name,
        "StackId": row.arn,
        "LogicalResourceId": one.logical,
        "PhysicalResourceId": one.physical or None,
        "ResourceType": one.type,
        "Timestamp": clock.utc(one.at),
        "ResourceStatus": one.status,
        "ResourceStatusReason": one.reason or None,
        "DriftInformation": _RESOURCE_NOT_CHECKED,
        "Metadata": None if one.metadata is None else json.dumps(one.metadata),
    }


def _members(row: Row) -> Iterable[Member]:
    return sorted(load(row.private["members"]), key=lambda one: one.logical)


def _owner(call: Call, physical: str) -> Row:
    for row in export.stacks(call.platform):
        if any(one.physical == physical for one in load(row.private["members"])):
            return row
    raise refusal.validation(f"Stack for {physical} does not exist")


def _secrets(call: Call, row: Row) -> list[str]:
    return blueprint.load(row.private["target"], row.name, row.arn, call.platform.site).secrets()
