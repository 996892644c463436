"""Log streams: made, listed by name or by the time of their last events, removed."""

from clary.core.exchange import Document, Reply
from clary.services.logs import token
from clary.services.logs.call import Call, check_name, exists, invalid
from clary.store.logs import Stream

_LIMIT = 50


def describe_log_streams(call: Call) -> Reply:
    """List a group's streams in the order asked for."""
    group = call.group()
    prefix = call.params.get("logStreamNamePrefix") or ""
    by_time = call.params.get("orderBy") == "LastEventTime"
    descending = bool(call.params.get("descending"))
    if prefix and by_time:
        raise invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
    subject = f"streams {group} {prefix} {by_time} {descending}"

    def place(stream: Stream) -> list[int | str]:
        return [stream.last or 0, stream.name] if by_time else [stream.name]

    streams = sorted(call.logs.streams(group, prefix), key=place, reverse=descending)
    if given := call.params.get("nextToken"):
        passed = token.read(subject, given)
        streams = [item for item in streams if (place(item) < passed if descending else place(item) > passed)]
    limit = call.limit(_LIMIT)
    output: Document = {"logStreams": [_describe(call, group, stream) for stream in streams[:limit]]}
    # Clients go round, without passing it on, for as long as there is a token: none may be given in vain.
    if len(streams) > limit:
        output["nextToken"] = token.make(subject, place(streams[limit - 1]))
    return Reply(output)


def create_log_stream(call: Call) -> Reply:
    """Make an empty stream."""
    group, name = call.own_group(), call.params["logStreamName"]
    check_name("stream", name)
    if call.logs.has_stream(group, name):
        raise exists("stream")
    call.logs.create(group, name)
    return Reply()


def delete_log_stream(call: Call) -> Reply:
    """Remove a stream and its events."""
    group = call.own_group()
    call.logs.remove_stream(group, call.stream(group, call.params["logStreamName"]))
    return Reply()


def _describe(call: Call, group: str, stream: Stream) -> Document:
    times: Document = {}
    if stream.last is not None:
        times = {
            "firstEventTimestamp": stream.first,
            "lastEventTimestamp": stream.last,
            "lastIngestionTime": stream.last,
        }
    return {
        "logStreamName": stream.name,
        "creationTime": stream.created_at,
        **times,
        "arn": f"{call.arn(group)}:log-stream:{stream.name}",
        "storedBytes": stream.size,
    }
