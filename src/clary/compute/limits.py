"""Limits: what an instance type lets one run take of the machine."""

from dataclasses import dataclass
from typing import Self

from clary.compute.run_spec import Resources

_MIB = 2**20
_LEAST_PROCESSES = 4096
_PROCESSES_PER_VCPU = 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes of memory, processes and threads together, and processor cores; None where there is no limit."""

    memory: int | None = None
    processes: int | None = None
    cores: int | None = None

    @classmethod
    def of(cls, instance: Resources, machine: Resources) -> Self:
        """Return the limits of a run on ``instance``: none on what is as large as the machine."""
        smaller = instance.memory_mib < machine.memory_mib
        return cls(
            memory=instance.memory_mib * _MIB if smaller else None,
            processes=max(_LEAST_PROCESSES, int(instance.vcpus * _PROCESSES_PER_VCPU)) if smaller else None,
            cores=max(1, int(instance.vcpus)) if instance.vcpus < machine.vcpus else None,
        )
