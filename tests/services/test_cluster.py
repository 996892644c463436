"""The hosts of a job."""

from typing import Any

import pytest

from clary.compute.run_spec import Resources
from clary.core.errors import ClaryError
from clary.services import cluster


def group(name: str, count: int, kind: str = "ml.m5.large") -> dict[str, Any]:
    return {"InstanceGroupName": name, "InstanceCount": count, "InstanceType": kind}


def test_hosts_are_numbered_and_add_up() -> None:
    found = cluster.of({"InstanceType": "ml.m5.large", "InstanceCount": 2}, "job")
    assert [host.name for host in found.hosts] == ["algo-1", "algo-2"]
    assert found.resources == Resources(4, 16384)


def test_hosts_are_numbered_through_all_groups() -> None:
    groups = [group("a", 2), group("b", 1, "ml.m5.xlarge")]
    found = cluster.of({"InstanceGroups": groups}, "job")
    assert [(host.name, host.group) for host in found.hosts] == [
        ("algo-1", "a"), ("algo-2", "a"), ("algo-3", "b")
    ]  # fmt: skip
    assert [host.name for host in found.of_groups(("b",))] == ["algo-3"]
    assert found.of_groups(()) == list(found.hosts)


def test_addresses_are_this_machines_and_differ_between_hosts_and_jobs() -> None:
    asked = {"InstanceType": "ml.m5.large", "InstanceCount": 254}
    found = [cluster.of(asked, job).addresses for job in ("one", "other")]
    assert found[0] == cluster.of(asked, "one").addresses
    every = [address for addresses in found for address in addresses.values()]
    assert len(set(every)) == 508
    assert all(address.startswith("127.") and not address.startswith("127.0.0.") for address in every)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "ResourceConfig.InstanceType is required"),
        ({"InstanceType": "ml.m5.large", "InstanceCount": 0}, "has 1 to 254 instances here, not 0"),
        ({"InstanceType": "ml.m5.large", "InstanceCount": 255}, "has 1 to 254 instances here, not 255"),
        ({"InstanceType": "ml.none.large"}, "is unknown"),
        ({"InstanceType": "ml.m5.large", "InstanceGroups": [group("a", 1)]}, "InstanceGroups take the place"),
        ({"InstanceGroups": [group("a", 1), group("a", 1)]}, "must be unique: a, a"),
    ],
)
def test_what_is_no_cluster_is_refused(asked: dict[str, Any], words: str) -> None:
    with pytest.raises(ClaryError, match=words):
        cluster.check(asked)
