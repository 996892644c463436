"""Lifecycles are data; whatever happens to a row, it stands where its lifecycle says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clary.core import clock
from clary.engine.kind import Kind
from clary.engine.lifecycle import RECORD, Fail, Go, Lifecycle, Outcome, Phase, Wait
from clary.engine.platform import Platform
from clary.engine.reconciler import Reconciler
from clary.services.sagemaker import KINDS
from clary.store.resources import GONE, Row
from tests.engine.test_reconciler import insert

JOB = Lifecycle(
    Phase("Starting", "InProgress", "work", "Running"),
    Phase("Running", "InProgress", "work", "Done", fail="Reverting"),
    Phase("Reverting", "InProgress", "work", "Done"),
    Phase("Done", "Completed", settled=True),
    Phase("Kept", "InService", "keep", settled=True),
    Phase("Failed", "Failed", settled=True),
    Phase("Stopping", "Stopping", "work", "Stopped"),
    Phase("Stopped", "Stopped", settled=True),
    Phase("Deleting", "Deleting", "leave", GONE, fail="Deleting"),
    on_stop="Stopping",
    on_update="Starting",
    on_delete="Deleting",
    on_fail="Failed",
)


class Fated(Kind):
    """Goes through ``JOB`` with outcomes from a list; when that is empty it waits."""

    noun = "Scripted"
    resource = "fated"
    spoken = "fated thing"
    lifecycle = JOB

    def __init__(self, fate: list[Outcome | None]) -> None:
        self.fate = fate

    def step(self, name: str, platform: Platform, row: Row) -> Outcome:
        outcome = self.fate.pop(0) if self.fate else Wait(None)
        if outcome is None:
            raise ValueError("surprise")
        if name == "keep":  # as steps of settled phases do
            return outcome if isinstance(outcome, Wait) else Wait(None)
        return Go() if name == "leave" and isinstance(outcome, Go) else outcome


outcomes = st.one_of(
    st.none(),
    st.just(Go()),
    st.sampled_from(["Done", "Kept", "Stopping"]).map(Go),
    st.sampled_from([Wait(None), Wait(60), Wait(0, {"seen": 1}), Fail("no good", {"seen": 2})]),
)
intents = st.sampled_from([None, "stop", "update", "delete"])


@settings(max_examples=100)
@given(
    start=st.sampled_from(list(JOB.phases)),
    fate=st.lists(outcomes, max_size=6),
    asked=st.lists(intents, max_size=4),
)
def test_no_order_of_intents_and_outcomes_leaves_the_lifecycle(
    platform: Platform, start: str, fate: list[Outcome | None], asked: list[str | None]
) -> None:
    row = insert(platform, name=str(clock.monotonic()), phase=start)
    kind = Fated(list(fate))
    reconciler = Reconciler(platform, {"Scripted": kind}, threads=1)
    for intent in [None, *asked]:
        current = platform.resources.get(row.id)
        if current is None:
            break
        if intent is not None:
            current = platform.resources.change(current, intent=intent, due_at=clock.now())
            assert current is not None
        reconciler.advance(current)
        found = platform.resources.get(row.id)
        _check(current, found, intent)
    events = [event.phase for event in platform.resources.events(row.id)]
    gone = platform.resources.get(row.id) is None
    assert set(events) <= {*JOB.phases, GONE}
    assert gone == (events[-1] == GONE)


def _check(before: Row, after: Row | None, intent: str | None) -> None:
    if after is None:
        assert intent == "delete" or before.phase == "Deleting"
        return
    assert after.phase in JOB.phases
    if JOB.settled(before.phase) and intent in (None, "stop"):
        assert after.phase == before.phase
    if intent == "delete":
        assert after.phase == "Deleting"
    if JOB.phases[after.phase].step is None:
        assert after.due_at is None


def test_statuses_are_the_coarse_phases() -> None:
    assert JOB.status("Reverting") == "InProgress"
    assert JOB.phases_of("InProgress") == ["Starting", "Running", "Reverting"]
    assert JOB.phases_of("Nowhere") == []
    assert JOB.first.name == "Starting"


def test_failures_lead_where_the_phase_says_or_else_where_the_lifecycle_does() -> None:
    assert (JOB.failing("Running"), JOB.failing("Starting")) == ("Reverting", "Failed")


def test_what_is_gone_or_settled_is_not_waited_for() -> None:
    assert [phase for phase in (*JOB.phases, GONE) if JOB.settled(phase)] == [
        "Done", "Kept", "Failed", "Stopped", GONE
    ]  # fmt: skip


def test_a_record_has_one_phase_and_takes_no_intents_but_to_go() -> None:
    assert list(RECORD.phases) == ["Created"]
    assert [RECORD.accepts(intent) for intent in ("stop", "update", "delete")] == [False, False, True]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.noun)
def test_every_lifecycle_is_whole(kind: Kind) -> None:
    lifecycle = kind.lifecycle
    targets = {phase.then for phase in lifecycle.phases.values()}
    targets |= {lifecycle.failing(phase) for phase in lifecycle.phases} | set(lifecycle.intents.values())
    assert targets - {None} <= {*lifecycle.phases, GONE}
    for phase in lifecycle.phases.values():
        assert phase.step is None or callable(getattr(kind, phase.step))
        assert phase.settled or phase.step is not None, f"{phase.name} would never be left"
