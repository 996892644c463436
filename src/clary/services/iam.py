"""IAM: answers what SageMaker's clients ask of roles before they start.

Every role name names a role that SageMaker may assume, and every simulated action is allowed: in this release
whoever holds a key of the server may do everything it serves. Roles of one's own and the enforcement of
policies come in a later release; operations that would pretend to them are not served.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from clary.core import arn
from clary.core.arn import Arn
from clary.core.errors import ClaryError, unsupported
from clary.core.exchange import Context, Document, Reply

_PRINCIPALS = ("sagemaker.amazonaws.com", "scheduler.amazonaws.com", "bedrock.amazonaws.com")
_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_SERVICE_ROLE = "AmazonSageMaker-ExecutionRole-"
_CREATED = datetime(2017, 11, 29, tzinfo=UTC)
"""When every role was made: a constant, as none ever was."""


class Iam:
    """The service: every role there could be, and no others."""

    def __call__(self, ctx: Context, params: Document) -> Reply:
        """Carry out ``ctx.operation``; raises UnknownOperationException for what is not served."""
        operation = OPERATIONS.get(ctx.operation)
        if operation is None:
            raise unsupported(ctx.operation, "iam")
        return operation(ctx, params)


def get_role(ctx: Context, params: Document) -> Reply:
    """Answer the role of that name, which trusts SageMaker, its scheduler and Bedrock."""
    name = params["RoleName"]
    if not _NAME.fullmatch(name):
        raise ClaryError(
            "ValidationError",
            "The specified value for roleName is invalid. It must contain only alphanumeric characters "
            "and/or the following: +=,.@_-",
        )
    # SageMaker's console makes its execution roles below a path of their own, and its SDK counts on that.
    path = "/service-role/" if name.startswith(_SERVICE_ROLE) else "/"
    partition = arn.parse(ctx.caller.arn).partition
    role = {
        "Path": path,
        "RoleName": name,
        "RoleId": _role_id(ctx.account, name),
        "Arn": str(Arn(partition, "iam", "", ctx.account, f"role{path}{name}")),
        "CreateDate": _CREATED,
        "AssumeRolePolicyDocument": quote(json.dumps(_TRUST), safe=""),
        "MaxSessionDuration": 3600,
    }
    return Reply({"Role": role})


def simulate_principal_policy(_ctx: Context, params: Document) -> Reply:
    """Answer that each action is allowed on each resource."""
    results = [
        {
            "EvalActionName": action,
            "EvalResourceName": resource,
            "EvalDecision": "allowed",
            "MatchedStatements": [],
            "MissingContextValues": [],
        }
        for action in params["ActionNames"]
        for resource in params.get("ResourceArns") or ["*"]
    ]
    return Reply({"EvaluationResults": results, "IsTruncated": False})


_TRUST: Document = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": list(_PRINCIPALS)}, "Action": "sts:AssumeRole"}
    ],
}


def _role_id(account: str, name: str) -> str:
    digest = hashlib.sha256(f"{account}/{name}".encode()).digest()
    return "AROA" + base64.b32encode(digest).decode()[:17]


OPERATIONS: Mapping[str, Callable[[Context, Document], Reply]] = {
    "GetRole": get_role,
    "SimulatePrincipalPolicy": simulate_principal_policy,
}
"""What is served."""
