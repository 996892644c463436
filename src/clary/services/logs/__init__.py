"""CloudWatch Logs: groups, streams and events; those of jobs and endpoints are only read through this API."""

from clary.services.logs.service import OPERATIONS, LogsService

__all__ = ["OPERATIONS", "LogsService"]
