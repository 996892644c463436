"""Event: what happened to a stack and its resources, oldest first as it is stored."""

import json
from collections.abc import Iterable
from typing import Any

from clary.core import clock, ids
from clary.core.exchange import Document
from clary.services.cloudformation.member import Member

STACK = "AWS::CloudFormation::Stack"


def of_stack(name: str, arn: str, status: str, reason: str = "") -> Document:
    """Return the event of a stack that came to be in ``status``."""
    return _event(ids.request_id(), name, arn, STACK, (status, reason))


def of_member(member: Member) -> Document:
    """Return the event of a resource that came to be in its status."""
    identifier = f"{member.logical}-{member.status}-{clock.utc().isoformat(timespec='milliseconds')}"
    told = _event(identifier, member.logical, member.physical, member.type, (member.status, member.reason))
    return {**told, "ResourceProperties": json.dumps(member.properties)}


def shown(event: Document, name: str, arn: str, hidden: Iterable[str] = ()) -> Document:
    """Return an event as answers have it, without the ``hidden`` texts."""
    told: dict[str, Any] = {
        **event,
        "StackId": arn,
        "StackName": name,
        "Timestamp": clock.utc(event["Timestamp"]),
    }
    for text in hidden:
        if text and "ResourceProperties" in told:
            spelt = json.dumps(text)[1:-1]  # as it stands among properties, which are JSON
            told["ResourceProperties"] = told["ResourceProperties"].replace(spelt, "****")
    return told


def _event(identifier: str, logical: str, physical: str, kind: str, status: tuple[str, str]) -> Document:
    told = {
        "EventId": identifier,
        "LogicalResourceId": logical,
        "PhysicalResourceId": physical,
        "ResourceType": kind,
        "ResourceStatus": status[0],
        "Timestamp": clock.now(),
    }
    return {**told, "ResourceStatusReason": status[1]} if status[1] else told
