"""Cluster: the hosts that a job asks for, and the names they have among themselves."""

from dataclasses import dataclass

from clary.compute import instances
from clary.compute.run_spec import Resources
from clary.core.exchange import Document

GROUP = "homogeneousCluster"
"""The name of the one group of a cluster that is not divided into groups."""


@dataclass(frozen=True, slots=True)
class Host:
    """One machine of a cluster: its name, what it is, and the instance group it belongs to."""

    name: str
    instance_type: str
    group: str = GROUP

    @property
    def resources(self) -> Resources:
        """What the host has."""
        return instances.resources(self.instance_type)


@dataclass(frozen=True, slots=True)
class Cluster:
    """The hosts of one job, in the order of their names."""

    hosts: tuple[Host, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all hosts."""
        return tuple(host.name for host in self.hosts)

    @property
    def resources(self) -> Resources:
        """What all hosts have together."""
        each = [host.resources for host in self.hosts]
        return Resources(
            sum(one.vcpus for one in each), sum(one.memory_mib for one in each), sum(one.gpus for one in each)
        )


def of(asked: Document) -> Cluster:
    """Return the cluster of a ResourceConfig; raises ValidationException for an unknown instance type."""
    count, kind = asked.get("InstanceCount", 1), asked["InstanceType"]
    return Cluster(tuple(Host(f"algo-{number}", kind) for number in range(1, count + 1)))
