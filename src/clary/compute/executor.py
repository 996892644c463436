"""Executor: what any way of running things must do; ``clary.testing.executor_contract`` specifies it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from clary.compute.gauge import Usage
from clary.compute.run_spec import RunSpec

Cursor = int
"""A place in a run's log: the number of bytes before it."""

State = Literal["pending", "running", "exited", "lost"]

Cause = Literal["", "stop", "memory", "disk"]
"""What ended a run that did not end by itself: it was asked to, memory ran out, or the disk was full."""


@dataclass(frozen=True, slots=True)
class RunStatus:
    """Where a run stands.

    ``pending``: accepted, nothing runs yet. ``running``: ``address`` is where it serves, if it does.
    ``exited``: ``code`` is its exit code, or minus the number of the signal that ended it, and ``reason``
    and ``cause`` say why. ``lost``: whatever watched the run is gone, so its end is unknown, or there is no
    record of it. Times are seconds since the epoch.
    """

    state: State
    code: int | None = None
    address: str | None = None
    started_at: float | None = None
    ended_at: float | None = None
    reason: str = ""
    cause: Cause = ""


class LogEvent(NamedTuple):
    """One line of output and the time it was read, in milliseconds since the epoch."""

    timestamp: int
    text: str


@dataclass(frozen=True, slots=True)
class LogPage:
    r"""Whole lines of a run's log.

    ``raw`` is the bytes as they stand in the log, ``<milliseconds>\t<text>\n`` for each line, so that pages
    put one after the other make a copy of it; ``next`` is the cursor behind them.
    """

    raw: bytes
    next: Cursor

    @property
    def events(self) -> tuple[LogEvent, ...]:
        """The lines taken apart."""
        lines = (line.partition("\t") for line in self.raw.decode().split("\n")[:-1])
        return tuple(LogEvent(int(timestamp), text) for timestamp, _, text in lines)


class Executor(Protocol):
    """Runs things somewhere. Every method may be called again after a crash, and from any thread."""

    def start(self, spec: RunSpec) -> None:
        """Start the run, or do nothing where ``spec.id`` was started before; raises ClaryError."""
        ...

    def names_hosts(self) -> bool:
        """Return whether runs find the hosts of their job by name; by their addresses they always do."""
        ...

    def status(self, run_id: str) -> RunStatus:
        """Return where the run stands."""
        ...

    def stop(self, run_id: str, grace: float) -> None:
        """Ask the run to end (SIGTERM) and kill it after ``grace`` seconds; returns at once."""
        ...

    def logs(self, run_id: str, after: Cursor) -> LogPage:
        """Return the whole lines that stand behind ``after``, in pages of about a megabyte."""
        ...

    def usage(self, run_id: str, after: float) -> Sequence[Usage]:
        """Return what the run has used, by lines of about a minute that end after ``after``."""
        ...

    def network_isolation(self) -> str:
        """Return why no run can be cut off the network; empty where runs can."""
        ...

    def forget(self, run_id: str) -> None:
        """Remove all trace of a run that does not run; raises ClaryError where it does."""
        ...
