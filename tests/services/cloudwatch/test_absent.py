"""There are no alarms and no dashboards, and tools that ask are told so."""

from typing import Any

from tests.services.cloudwatch.conftest import MetricsDesk


def test_there_are_neither_alarms_nor_dashboards(desk: MetricsDesk) -> None:
    answers: list[tuple[str, dict[str, Any]]] = [
        ("DescribeAlarms", {}),
        ("DescribeAlarmsForMetric", {"MetricName": "m", "Namespace": "n"}),
        ("ListDashboards", {}),
    ]
    for operation, params in answers:
        assert set(map(str, desk(operation, **params).values())) == {"[]"}
