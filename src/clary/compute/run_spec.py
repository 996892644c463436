"""RunSpec: everything an executor must know to start one run."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from clary.compute import pipe
from clary.compute.pipe import Pipe
from clary.core.exchange import Document

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,199}")


def check_id(run_id: str) -> str:
    """Return ``run_id``; raises ValueError where it could not be a file name of its own."""
    if not _ID.fullmatch(run_id):
        raise ValueError(f"{run_id!r} is not a run id: letters, digits, dots and hyphens, at most 200")
    return run_id


@dataclass(frozen=True, slots=True)
class Resources:
    """What one host of a run may use: virtual CPUs, memory in MiB, GPUs."""

    vcpus: float
    memory_mib: int
    gpus: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSpec:
    """One program on one host, from its start to its exit code.

    ``id`` is used once and never again. With ``module`` the run is ``main(command) -> int`` of that Python
    module, called in a warm interpreter; without it ``command`` is the argument list of a program.
    ``environment`` is all that the run sees besides the few variables of ``clary.compute.environment``.
    ``base`` is the folder the run knows as ``/opt/ml``, and its working directory; the folders ``protected``
    in it, relative names, the run can only read. ``host`` is its name among ``hosts``, which have their
    addresses. ``grace`` is the time in seconds between SIGTERM and SIGKILL where whoever stops the run does
    not say. ``pipes`` are the channels that are streamed to it. A run that ``serves`` listens on the address
    that its executor gives it. With ``network_isolation`` it reaches nothing but itself and, through that
    address, is reached; those that have the same file as their ``network`` reach each other.
    """

    id: str
    image: str
    module: str | None
    command: tuple[str, ...]
    environment: Mapping[str, str]
    base: Path
    resources: Resources
    host: str = "algo-1"
    hosts: Mapping[str, str] = field(default_factory=lambda: {"algo-1": "127.0.0.1"})
    protected: tuple[str, ...] = ("input/data",)
    pipes: tuple[Pipe, ...] = ()
    grace: float = 120.0
    serves: bool = False
    network_isolation: bool = False
    network: Path | None = None

    def __post_init__(self) -> None:
        check_id(self.id)
        if self.module is None and not self.command:
            raise ValueError(f"run {self.id} has neither a module nor a command")

    def document(self) -> Document:
        """Return the spec as JSON values, for ``parse`` in another process."""
        return asdict(self) | {
            "base": str(self.base),
            "network": None if self.network is None else str(self.network),
            "environment": dict(self.environment),
            "hosts": dict(self.hosts),
            "pipes": [each.document() for each in self.pipes],
        }


def parse(document: Document) -> RunSpec:
    """Return the spec that ``RunSpec.document`` wrote."""
    return RunSpec(
        **document
        | {
            "base": Path(document["base"]),
            "network": None if document["network"] is None else Path(document["network"]),
            "command": tuple(document["command"]),
            "protected": tuple(document["protected"]),
            "pipes": tuple(pipe.parse(each) for each in document["pipes"]),
            "resources": Resources(**document["resources"]),
        }
    )
