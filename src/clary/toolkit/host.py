"""The host a job runs on: the hosts it works with, and where it may keep its progress."""

from dataclasses import dataclass, field
from pathlib import Path

from clary.toolkit.checkpoints import Checkpoints
from clary.toolkit.cluster import Cluster


@dataclass(frozen=True, slots=True)
class Host:
    """One host of a job, alone and without checkpoints unless told otherwise.

    ``shared`` names the channels of which every host has all the data; of the others each has a part of its
    own. ``output`` is the folder of what a job leaves beside its model; None where nobody wants it.
    """

    cluster: Cluster = field(default_factory=Cluster)
    checkpoints: Checkpoints | None = None
    shared: frozenset[str] = frozenset()
    output: Path | None = None
