"""CloudWatch Logs: groups, streams and events, read from the store; nothing is written through this API."""

from clary.services.logs.service import OPERATIONS, LogsService

__all__ = ["OPERATIONS", "LogsService"]
