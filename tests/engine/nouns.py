"""Two kinds with nothing of their own: what the engine makes of a noun by itself."""

from collections.abc import Iterable

from clary.core.exchange import Document
from clary.engine.kind import Kind, Reference
from clary.engine.lifecycle import Lifecycle, Outcome, Phase, Wait
from clary.engine.platform import Platform
from clary.store.resources import GONE, Row


class Note(Kind):
    """A record."""

    noun = "Hub"
    resource = "hub"
    spoken = "hub"


class Study(Kind):
    """Something that goes on until it is stopped, and needs a note to begin."""

    noun = "ProcessingJob"
    resource = "processing-job"
    spoken = "processing job"
    lifecycle = Lifecycle(
        Phase("Going", "InProgress", "go", "Gone", "It goes."),
        Phase("Halting", "Stopping", "go", "Halted"),
        Phase("Halted", "Stopped", settled=True),
        Phase("Leaving", "Stopping", "go", GONE),
        on_stop="Halting",
        on_delete="Leaving",
    )

    def references(self, doc: Document) -> Iterable[Reference]:
        return [Reference("Hub", doc["RoleArn"])] if "RoleArn" in doc else []

    def view(self, platform: Platform, row: Row) -> Document:
        return {"ExitMessage": f"seen at {row.phase}"}

    def go(self, platform: Platform, row: Row) -> Outcome:
        return Wait(None)
