"""Room: what one run may take of the machine, and what it takes."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from clary.compute import process_tree
from clary.compute.control_group import ControlGroup, Hierarchy
from clary.compute.limits import Limits

_FASTEST_GROWTH = 4 * 2**30
"""Bytes that a run is taken to be able to fill in a second."""
_OFTEN, _SELDOM = 0.05, 1.0  # seconds between two looks at a run near its limit and far from it


class Enforcement(StrEnum):
    """How limits on memory and processes are kept, from the surest to not at all."""

    CONTROL_GROUPS = "control-groups"
    """The kernel refuses what is too much."""

    WATCHDOG = "watchdog"
    """The run's supervisor looks and kills; what a run takes between two looks it has."""

    NONE = "none"
    """Nothing is known of what runs take."""


@dataclass(frozen=True, slots=True)
class Use:
    """Bytes of memory in use and seconds of processor time taken."""

    memory: int
    cpu: float


@dataclass(frozen=True, slots=True)
class Room:
    """The limits of one run, on ``cores``, in a control ``group`` where there are such."""

    limits: Limits
    enforcement: Enforcement = Enforcement.NONE
    group: ControlGroup | None = None
    cores: Sequence[int] = ()

    def enter(self) -> None:
        """Put this process, and all it will start, under the limits; raises OSError."""
        if self.group is not None:
            self.group.enter()
        if self.cores:
            os.sched_setaffinity(0, self.cores)

    def use(self, root: int) -> Use:
        """Return what the process tree of ``root`` uses."""
        if self.enforcement is Enforcement.NONE:
            return Use(0, 0.0)
        memory = process_tree.proportional(root) if self.group is None else self.group.used()
        return Use(memory, process_tree.cpu_seconds(root))

    @property
    def watched(self) -> bool:
        """Whether someone must look at what the run takes; the kernel waits for nobody."""
        return self.limits.memory is not None and self.enforcement is Enforcement.WATCHDOG

    def patience(self, root: int) -> float:
        """Return the seconds until the tree of ``root`` could exceed its memory; 0 where it has."""
        limit = self.limits.memory or 0
        left = limit - process_tree.resident(root)
        if left < 0:  # unless forks share most of it
            left = limit - process_tree.proportional(root)
        return 0.0 if left < 0 else min(max(left / _FASTEST_GROWTH, _OFTEN), _SELDOM)

    def kills(self) -> int:
        """Return how many of the run's processes the kernel has killed at the limit of memory."""
        return 0 if self.group is None else self.group.kills()

    @property
    def folders(self) -> Sequence[Path]:
        """The folders of the control group; none without one."""
        return () if self.group is None else self.group.folders

    def clear(self) -> None:
        """Remove the group of a run that has ended."""
        if self.group is not None:
            self.group.remove()


def make(
    name: str,
    limits: Limits,
    enforcement: Enforcement,
    hierarchy: Hierarchy | None,
    cores: Sequence[int],
) -> Room:
    """Return the room called ``name``, with a control group where there is a hierarchy; raises OSError."""
    group = None if hierarchy is None else ControlGroup.make(hierarchy, name, limits)
    return Room(limits, enforcement, group, cores)
