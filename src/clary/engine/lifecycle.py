"""Lifecycles as data: the phases of whatever takes time, and what a step may answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from clary.core.exchange import Document
from clary.store.resources import GONE


@dataclass(frozen=True, slots=True)
class Phase:
    """Where a resource stands.

    ``name`` is the fine status (a job's SecondaryStatus), ``status`` the coarse one that clients wait
    on. ``step`` is the method of the kind that the reconciler calls here; ``then`` is where a plain ``Go()``
    leads and ``fail`` where a failure does (the lifecycle's ``on_fail`` when None). ``settled`` says that
    nothing more will change by itself: a waiting client may go. A step that raises is tried again where the
    phase is settled or ``fail`` is the phase itself; elsewhere it has failed. ``anywhere`` says that nothing
    of the resource is on any machine yet, so that any server may take its step.
    """

    name: str
    status: str
    step: str | None = None
    then: str | None = None
    message: str = ""
    settled: bool = False
    fail: str | None = None
    anywhere: bool = False


@dataclass(frozen=True, slots=True)
class Go:
    """The step is done: move to ``to`` (the phase's own ``then`` when None) and merge the documents in."""

    to: str | None = None
    message: str | None = None
    doc: Document = field(default_factory=dict)
    private: Document = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do for ``seconds`` (for ever when None), unless the row is woken before.

    To wait for ever in a settled phase says that nothing of the row is left on the server's machine.
    """

    seconds: float | None
    private: Document = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fail:
    """The resource failed for ``reason``, which the client reads in FailureReason."""

    reason: str
    private: Document = field(default_factory=dict)


Outcome = Go | Wait | Fail


class Lifecycle:
    """The phases a resource passes through, the first one first, and where intents and failures lead."""

    def __init__(
        self,
        *phases: Phase,
        on_start: str | None = None,
        on_stop: str | None = None,
        on_update: str | None = None,
        on_delete: str = GONE,
        on_fail: str = GONE,
    ) -> None:
        self.phases = {phase.name: phase for phase in phases}
        self.first = phases[0]
        self.on_fail = on_fail
        self.intents = {"start": on_start, "stop": on_stop, "update": on_update, "delete": on_delete}

    @property
    def moves(self) -> bool:
        """Whether any phase has a step, so that a reconciler has to carry intents out."""
        return any(phase.step for phase in self.phases.values())

    def status(self, phase: str) -> str:
        """Return the coarse status of a phase."""
        return self.phases[phase].status

    def target(self, phase: str, intent: str | None) -> str | None:
        """Return where ``intent`` leads from ``phase``; None when it leads nowhere."""
        if intent is None:
            return None
        target = self.intents[intent]
        refused = intent == "stop" and self.settled(phase)
        return None if target is None or refused or target == phase else target

    def seen(self, phase: str, intent: str | None) -> str:
        """Return the status that a client sees: what it asked for counts from when it asked."""
        target = self.target(phase, intent)
        return self.status(phase if target is None or target == GONE else target)

    def phases_of(self, status: str) -> Sequence[str]:
        """Return the names of the phases with this coarse status."""
        return [phase.name for phase in self.phases.values() if phase.status == status]

    def failing(self, phase: str) -> str:
        """Return where a failure at ``phase`` leads."""
        return self.phases[phase].fail or self.on_fail

    def accepts(self, intent: str) -> bool:
        """Return whether ``intent`` leads anywhere."""
        return self.intents[intent] is not None

    def settled(self, phase: str) -> bool:
        """Return whether nothing more happens at ``phase`` by itself."""
        return phase not in self.phases or self.phases[phase].settled


RECORD = Lifecycle(Phase("Created", "Created", settled=True))
"""The lifecycle of a resource that is a record and nothing else."""
