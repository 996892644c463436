"""Log groups: listed by name."""

from clary.core.exchange import Document, Reply
from clary.services.logs import token
from clary.services.logs.call import Call, invalid

_LIMIT = 50


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


def _describe(call: Call, name: str) -> Document:
    streams = call.logs.streams(name)
    return {
        "logGroupName": name,
        "creationTime": min((stream.created_at for stream in streams), default=0),
        "metricFilterCount": 0,
        "arn": f"{call.arn(name)}:*",
        "logGroupArn": call.arn(name),
        "storedBytes": sum(stream.size for stream in streams),
        "logGroupClass": "STANDARD",
    }
