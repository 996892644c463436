"""Utilization: what runs used reaches the metrics once, whoever puts it."""

import pytest

from clary.compute.gauge import Usage
from clary.core import clock
from clary.engine.platform import Platform
from clary.engine.shipper import Feed, feeding
from clary.engine.utilization import Utilization
from clary.store.metrics import Series
from clary.store.resources import Row
from tests.engine.nouns import Study
from tests.engine.test_reconciler import insert
from tests.fake_executor import FakeExecutor

SERIES = Series("/aws/test", {"Host": "study/algo-1"})
RUNS = ("run-1", "run-2")


class Measured(Study):
    """Both of its runs are one series."""

    def utilization(self, row: Row, run: str, stream: str) -> Series | None:
        return SERIES if run in RUNS else None


@pytest.fixture
def row(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Row:
    monkeypatch.setattr(clock, "now", lambda: 200.0)
    feeds = [Feed(run, "group", run) for run in (*RUNS, "of another kind")]
    row = platform.resources.change(insert(platform), private=feeding(*feeds))
    assert row is not None
    return row


def cpu(platform: Platform) -> list[tuple[float, float]]:
    return [(point.at, point.value) for point in platform.metrics.get(SERIES, "CPUUtilization")]


def test_each_minute_is_put_once_by_whoever_looks(
    platform: Platform, executor: FakeExecutor, row: Row
) -> None:
    utilization = Utilization(platform)
    executor.usages = {"run-1": [Usage(60.1, 1, 2, 3)], "run-2": [Usage(60.2, 4, 5, 6)]}
    executor.usages["of another kind"] = [Usage(60.3, 7, 8, 9)]
    utilization.keep(Measured(), row)
    utilization.keep(Measured(), row)
    assert cpu(platform) == [(60.1, 1), (60.2, 4)]
    executor.usages["run-1"].append(Usage(120.1, 10, 2, 3))
    Utilization(platform).keep(Measured(), row)  # as a server does that was started again
    utilization.keep(Measured(), row)
    assert cpu(platform) == [(60.1, 1), (60.2, 4), (120.1, 10)]


def test_minutes_that_may_have_been_rolled_up_are_not_put_again(
    platform: Platform, executor: FakeExecutor, row: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor.usages = {"run-1": [Usage(60.1, 1, 2, 3), Usage(120.1, 1, 2, 3)]}
    monkeypatch.setattr(clock, "now", lambda: 14 * 86400 + 100.0)
    Utilization(platform).keep(Measured(), row)
    assert cpu(platform) == [(120.1, 1)]


def test_the_metrics_have_sagemakers_names_and_unit(
    platform: Platform, executor: FakeExecutor, row: Row
) -> None:
    executor.usages = {"run-1": [Usage(60.1, 150.5, 20, 30)]}
    Utilization(platform).keep(Measured(), row)
    points = {point.name: (point.value, point.unit) for point in platform.metrics.get(SERIES)}
    assert points == {
        "CPUUtilization": (150.5, "Percent"),
        "MemoryUtilization": (20, "Percent"),
        "DiskUtilization": (30, "Percent"),
    }
