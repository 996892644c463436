"""Roles: those that were created, and behind every other name a built-in one that SageMaker may assume.

SageMaker's clients look at the role of a job before they start it, so a name that nobody created is answered
with the role that such a client hopes to find.
"""

import base64
import hashlib
import json
import re
from datetime import UTC, datetime

from clary.core.exchange import Document, Reply
from clary.services.iam import document, entity, refusal
from clary.services.iam.call import Call
from clary.services.iam.noun import ROLE
from clary.store.resources import Row

_PRINCIPALS = ("sagemaker.amazonaws.com", "scheduler.amazonaws.com", "bedrock.amazonaws.com")
_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_SERVICE_ROLE = "AmazonSageMaker-ExecutionRole-"
_CREATED = datetime(2017, 11, 29, tzinfo=UTC)
"""When every built-in role was made: a constant, as none ever was."""

_LONGEST = 3600
"""Seconds that a session of a role may last unless the role says otherwise."""

_TRUST: Document = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": list(_PRINCIPALS)}, "Action": "sts:AssumeRole"}
    ],
}


def create(call: Call) -> Reply:
    """Keep a new role and whom it trusts."""
    members: Document = {
        "AssumeRolePolicyDocument": document.trust_policy(call.params["AssumeRolePolicyDocument"]),
        "MaxSessionDuration": call.params.get("MaxSessionDuration", _LONGEST),
    }
    if "Description" in call.params:
        members["Description"] = call.params["Description"]
    return Reply({"Role": entity.described(entity.add(ROLE, call, members, {}))})


def get(call: Call) -> Reply:
    """Answer the role of that name."""
    return Reply({"Role": known(call)[0]})


def known(call: Call) -> tuple[Document, Row | None]:
    """Return the role that is named, and its row unless it is built in."""
    row = call.directory.find(ROLE.name, call.name(ROLE))
    return (_built_in(call), None) if row is None else (entity.described(row), row)


def update(call: Call) -> Reply:
    """Change the description and how long sessions may last, and answer what role it is now."""
    given: Document = {
        name: call.params[name] for name in ("Description", "MaxSessionDuration") if name in call.params
    }
    return _amended(call, given)


def update_trust(call: Call) -> Reply:
    """Replace the document that says who may assume the role."""
    _amended(call, {"AssumeRolePolicyDocument": document.trust_policy(call.params["PolicyDocument"])})
    return Reply()


def _amended(call: Call, members: Document) -> Reply:
    row = call.directory.amend(call.entity(ROLE), lambda row: {"doc": {**row.doc, **members}})
    return Reply({"Role": entity.described(row)})


def _built_in(call: Call) -> Document:
    name = call.name(ROLE)
    if not _NAME.fullmatch(name):
        raise refusal.invalid(
            "The specified value for roleName is invalid. It must contain only alphanumeric characters "
            "and/or the following: +=,.@_-"
        )
    # SageMaker's console makes its execution roles below a path of their own, and its SDK counts on that.
    path = "/service-role/" if name.startswith(_SERVICE_ROLE) else "/"
    return {
        "Path": path,
        "RoleName": name,
        "RoleId": _role_id(call.ctx.account, name),
        "Arn": call.arn(ROLE, path, name),
        "CreateDate": _CREATED,
        "AssumeRolePolicyDocument": document.encoded(json.dumps(_TRUST)),
        "MaxSessionDuration": _LONGEST,
    }


def _role_id(account: str, name: str) -> str:
    digest = hashlib.sha256(f"{account}/{name}".encode()).digest()
    return "AROA" + base64.b32encode(digest).decode()[:17]
