"""Metrics: series of points by name, dimensions and time."""

from clary.store.database import Database
from clary.store.metrics import Metrics, Point, Series

SERIES = Series("/aws/sagemaker/TrainingJobs", {"TrainingJobName": "ada", "Host": "algo-1"})


def test_points_come_back_by_time_and_then_as_they_came(database: Database) -> None:
    metrics = Metrics(database)
    points = [Point("loss", 2.0, 0.5), Point("loss", 1.0, 0.9), Point("acc", 1.0, 0.1)]
    metrics.put(SERIES, points)
    assert metrics.get(SERIES) == [points[1], points[2], points[0]]
    assert metrics.get(SERIES, "loss") == [points[1], points[0]]


def test_a_time_range_ends_before_its_end(database: Database) -> None:
    metrics = Metrics(database)
    metrics.put(SERIES, [Point("loss", float(at), at / 10) for at in range(5)])
    assert [point.at for point in metrics.get(SERIES, "loss", 1.0, 3.0)] == [1.0, 2.0]


def test_a_series_is_its_dimensions_in_any_order(database: Database) -> None:
    metrics = Metrics(database)
    metrics.put(SERIES, [Point("loss", 1.0, 0.5)])
    again = Series(SERIES.namespace, {"Host": "algo-1", "TrainingJobName": "ada"})
    assert len(metrics.get(again)) == 1
    assert metrics.get(Series(SERIES.namespace, {"Host": "algo-1"})) == []


def test_no_points_are_no_write(database: Database) -> None:
    metrics = Metrics(database)
    metrics.put(SERIES, [])
    assert metrics.get(SERIES) == []
