"""Metrics: listed by namespace, name and dimensions."""

from clary.core.exchange import Document, Reply
from clary.services.cloudwatch import token
from clary.services.cloudwatch.call import Call, invalid
from clary.store.metrics import Metric

_PAGE = 500


def list_metrics(call: Call) -> Reply:
    """List the metrics that have all the dimensions asked for, with the value where one is given."""
    call.refuse("RecentlyActive", "OwningAccount")
    wanted = call.params.get("Dimensions") or ()
    try:
        passed = token.read(call.params)
    except ValueError as error:
        raise invalid("The value for parameter NextToken is invalid.") from error
    found = [
        metric
        for metric in call.metrics.names(call.params.get("Namespace"), call.params.get("MetricName"))
        if all(_has(metric, each) for each in wanted)
    ]
    output: Document = {"Metrics": [_describe(metric) for metric in found[passed : passed + _PAGE]]}
    if len(found) > passed + _PAGE:
        output["NextToken"] = token.make(call.params, passed + _PAGE)
    return Reply(output)


def _has(metric: Metric, wanted: Document) -> bool:
    value = metric.series.dimensions.get(wanted["Name"])
    return value is not None and wanted.get("Value") in (None, value)


def _describe(metric: Metric) -> Document:
    return {
        "Namespace": metric.series.namespace,
        "MetricName": metric.name,
        "Dimensions": [{"Name": name, "Value": value} for name, value in metric.series.dimensions.items()],
    }
