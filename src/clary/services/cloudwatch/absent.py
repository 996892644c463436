"""Absent things: alarms and dashboards, which Clary has none of, told as empty lists."""

from clary.core.exchange import Reply
from clary.services.cloudwatch.call import Call


def describe_alarms(_call: Call) -> Reply:
    """Answer that there are no alarms."""
    return Reply({"MetricAlarms": [], "CompositeAlarms": []})


def describe_alarms_for_metric(_call: Call) -> Reply:
    """Answer that no alarm watches the metric."""
    return Reply({"MetricAlarms": []})


def list_dashboards(_call: Call) -> Reply:
    """Answer that there are no dashboards."""
    return Reply({"DashboardEntries": []})
