"""The hosts of a job."""

from clary.compute.run_spec import Resources
from clary.services import cluster


def test_hosts_are_numbered_and_add_up() -> None:
    found = cluster.of({"InstanceType": "ml.m5.large", "InstanceCount": 2})
    assert found.names == ("algo-1", "algo-2")
    assert found.resources == Resources(4, 16384)
