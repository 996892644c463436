"""An executor whose runs do what a test says."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from clary.compute.executor import Cause, Cursor, LogPage, RunStatus
from clary.compute.gauge import Usage
from clary.compute.run_spec import RunSpec
from clary.core import clock
from clary.core.errors import ClaryError


@dataclass
class FakeExecutor:
    """Starts nothing; ``end`` and ``write`` are what a run would do."""

    page: int = 1 << 20
    specs: dict[str, RunSpec] = field(default_factory=dict)
    states: dict[str, RunStatus] = field(default_factory=dict)
    output: dict[str, bytes] = field(default_factory=dict)
    stopped: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    refuses: ClaryError | None = None
    usages: dict[str, list[Usage]] = field(default_factory=dict)
    connected: str = ""
    named: bool = True

    def start(self, spec: RunSpec) -> None:
        if self.refuses is not None:
            raise self.refuses
        if spec.id not in self.specs:
            self.specs[spec.id] = spec
            self.states[spec.id] = RunStatus("running", address=f"/{spec.id}.sock" if spec.serves else None)

    def names_hosts(self) -> bool:
        return self.named

    def status(self, run_id: str) -> RunStatus:
        return self.states.get(run_id, RunStatus("lost", reason="there is no record of it"))

    def stop(self, run_id: str, grace: float) -> None:
        self.stopped.append(run_id)

    def logs(self, run_id: str, after: Cursor) -> LogPage:
        rest = self.output.get(run_id, b"")[after : after + self.page]
        raw = rest[: rest.rfind(b"\n") + 1]
        return LogPage(raw, after + len(raw))

    def usage(self, run_id: str, after: float) -> Sequence[Usage]:
        return [usage for usage in self.usages.get(run_id, ()) if usage.at > after]

    def network_isolation(self) -> str:
        return self.connected

    def forget(self, run_id: str) -> None:
        if self.status(run_id).state == "running":
            raise ClaryError("ResourceInUse", f"Run {run_id} is running; stop it first.")
        self.states.pop(run_id, None)
        self.output.pop(run_id, None)
        self.forgotten.append(run_id)

    @property
    def running(self) -> set[str]:
        """The runs that have not ended."""
        return {run for run, status in self.states.items() if status.state == "running"}

    def end(self, run_id: str, code: int = 0, reason: str = "", cause: Cause = "") -> None:
        """Let a run end."""
        self.states[run_id] = RunStatus("exited", code=code, reason=reason, cause=cause)

    def write(self, run_id: str, *lines: str) -> None:
        """Let a run print."""
        stamp = int(clock.now() * 1000) + 1
        text = "".join(f"{stamp}\t{line}\n" for line in lines)
        self.output[run_id] = self.output.get(run_id, b"") + text.encode()
