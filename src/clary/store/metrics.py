"""Metrics: series of numbers, as CloudWatch names them.

A row's ``dimensions`` are its series' key: ``name=value`` pairs, and behind a semicolon what sets the row
apart from a plain observation (unit, number of samples, whether it stands for a statistic set).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from sqlalchemy import ColumnElement, insert, or_, select

from clary.store.database import Database
from clary.store.tables import MetricPoint

NO_UNIT = "None"
"""CloudWatch's word for a number without a unit."""

_ESCAPES = str.maketrans({sign: f"%{ord(sign):02X}" for sign in "%,=;"})


@dataclass(frozen=True, slots=True)
class Series:
    """What a number belongs to."""

    namespace: str
    dimensions: Mapping[str, str]

    @property
    def key(self) -> str:
        """The dimensions in the one spelling they are stored in."""
        return ",".join(
            f"{name.translate(_ESCAPES)}={value.translate(_ESCAPES)}"
            for name, value in sorted(self.dimensions.items())
        )


@dataclass(frozen=True, slots=True)
class Point:
    """``count`` observations of ``value``, at ``at`` in epoch seconds.

    ``step`` is the iteration of a training run, where it was said. Where ``of_set``, the point is one end of
    a statistic set: its samples' own values are not known.
    """

    name: str
    at: float
    value: float
    unit: str = NO_UNIT
    count: float = 1.0
    of_set: bool = False
    step: int | None = None

    @property
    def mark(self) -> str:
        """What stands behind a series' key for such a point; empty for a plain observation."""
        if self.unit == NO_UNIT and self.count == 1 and not self.of_set:
            return ""
        return f";{self.unit};{self.count!r}{';set' if self.of_set else ''}"


@dataclass(frozen=True, slots=True)
class Metric:
    """A name that has points in a series."""

    name: str
    series: Series


class Metrics:
    """The ``metric_point`` table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, series: Series, points: Sequence[Point]) -> None:
        """Append ``points`` to ``series``."""
        self.put_all([(series, point) for point in points])

    def put_all(self, observations: Sequence[tuple[Series, Point]]) -> None:
        """Append points to the series each belongs to, all or none."""
        if not observations:
            return
        rows = [
            {
                "namespace": series.namespace,
                "dimensions": series.key + point.mark,
                "name": point.name,
                "at": point.at,
                "value": point.value,
                "step": point.step,
            }
            for series, point in observations
        ]
        with self._database.write(alone=False) as connection:
            connection.execute(insert(MetricPoint), rows)

    def get(
        self, series: Series, name: str | None = None, start: float = 0.0, end: float = float("inf")
    ) -> Sequence[Point]:
        """Return the points of ``series`` (of one metric when ``name`` is given), oldest first."""
        statement = (
            select(
                MetricPoint.name, MetricPoint.at, MetricPoint.value, MetricPoint.dimensions, MetricPoint.step
            )
            .where(MetricPoint.namespace == series.namespace, _of(series))
            .where(MetricPoint.at >= start, MetricPoint.at < end)
            .order_by(MetricPoint.at, MetricPoint.id)
        )
        if name is not None:
            statement = statement.where(MetricPoint.name == name)
        return [_point(*found) for found in self._database.rows(statement)]

    def names(self, namespace: str | None = None, name: str | None = None) -> Sequence[Metric]:
        """Return the metrics that have points, by namespace, name and dimensions."""
        statement = select(MetricPoint.namespace, MetricPoint.name, MetricPoint.dimensions).distinct()
        if namespace is not None:
            statement = statement.where(MetricPoint.namespace == namespace)
        if name is not None:
            statement = statement.where(MetricPoint.name == name)
        found = {(home, each, key.partition(";")[0]) for home, each, key in self._database.rows(statement)}
        return [Metric(each, Series(home, _dimensions(key))) for home, each, key in sorted(found)]


def _of(series: Series) -> ColumnElement[bool]:
    """Return the condition for all rows of a series, whatever is marked behind its key."""
    key = series.key
    marked = (MetricPoint.dimensions >= f"{key};") & (MetricPoint.dimensions < f"{key}<")
    return or_(MetricPoint.dimensions == key, marked)


def parse(
    namespace: str, dimensions: str, name: str, at: float, value: float, step: int | None
) -> tuple[Series, Point]:
    """Return the series and the point that the columns of a row spell."""
    return Series(namespace, _dimensions(dimensions.partition(";")[0])), _point(
        name, at, value, dimensions, step
    )


def _point(name: str, at: float, value: float, dimensions: str, step: int | None) -> Point:
    _, _, mark = dimensions.partition(";")
    if not mark:
        return Point(name, at, value, step=step)
    unit, count, *rest = mark.split(";")
    return Point(name, at, value, unit, float(count), bool(rest), step)


def _dimensions(key: str) -> Mapping[str, str]:
    pairs = (pair.partition("=") for pair in key.split(",") if pair)
    return {unquote(name): unquote(value) for name, _, value in pairs}
