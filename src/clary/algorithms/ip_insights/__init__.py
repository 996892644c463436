"""IP Insights: how likely an entity is to use an IPv4 address."""

from clary.algorithms.ip_insights.ip_insights import IPInsights

__all__ = ["IPInsights"]
