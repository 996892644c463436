"""STS: who a caller is, and sessions in which it is somebody for a while."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from clary.core import arn, clock
from clary.core.arn import Arn
from clary.core.errors import ClaryError, unsupported
from clary.core.exchange import Caller, Context, Document, Reply
from clary.services import federation
from clary.services.iam import role
from clary.services.iam.call import Call
from clary.services.iam.credential import Credential, Credentials
from clary.services.iam.directory import Directory
from clary.store.resources import Resources, Row

_HOUR = 3600
_HALF_DAY = 43200


class Sts:
    """The service: sessions are kept in the store, and their keys work for every service."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def __call__(self, ctx: Context, params: Document) -> Reply:
        """Carry out ``ctx.operation``; raises UnknownOperationException for what is not served."""
        operation = OPERATIONS.get(ctx.operation)
        if operation is None:
            raise unsupported(ctx.operation, "sts")
        return operation(Call(Directory(self._resources, ctx.account), ctx, params))


def get_caller_identity(call: Call) -> Reply:
    """Answer the account, the ARN and the user id of the caller."""
    caller = call.ctx.caller
    return Reply({"Account": caller.account, "Arn": caller.arn, "UserId": caller.user_id})


def assume_role(call: Call) -> Reply:
    """Begin a session of a role, created or built in; whom the role trusts is not asked in this release.

    Raises AccessDenied for a role that is not of this account, and ValidationError for a session that is to
    be longer than the role allows.
    """
    found, _ = _role(call)
    seconds = call.params.get("DurationSeconds", _HOUR)
    if seconds > found["MaxSessionDuration"]:
        raise ClaryError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )
    named = replace(call, params={**call.params, "RoleName": found["RoleName"]})
    made = begin(named, seconds)
    assumed = {"AssumedRoleId": made.caller.user_id, "Arn": made.caller.arn}
    return Reply({"Credentials": _described(made), "AssumedRoleUser": assumed})


def begin(call: Call, seconds: float) -> Credential:
    """Begin a session, called RoleSessionName, of the role called RoleName, however long it is to be."""
    found, row = role.known(call)
    session = call.params["RoleSessionName"]
    resource = f"assumed-role/{found['RoleName']}/{session}"
    name = str(Arn(arn.parse(found["Arn"]).partition, "sts", "", call.ctx.account, resource))
    caller = Caller(call.ctx.account, "", name, f"{found['RoleId']}:{session}")
    return Credentials(call.directory).begin(caller, seconds, None if row is None else row.id)


def get_session_token(call: Call) -> Reply:
    """Begin a session of the caller, who must not be in one."""
    caller = call.ctx.caller
    if caller.access_key.startswith("ASIA"):
        raise ClaryError("AccessDenied", "Cannot call GetSessionToken with session credentials", 403)
    credentials = Credentials(call.directory)
    seconds = call.params.get("DurationSeconds", _HALF_DAY)
    made = credentials.begin(caller, seconds, credentials.owner(caller.access_key))
    return Reply({"Credentials": _described(made)})


def get_access_key_info(call: Call) -> Reply:
    """Answer the account of a key that is known; raises ValidationError for another."""
    asked = call.params["AccessKeyId"]
    if asked != call.ctx.caller.access_key and Credentials(call.directory).find(asked) is None:
        raise ClaryError("ValidationError", f"Access key {asked} is not known to this server.")
    return Reply({"Account": call.ctx.account})


def _role(call: Call) -> tuple[Document, Row | None]:
    asked = call.params["RoleArn"]
    try:
        parsed = arn.parse(asked)
    except ValueError as error:
        raise ClaryError("ValidationError", f"{asked} is invalid") from error
    params = {"RoleName": parsed.resource.rpartition("/")[2]}
    found, row = role.known(Call(call.directory, call.ctx, params))
    if found["Arn"] != asked:
        message = (
            f"User: {call.ctx.caller.arn} is not authorized to perform: sts:AssumeRole on resource: {asked}"
        )
        raise ClaryError("AccessDenied", message, 403)
    return found, row


def _described(made: Credential) -> Document:
    return {
        "AccessKeyId": made.caller.access_key,
        "SecretAccessKey": made.secret,
        "SessionToken": made.token,
        "Expiration": clock.utc(made.expires),
    }


OPERATIONS: Mapping[str, Callable[[Call], Reply]] = {
    "AssumeRole": assume_role,
    "AssumeRoleWithSAML": federation.assume_role_with_saml,
    "AssumeRoleWithWebIdentity": federation.assume_role_with_web_identity,
    "GetAccessKeyInfo": get_access_key_info,
    "GetCallerIdentity": get_caller_identity,
    "GetSessionToken": get_session_token,
}
"""What is served."""
