"""Queries: several metrics at once, and what is calculated from them."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from clary.core.errors import ClaryError
from clary.core.exchange import Document, Reply
from clary.services.cloudwatch import expression, statistic, token
from clary.services.cloudwatch.call import Call, series
from clary.services.cloudwatch.expression import Curve

_MOST_QUERIES = 500
_MOST_POINTS = 100_800
T = TypeVar("T")

_ID = re.compile(r"[a-z]\w*", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Span:
    """What time is asked for, in epoch seconds."""

    start: float
    end: float

    def periods(self, period: int) -> range:
        """Return the beginnings of the periods that have a part in it."""
        return range(math.floor(self.start / period) * period, math.ceil(self.end / period) * period, period)


def get_metric_data(call: Call) -> Reply:
    """Answer a page of the values of each query, newest first unless ``ScanBy`` says otherwise."""
    call.refuse("LabelOptions")
    try:
        passed = token.read(call.params)
    except ValueError as error:
        raise ClaryError("InvalidNextToken", "The value for parameter NextToken is invalid.") from error
    limit = call.params.get("MaxDatapoints") or _MOST_POINTS
    if not 0 < limit <= _MOST_POINTS:
        raise _invalid(f"The parameter MaxDatapoints must be between 1 and {_MOST_POINTS}.")
    results, more = _page(_results(call), passed, limit)
    output: Document = {"MetricDataResults": results}
    if more:
        output["NextToken"] = token.make(call.params, passed + limit)
    return Reply(output)


def _results(call: Call) -> list[Document]:
    """Return the whole of the results that are asked to be returned."""
    start, end = call.params["StartTime"].timestamp(), call.params["EndTime"].timestamp()
    if start >= end:
        raise _invalid("The parameter StartTime must be less than the parameter EndTime.")
    queries = _queries(call.params)
    curves = _curves(call, queries, _Span(start, end))
    descending = call.params.get("ScanBy") != "TimestampAscending"
    results = []
    for name, query in queries.items():
        if query.get("ReturnData") is False:
            continue
        points = sorted(curves[name].values.items(), reverse=descending)
        results.append(
            {
                "Id": name,
                "Label": query.get("Label") or _label(query),
                "Timestamps": [at for at, _ in points],
                "Values": [value for _, value in points],
                "StatusCode": "Complete",
            }
        )
    return results


def _queries(params: Document) -> Mapping[str, Document]:
    found: dict[str, Document] = {}
    for query in params["MetricDataQueries"]:
        name = query["Id"]
        if not _ID.fullmatch(name):
            raise _invalid(
                f"The Id {name} must begin with a lower-case letter and have letters, digits and _."
            )
        if name in found:
            raise _invalid(f"The Id {name} is used by more than one query.")
        if bool(query.get("MetricStat")) == bool(query.get("Expression")):
            raise _invalid(f"The query {name} must have either a MetricStat or an Expression.")
        if query.get("AccountId"):
            raise _invalid("The parameter AccountId is not supported by this release of Clary.")
        found[name] = query
    if not 0 < len(found) <= _MOST_QUERIES:
        raise _invalid(f"The collection MetricDataQueries must have between 1 and {_MOST_QUERIES} members.")
    return found


def _curves(call: Call, queries: Mapping[str, Document], span: _Span) -> Mapping[str, Curve]:
    """Return the curve of each query; one that is calculated may stand before those it is calculated from."""
    measured = {
        name: _measure(call, query["MetricStat"], span)
        for name, query in queries.items()
        if query.get("MetricStat")
    }
    texts = {name: query["Expression"] for name, query in queries.items() if query.get("Expression")}
    try:
        return expression.evaluate(texts, measured)
    except expression.ExpressionError as error:
        raise _invalid(str(error)) from error


def _measure(call: Call, stat: Document, span: _Span) -> Curve:
    metric, period = stat["Metric"], stat["Period"]
    for member in ("Namespace", "MetricName"):
        if not metric.get(member):
            raise _invalid(f"The parameter MetricStat.Metric.{member} is required.")
    measure = _checked(lambda: statistic.named(stat["Stat"]))
    _checked(lambda: statistic.check_period(period))
    home = _checked(lambda: series(metric["Namespace"], metric.get("Dimensions")))
    periods = span.periods(period)
    if len(periods) > _MOST_POINTS:
        raise _invalid(f"The query asks for more than {_MOST_POINTS} periods.")
    points = call.metrics.get(home, metric["MetricName"], periods[0], periods[-1] + period)
    unit = stat.get("Unit")
    of_unit = [point for point in points if unit in (None, point.unit)]
    values = {at: measure(inside) for at, inside in statistic.by_period(of_unit, period).items()}
    return Curve({at: value for at, value in values.items() if value is not None}, periods)


def _page(results: Sequence[Document], passed: int, limit: int) -> tuple[list[Document], bool]:
    """Return ``limit`` values after the first ``passed`` of all results, and whether more follow."""
    page, left, skip = [], limit, passed
    for result in results:
        total = len(result["Values"])
        begin, end = min(skip, total), min(skip + left, total)
        skip, left = skip - begin, left - (end - begin)
        if begin < end or (passed == 0 and total == 0):
            part = {name: result[name][begin:end] for name in ("Timestamps", "Values")}
            page.append({**result, **part, "StatusCode": "Complete" if end == total else "PartialData"})
        elif end < total:
            page.append({**result, "Timestamps": [], "Values": [], "StatusCode": "PartialData"})
    return page, sum(len(result["Values"]) for result in results) > passed + limit


def _label(query: Document) -> str:
    if "Expression" in query:
        return str(query["Id"])
    return str(query["MetricStat"]["Metric"]["MetricName"])


def _checked(check: Callable[[], T]) -> T:
    """Return what ``check`` returns; this operation has one code for all that is wrong with a query."""
    try:
        return check()
    except ClaryError as error:
        raise _invalid(error.message) from error


def _invalid(message: str) -> ClaryError:
    return ClaryError("ValidationError", message)
