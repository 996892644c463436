"""The runs of a job with several hosts."""

from dataclasses import replace

import pytest

from clary.compute.run_spec import RunSpec
from clary.engine.platform import Platform
from clary.services import cluster, gang
from clary.services.cluster import Cluster
from clary.store.resources import Row
from tests.fake_executor import FakeExecutor


@pytest.fixture
def row(platform: Platform) -> Row:
    arn = platform.site.arn("training-job/it")
    return Row(
        "row", "1" * 12, "us-east-1", "TrainingJob", "", "it", arn, "Training", None, None, 0, 0, 0, {}, {}
    )


def hosts(count: int) -> Cluster:
    return cluster.of({"InstanceType": "ml.m5.large", "InstanceCount": count}, "row")


def start(platform: Platform, row: Row, asked: Cluster) -> list[str]:
    for host in asked.hosts:
        base, run = gang.base(platform, row, host), gang.run_id(row, host)
        spec = RunSpec(
            id=run, image="", module="m", command=(), environment={}, base=base, resources=host.resources
        )
        platform.executor.start(spec)
    return [gang.run_id(row, host) for host in asked.hosts]


def test_room_is_claimed_for_all_hosts_or_none(platform: Platform, row: Row) -> None:
    other = replace(row, arn=platform.site.arn("training-job/other"))
    assert gang.admit(platform, other, hosts(1)) is None
    waiting = gang.admit(platform, row, hosts(2))
    assert waiting == "Waiting for 4 vCPUs: 2 of 4 are free; in use by training-job/other."
    assert platform.capacity.free == 2
    assert gang.let_go(platform, other, hosts(1))
    assert gang.admit(platform, row, hosts(2)) is None
    assert platform.capacity.free == 0


def test_more_hosts_than_the_machine_holds_have_it_to_themselves(platform: Platform, row: Row) -> None:
    assert gang.admit(platform, row, hosts(8)) is None
    assert platform.capacity.free == 0


def test_runs_are_stopped_and_forgotten_together(
    platform: Platform, executor: FakeExecutor, row: Row
) -> None:
    asked = hosts(3)
    runs = start(platform, row, asked)
    executor.end(runs[1], 1)
    assert [gang.has_failed(one) for one in gang.statuses(platform, row, asked).values()] == [
        False, True, False
    ]  # fmt: skip
    assert not gang.let_go(platform, row, asked)
    assert executor.stopped == [runs[0], runs[2]]
    executor.end(runs[0])
    assert gang.alive(platform, row, asked)
    executor.end(runs[2])
    assert gang.let_go(platform, row, asked)
    assert executor.forgotten == runs
