"""What is too old goes, in its own time; what a resource that exists has measured stays."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest

from clary.core import clock
from clary.engine.platform import Platform
from clary.services import retention
from clary.services.retention import DAY, Retention
from clary.store.aging import Aging
from clary.store.database import Database
from clary.store.metrics import Point, Series
from clary.store.resources import Row

NOW = 1_700_000_000.0
ENDPOINT = Series("AWS/SageMaker", {"EndpointName": "e", "VariantName": "v"})
HOST = Series("/aws/sagemaker/TrainingJobs", {"Host": "job/algo-1"})
JOB = Series("/aws/sagemaker/TrainingJobs", {"TrainingJobName": "job"})
COMPONENT = Series("/aws/sagemaker/TrialComponents", {"TrialComponent": "c"})


@pytest.fixture
def retaining(platform: Platform, url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Retention]:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(retention, "PAUSE", 0.0)
    database = Database(url)
    yield Retention(platform, Aging(database))
    database.close()


def put(platform: Platform, series: Series, *ages: float) -> None:
    platform.metrics.put(series, [Point("m", NOW - age, 1.0) for age in ages])


def count(platform: Platform, series: Series) -> int:
    return len(platform.metrics.get(series))


def test_points_stand_for_longer_periods_as_they_age(platform: Platform, retaining: Retention) -> None:
    begun = NOW % 3600 + 3600  # at the beginning of an hour
    fresh, day, weeks, months = 3600.0, begun + 36000, begun + 20 * DAY, begun + 100 * DAY
    for age in (months, weeks, day, fresh):
        for series in (ENDPOINT, HOST):
            put(platform, series, age - 5, age - 10, age - 100, age - 1000)
    retaining.sweep()
    assert count(platform, ENDPOINT) == 4 + 3 + 2 + 1
    assert count(platform, HOST) == 4 + 4 + 2 + 1


def test_points_go_after_fifteen_months_unless_their_resource_is_there(
    platform: Platform, retaining: Retention
) -> None:
    for days in (456, 455.5, 454):
        for series in (HOST, JOB, COMPONENT):
            put(platform, series, days * DAY)
    home, arn = platform.home("TrialComponent"), platform.site.arn("experiment-trial-component/c")
    identity = (home.account, home.region, home.kind, "", "c", arn)
    platform.resources.insert(Row("c", *identity, "Created", None, None, 0, NOW, NOW, {}, {}))
    retaining.sweep()
    assert [count(platform, series) for series in (HOST, JOB, COMPONENT)] == [1, 1, 3]


def test_streams_go_when_their_group_keeps_them_no_longer(platform: Platform, retaining: Retention) -> None:
    logs = platform.logs
    for group, days in (("short", 1), ("always", None)):
        logs.create_group(group, 0)
        logs.amend_group(group, partial(replace, retention_days=days))
        for stream, age in (("old", 2 * DAY), ("new", 60.0)):
            logs.create(group, stream)
            logs.put(group, stream, [(int((NOW - age) * 1000), "said")])
        logs.create(group, "empty")
    retaining.sweep()
    assert [stream.name for stream in logs.streams("short")] == ["empty", "new"]
    assert [stream.name for stream in logs.streams("always")] == ["empty", "new", "old"]


def test_a_round_that_fails_costs_no_other(
    platform: Platform,
    retaining: Retention,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    platform.logs.create_group("g", 0)
    monkeypatch.setattr(platform.logs, "group", lambda _name: 1 / 0)
    retaining.sweep()
    assert "the next round tries again" in caplog.text


def test_it_stops_between_rounds(retaining: Retention) -> None:
    thread = threading.Thread(target=retaining.run)
    thread.start()
    retaining.stop()
    thread.join(10)
    assert not thread.is_alive()
