"""Metrics: series of points by name, dimensions and time."""

from clary.store.database import Database
from clary.store.metrics import Metric, Metrics, Point, Series

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


def test_a_point_keeps_its_unit_its_count_and_whether_it_is_of_a_set(database: Database) -> None:
    metrics = Metrics(database)
    points = [
        Point("loss", 1.0, 0.5),
        Point("loss", 2.0, 0.5, "Count/Second"),
        Point("loss", 3.0, 0.5, count=2.5),
        Point("loss", 4.0, 0.5, "Bytes", 3.0, of_set=True),
    ]
    metrics.put(SERIES, points)
    assert metrics.get(SERIES, "loss") == points


def test_dimensions_of_any_spelling_stay_apart(database: Database) -> None:
    metrics = Metrics(database)
    spellings = [{"a": "b,c=d"}, {"a": "b", "c": "d"}, {"a": "b;Count;2"}, {"a": "b%2C"}, {"a": "b"}, {}]
    for index, dimensions in enumerate(spellings):
        metrics.put(Series("own", dimensions), [Point("x", 1.0, float(index), "Count", 2.0)])
    for index, dimensions in enumerate(spellings):
        assert [point.value for point in metrics.get(Series("own", dimensions))] == [index]
    assert sorted(str(metric.series.dimensions) for metric in metrics.names("own")) == sorted(
        map(str, spellings)
    )


def test_names_are_told_once_whatever_their_units(database: Database) -> None:
    metrics = Metrics(database)
    metrics.put(SERIES, [Point("loss", 1.0, 0.5), Point("loss", 1.0, 0.5, "Count"), Point("acc", 1.0, 0.5)])
    metrics.put(Series("own", {}), [Point("loss", 1.0, 0.5)])
    assert metrics.names() == [
        Metric("acc", SERIES),
        Metric("loss", SERIES),
        Metric("loss", Series("own", {})),
    ]
    assert metrics.names("own", "loss") == [Metric("loss", Series("own", {}))]
    assert metrics.names("own", "acc") == []
