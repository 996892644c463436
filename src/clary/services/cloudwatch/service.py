"""CloudWatch's operations, each by its name."""

from collections.abc import Callable, Mapping

from clary.core.errors import unsupported
from clary.core.exchange import Context, Document, Reply
from clary.services.cloudwatch import absent, datapoint, datum, metric, query
from clary.services.cloudwatch.call import Call
from clary.store.metrics import Metrics

OPERATIONS: Mapping[str, Callable[[Call], Reply]] = {
    "PutMetricData": datum.put_metric_data,
    "GetMetricStatistics": datapoint.get_metric_statistics,
    "GetMetricData": query.get_metric_data,
    "ListMetrics": metric.list_metrics,
    "DescribeAlarms": absent.describe_alarms,
    "DescribeAlarmsForMetric": absent.describe_alarms_for_metric,
    "ListDashboards": absent.list_dashboards,
}
"""What is served."""


class CloudWatch:
    """The service over the metrics of the store."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def __call__(self, ctx: Context, params: Document) -> Reply:
        """Carry out ``ctx.operation``; raises ClaryError with the service's own codes."""
        operation = OPERATIONS.get(ctx.operation)
        if operation is None:
            raise unsupported(ctx.operation, "cloudwatch")
        return operation(Call(self._metrics, params))
