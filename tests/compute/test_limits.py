"""Limits: an instance smaller than the machine has its own, a larger one none."""

import pytest

from clary.compute import instances
from clary.compute.limits import Limits
from clary.compute.run_spec import Resources

MACHINE = Resources(8, 32 * 1024)


@pytest.mark.parametrize(
    ("instance", "limits"),
    [
        (Resources(2, 8 * 1024), Limits(8 << 30, 4096, 2)),
        (Resources(6, 24 * 1024), Limits(24 << 30, 6144, 6)),
        (Resources(2, 64 * 1024), Limits(None, None, 2)),
        (Resources(96, 16 * 1024), Limits(16 << 30, 98304, None)),
        (MACHINE, Limits()),
    ],
)
def test_limits_follow_the_instance_type(instance: Resources, limits: Limits) -> None:
    assert Limits.of(instance, MACHINE) == limits


def test_local_has_no_limits() -> None:
    assert Limits.of(instances.resources("local"), instances.machine()) == Limits()
