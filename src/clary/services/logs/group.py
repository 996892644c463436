"""Log groups: made, listed by name, removed."""

from clary.core import clock
from clary.core.exchange import Document, Reply
from clary.services.logs import tag, token
from clary.services.logs.call import Call, check_name, exists, invalid

_LIMIT = 50
_CLASS = "STANDARD"


def describe_log_groups(call: Call) -> Reply:
    """List groups by name, those that begin with a prefix or contain a pattern."""
    prefix = call.params.get("logGroupNamePrefix") or ""
    pattern = call.params.get("logGroupNamePattern") or ""
    if prefix and pattern:
        raise invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
    subject = f"groups {prefix} {pattern}"
    given = call.params.get("nextToken")
    after = token.read(subject, given) if given else ""
    names = [
        name for name in call.logs.groups() if name.startswith(prefix) and pattern in name and name > after
    ]
    limit = call.limit(_LIMIT)
    output: Document = {"logGroups": [_describe(call, name) for name in names[:limit]]}
    if len(names) > limit:
        output["nextToken"] = token.make(subject, names[limit - 1])
    return Reply(output)


def create_log_group(call: Call) -> Reply:
    """Make a group of the standard class; what else one may have is refused by name."""
    name = call.params["logGroupName"]
    for member in ("kmsKeyId", "deletionProtectionEnabled"):
        if call.params.get(member):
            raise invalid(f"{member} is not supported by this release of Clary.")
    if (kind := call.params.get("logGroupClass") or _CLASS) != _CLASS:
        raise invalid(f"The logGroupClass {kind} is not supported by this release of Clary.")
    check_name("group", name)
    tags = call.params.get("tags") or {}
    tag.check(tags)
    try:
        call.logs.create_group(name, int(clock.now() * 1000), tags)
    except FileExistsError as error:
        raise exists("group") from error
    return Reply()


def delete_log_group(call: Call) -> Reply:
    """Remove a group and its streams."""
    call.logs.remove_group(call.own_group())
    return Reply()


def _describe(call: Call, name: str) -> Document:
    streams = call.logs.streams(name)
    known = call.logs.group(name)
    retention = {"retentionInDays": known.retention_days} if known.retention_days else {}
    oldest = min((stream.created_at for stream in streams), default=0)
    return {
        **retention,
        "logGroupName": name,
        "creationTime": oldest if known.created_at is None else known.created_at,
        "metricFilterCount": 0,
        "arn": f"{call.arn(name)}:*",
        "logGroupArn": call.arn(name),
        "storedBytes": sum(stream.size for stream in streams),
        "logGroupClass": _CLASS,
    }
