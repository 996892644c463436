"""CloudWatch Logs' operations, each by its name."""

from collections.abc import Callable, Mapping

from clary.core.errors import unsupported
from clary.core.exchange import Context, Document, Reply
from clary.services.logs import batch, event, group, retention, search, stream, tag
from clary.services.logs.call import Call
from clary.store.logs import Logs

OPERATIONS: Mapping[str, Callable[[Call], Reply]] = {
    "DescribeLogGroups": group.describe_log_groups,
    "DescribeLogStreams": stream.describe_log_streams,
    "GetLogEvents": event.get_log_events,
    "FilterLogEvents": search.filter_log_events,
    "CreateLogGroup": group.create_log_group,
    "DeleteLogGroup": group.delete_log_group,
    "CreateLogStream": stream.create_log_stream,
    "DeleteLogStream": stream.delete_log_stream,
    "PutLogEvents": batch.put_log_events,
    "PutRetentionPolicy": retention.put_retention_policy,
    "DeleteRetentionPolicy": retention.delete_retention_policy,
    "TagResource": tag.tag_resource,
    "UntagResource": tag.untag_resource,
    "ListTagsForResource": tag.list_tags_for_resource,
    "TagLogGroup": tag.tag_resource,
    "UntagLogGroup": tag.untag_resource,
    "ListTagsLogGroup": tag.list_tags_for_resource,
}
"""What is served."""


class LogsService:
    """The service over the logs of the store."""

    def __init__(self, logs: Logs) -> None:
        self._logs = logs

    def __call__(self, ctx: Context, params: Document) -> Reply:
        """Carry out ``ctx.operation``; raises ClaryError with the service's own codes."""
        operation = OPERATIONS.get(ctx.operation)
        if operation is None:
            raise unsupported(ctx.operation, "logs")
        return operation(Call(self._logs, ctx, params))
