"""Kind: a noun of the API, with the hooks that say what is peculiar to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from clary.compute.executor import LogEvent
from clary.core import errors
from clary.core.errors import ClaryError
from clary.core.exchange import Context, Document
from clary.engine.lifecycle import RECORD, Lifecycle, Outcome
from clary.engine.platform import Platform
from clary.store.resources import Row


@dataclass(frozen=True, slots=True)
class Reference:
    """A resource that a document names and that must exist when the document is created."""

    noun: str
    name: str


class Kind:
    """One noun. Subclasses override hooks and add the steps that their lifecycle names.

    A step is a method ``(platform, row) -> Outcome``; it may be called again after a crash at any moment, so
    it must be idempotent.
    """

    noun: ClassVar[str]
    resource: ClassVar[str]
    """How an ARN spells the noun: in lower case, with hyphens."""
    spoken: ClassVar[str]
    """How messages spell the noun: as people say it."""
    lifecycle: ClassVar[Lifecycle] = RECORD

    def prepare(self, platform: Platform, ctx: Context, doc: Document) -> Document:
        """Check what the shape cannot express and return the document with the service's defaults."""
        del platform, ctx
        return doc

    def references(self, doc: Document) -> Iterable[Reference]:
        """Name the resources that must exist."""
        del doc
        return ()

    def view(self, platform: Platform, row: Row) -> Document:
        """Return the members of Describe that are neither in the document nor common to all kinds."""
        del platform, row
        return {}

    def summary(self, row: Row) -> Document:
        """Return the members of a List summary that are neither in the document nor common to all kinds."""
        del row
        return {}

    def update(self, platform: Platform, row: Row, doc: Document) -> Document:
        """Return the document after an Update with the request ``doc``; raise when that may not be."""
        del platform, row, doc
        raise errors.unsupported(f"Update{self.noun}", "sagemaker")

    def guard(self, intent: str, row: Row) -> None:
        """Raise when ``intent`` (stop, update, delete) may not be written on ``row`` as it stands."""
        if intent == "stop" and self.lifecycle.settled(row.phase):
            status = self.lifecycle.status(row.phase)
            raise errors.validation(
                f"The request was rejected because the {self.spoken} is in status {status}."
            )

    def recover(self, platform: Platform) -> None:
        """Take stock of what runs already; called once, before a reconciler begins."""
        del platform

    def observe(self, platform: Platform, row: Row, events: Sequence[LogEvent]) -> None:
        """Look at the lines that a run of ``row`` has written, each line once."""
        del platform, row, events

    def missing(self, arn: str) -> ClaryError:
        """Return the error for a name that does not exist."""
        return errors.validation(f'Could not find {self.spoken} "{arn}".')

    def taken(self, arn: str) -> ClaryError:
        """Return the error for a name that exists already."""
        return errors.validation(f'Cannot create already existing {self.spoken} "{arn}".')

    def step(self, name: str, platform: Platform, row: Row) -> Outcome:
        """Run the step ``name``."""
        outcome: Outcome = getattr(self, name)(platform, row)
        return outcome
