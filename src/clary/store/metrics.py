"""Metrics: series of numbers, as CloudWatch names them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select

from clary.store.database import Database
from clary.store.tables import MetricPoint


@dataclass(frozen=True, slots=True)
class Series:
    """What a number belongs to."""

    namespace: str
    dimensions: Mapping[str, str]

    @property
    def key(self) -> str:
        """The dimensions in the one spelling they are stored in."""
        return ",".join(f"{name}={value}" for name, value in sorted(self.dimensions.items()))


@dataclass(frozen=True, slots=True)
class Point:
    """One observation: ``at`` is in epoch seconds."""

    name: str
    at: float
    value: float


class Metrics:
    """The ``metric_point`` table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, series: Series, points: Sequence[Point]) -> None:
        """Append ``points`` to ``series``."""
        if not points:
            return
        home = {"namespace": series.namespace, "dimensions": series.key}
        with self._database.write() as connection:
            connection.execute(
                insert(MetricPoint),
                [{**home, "name": point.name, "at": point.at, "value": point.value} for point in points],
            )

    def get(
        self, series: Series, name: str | None = None, start: float = 0.0, end: float = float("inf")
    ) -> Sequence[Point]:
        """Return the points of ``series`` (of one metric when ``name`` is given), oldest first."""
        statement = (
            select(MetricPoint.name, MetricPoint.at, MetricPoint.value)
            .where(MetricPoint.namespace == series.namespace, MetricPoint.dimensions == series.key)
            .where(MetricPoint.at >= start, MetricPoint.at < end)
            .order_by(MetricPoint.at, MetricPoint.id)
        )
        if name is not None:
            statement = statement.where(MetricPoint.name == name)
        return [Point(*found) for found in self._database.rows(statement)]
