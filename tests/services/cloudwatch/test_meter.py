"""The meter of endpoints: what is put, when, and what it keeps of many latencies."""

import logging
import random
from typing import Any

import pytest

from clary.core import clock
from clary.services.cloudwatch import meter as metering
from clary.services.cloudwatch.meter import NAMESPACE, Meter
from clary.services.cloudwatch.statistic import SIMPLE, named
from clary.store.database import Database
from clary.store.metrics import Metrics, Series
from tests.conftest import Until

HOME = Series(NAMESPACE, {"EndpointName": "e", "VariantName": "v"})


@pytest.fixture
def metrics(database: Database) -> Metrics:
    return Metrics(database)


def test_each_variant_has_its_own_numbers(metrics: Metrics) -> None:
    meter = Meter(metrics)
    for status in (200, 200, 400, 503):
        meter("e", "v", status, 1000, 50)
    meter("e", "other", 200, 1, 1)
    meter.flush()
    found = {
        name: (SIMPLE["Sum"](points), SIMPLE["SampleCount"](points), {point.unit for point in points})
        for name in ("Invocations", "Invocation4XXErrors", "Invocation5XXErrors", "InvocationModelErrors")
        if (points := metrics.get(HOME, name))
    }
    assert found == {
        "Invocations": (4.0, 4.0, {"None"}),
        "Invocation4XXErrors": (1.0, 4.0, {"None"}),
        "Invocation5XXErrors": (1.0, 4.0, {"None"}),
        "InvocationModelErrors": (2.0, 4.0, {"None"}),
    }
    latencies = metrics.get(HOME, "ModelLatency")
    assert {point.unit for point in latencies} == {"Microseconds"}
    assert SIMPLE["Average"](latencies) == 1000.0
    assert SIMPLE["Average"](metrics.get(HOME, "OverheadLatency")) == 50.0
    assert len(metrics.names(NAMESPACE, "Invocations")) == 2


def test_many_latencies_are_few_points_that_say_nearly_the_same(metrics: Metrics) -> None:
    draw = random.Random(0)
    latencies = [0, *(int(draw.lognormvariate(7, 0.5)) for _ in range(5000))]
    meter = Meter(metrics)
    for latency in latencies:
        meter("e", "v", 200, latency, 10)
    meter.flush()
    points = metrics.get(HOME, "ModelLatency")
    assert len(points) < 80
    assert SIMPLE["SampleCount"](points) == 5001
    assert SIMPLE["Sum"](points) == pytest.approx(sum(latencies))
    assert (SIMPLE["Minimum"](points), SIMPLE["Maximum"](points)) == (0, max(latencies))
    for share in (50, 99):
        exact = sorted(latencies)[int(len(latencies) * share / 100)]
        assert named(f"p{share}")(points) == pytest.approx(exact, rel=0.1)


def test_what_is_put_is_of_the_time_since_the_last_put(metrics: Metrics) -> None:
    meter = Meter(metrics)
    meter.flush()
    begun = clock.now()
    meter("e", "v", 200, 1, 1)
    meter.flush()
    assert all(point.at <= begun for point in metrics.get(HOME))
    before = len(metrics.get(HOME))
    meter.flush()
    assert len(metrics.get(HOME)) == before


def test_an_orderly_end_loses_nothing(metrics: Metrics) -> None:
    with Meter(metrics) as meter:
        meter("e", "v", 200, 1, 1)
    assert SIMPLE["Sum"](metrics.get(HOME, "Invocations")) == 1.0


def test_it_puts_while_it_runs_and_goes_on_after_a_failure(
    metrics: Metrics, monkeypatch: pytest.MonkeyPatch, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(metering, "INTERVAL", 0.02)
    put = metrics.put_all
    failures = [OSError("disk full")]

    def unsure(observations: Any) -> None:
        if observations and failures:
            raise failures.pop()
        put(observations)

    monkeypatch.setattr(metrics, "put_all", unsure)
    with caplog.at_level(logging.ERROR), Meter(metrics) as meter:
        meter("e", "v", 200, 1, 1)
        until(lambda: not failures)
        meter("e", "v", 200, 1, 1)
        until(lambda: metrics.get(HOME, "Invocations"))
    assert "could not be put" in caplog.text
