"""Cluster: the hosts that a job asks for, with their names and addresses among themselves."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from clary.compute import instances
from clary.compute.run_spec import Resources
from clary.core import errors
from clary.core.exchange import Document

GROUP = "homogeneousCluster"
"""The name of the one group of a cluster that is not divided into groups."""

LARGEST = 254
"""Hosts that a cluster has at most: each has an address of its own in one network of 256."""


@dataclass(frozen=True, slots=True)
class Host:
    """One machine of a cluster: its name, its address, what it is, and the instance group it belongs to.

    The address is one of this machine's own, of which no two hosts have the same, so that all of them may
    listen on the same port of their own addresses.
    """

    name: str
    address: str
    instance_type: str
    group: str = GROUP

    @property
    def resources(self) -> Resources:
        """What the host has."""
        return instances.resources(self.instance_type)


@dataclass(frozen=True, slots=True)
class Cluster:
    """The hosts of one job, in the order of their numbers."""

    hosts: tuple[Host, ...]

    @property
    def addresses(self) -> dict[str, str]:
        """The address of each host by its name."""
        return {host.name: host.address for host in self.hosts}

    @property
    def resources(self) -> Resources:
        """What all hosts have together."""
        each = [host.resources for host in self.hosts]
        return Resources(
            sum(one.vcpus for one in each), sum(one.memory_mib for one in each), sum(one.gpus for one in each)
        )

    def of_groups(self, names: Sequence[str]) -> Sequence[Host]:
        """Return the hosts of these groups; all of them where none is named."""
        return [host for host in self.hosts if not names or host.group in names]


def of(asked: Document, job: str) -> Cluster:
    """Return the cluster of a ResourceConfig; the id ``job`` decides which addresses its hosts have."""
    network = hashlib.sha256(job.encode()).digest()
    wanted = [
        (group["InstanceType"], group["InstanceGroupName"])
        for group in asked.get("InstanceGroups") or (_whole(asked),)
        for _ in range(group["InstanceCount"])
    ]
    return Cluster(
        tuple(
            Host(f"algo-{number}", f"127.{network[0] % 254 + 1}.{network[1]}.{number}", kind, group)
            for number, (kind, group) in enumerate(wanted, 1)
        )
    )


def check(asked: Document) -> None:
    """Raise ValidationException for a ResourceConfig that names no cluster, or one too large."""
    groups = asked.get("InstanceGroups") or ()
    if groups and (asked.get("InstanceType") or asked.get("InstanceCount")):
        raise errors.validation(
            "ResourceConfig: InstanceGroups take the place of InstanceType and InstanceCount. Give one or "
            "the other."
        )
    if not groups and "InstanceType" not in asked:
        raise errors.validation("ResourceConfig.InstanceType is required, for example ml.m5.large.")
    names = [group["InstanceGroupName"] for group in groups]
    if len(set(names)) != len(names):
        raise errors.validation(f"The names of instance groups must be unique: {', '.join(names)}.")
    for group in groups or (_whole(asked),):
        instances.resources(group["InstanceType"])
    count = sum(group["InstanceCount"] for group in groups or (_whole(asked),))
    if not 1 <= count <= LARGEST:
        raise errors.validation(f"A job has 1 to {LARGEST} instances here, not {count}.")


def _whole(asked: Document) -> Document:
    return {"InstanceCount": 1, "InstanceGroupName": GROUP, **asked}
