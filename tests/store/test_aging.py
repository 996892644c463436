"""Old rows become fewer and go, each looked at once, and what is to be kept stays as it is."""

from collections.abc import Callable

import pytest

from clary.core import clock
from clary.store.aging import Aging
from clary.store.database import Database
from clary.store.metrics import Metrics, Point, Series
from clary.store.resources import GONE, Resources, Row

HOST = Series("own", {"Host": "a"})
JOB = Series("own", {"Job": "a"})


def is_job(series: Series) -> bool:
    return "Job" in series.dimensions


def nothing(_series: Series) -> bool:
    return False


def walked(batch: Callable[[], int]) -> list[int]:
    """Return how many rows each batch has passed until the walk is at its end."""
    passed = []
    while number := batch():
        passed.append(number)
    return passed


def test_old_points_are_rolled_up_by_series_metric_and_unit(database: Database) -> None:
    metrics, aging = Metrics(database), Aging(database)
    for at in (10.0, 20.0, 130.0, 1000.0):
        metrics.put(HOST, [Point("cpu", at, 5.0), Point("cpu", at, 5.0, "Percent"), Point("disk", at, 5.0)])
    metrics.put(JOB, [Point("loss", 10.0, 1.0), Point("loss", 20.0, 1.0)])
    assert walked(lambda: aging.roll_up(900.0, 120, is_job, 100)) == [9]
    assert metrics.get(HOST, "cpu") == [
        Point("cpu", 0.0, 5.0, count=2.0),
        Point("cpu", 0.0, 5.0, "Percent", 2.0),
        Point("cpu", 130.0, 5.0),
        Point("cpu", 130.0, 5.0, "Percent"),
        Point("cpu", 1000.0, 5.0),
        Point("cpu", 1000.0, 5.0, "Percent"),
    ]
    assert len(metrics.get(HOST, "disk")) == 3
    assert metrics.get(JOB) == [Point("loss", 10.0, 1.0), Point("loss", 20.0, 1.0)]
    assert walked(lambda: aging.roll_up(2000.0, 120, is_job, 100)) == [5], "each row is passed once"
    assert walked(lambda: aging.roll_up(2000.0, 3600, is_job, 2)) == [2, 2, 2, 2, 2, 1]


def test_points_go_when_they_are_too_old_unless_they_are_kept(database: Database) -> None:
    metrics, aging = Metrics(database), Aging(database)
    for at in range(5):
        metrics.put_all([(HOST, Point("cpu", at, 1.0)), (JOB, Point("loss", at, 1.0))])
    assert walked(lambda: aging.forget_points(3.0, is_job, 4)) == [4, 2]
    assert [point.at for point in metrics.get(HOST)] == [3.0, 4.0]
    assert [point.at for point in metrics.get(JOB)] == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_a_walk_begins_again_where_row_numbers_do(database: Database) -> None:
    metrics, aging = Metrics(database), Aging(database)
    metrics.put(HOST, [Point("cpu", float(at), 1.0) for at in range(5)])
    assert walked(lambda: aging.roll_up(9.0, 2, nothing, 2)) == [2, 2, 1], "each row is passed once"
    assert walked(lambda: aging.forget_points(9.0, nothing, 100)) == [3]
    metrics.put(HOST, [Point("cpu", 0.0, 1.0), Point("cpu", 1.0, 1.0)])
    assert walked(lambda: aging.roll_up(9.0, 2, nothing, 100)) == [2]
    assert walked(lambda: aging.forget_points(9.0, nothing, 100)) == [1]
    assert metrics.get(HOST) == []


def row(name: str) -> Row:
    arn = f"arn:aws:sagemaker:us-east-1:1:model/{name}"
    home = ("1" * 12, "us-east-1", "Model", "", name, arn)
    return Row(name, *home, "Created", None, None, 0, 1.0, 1.0, {}, {})


def test_events_of_what_is_gone_go(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    resources, aging = Resources(database), Aging(database)
    for name in ("kept", "gone", "fresh"):
        resources.insert(row(name))
    for name, at in (("gone", 50.0), ("fresh", 200.0)):
        monkeypatch.setattr(clock, "now", lambda at=at: at)
        found = resources.get(name)
        assert found is not None
        assert resources.change(found, "deleted", phase=GONE) is not None
    assert walked(lambda: aging.forget_events(100.0, 2)) == [2, 2]
    assert [len(resources.events(name)) for name in ("kept", "gone", "fresh")] == [1, 0, 2]
