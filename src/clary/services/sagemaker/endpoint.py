"""Endpoint: keeps the replicas of its configuration running and reachable."""

from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from clary.compute import probe
from clary.core import clock
from clary.core.errors import ClaryError, validation
from clary.core.exchange import Document
from clary.engine.kind import Kind, Reference
from clary.engine.lifecycle import Fail, Go, Lifecycle, Outcome, Phase, Wait
from clary.engine.platform import Platform
from clary.engine.shipper import feeding, feeds
from clary.services import fleet as fleets
from clary.services.fleet import Fleet, Member
from clary.store.resources import GONE, Row

PATIENCE = 480.0
"""Seconds a replica has to answer its first /ping, unless its variant says otherwise."""
FIRST_PING = 0.01
SLOWEST_PING = 1.0
SLOWEST_RESTART = 60.0
HEARTBEAT = 30.0
"""Seconds after which replicas are looked at although none has reported its end."""


class Endpoint(Kind):
    """A model behind HTTP.

    ``private`` holds ``fleet``, whose replicas the gateway may use, and ``next`` while another one starts.
    """

    noun: ClassVar[str] = "Endpoint"
    resource: ClassVar[str] = "endpoint"
    spoken: ClassVar[str] = "endpoint"
    lifecycle: ClassVar[Lifecycle] = Lifecycle(
        Phase("Creating", "Creating", "place", "Starting"),
        Phase("Starting", "Creating", "greet", "InService"),
        Phase("InService", "InService", "tend", settled=True),
        Phase("Mending", "InService", "greet", "InService", settled=True),
        Phase("Updating", "Updating", "place", "Switching"),
        Phase("Switching", "Updating", "greet", "InService"),
        Phase("Failed", "Failed", "withdraw", settled=True),
        Phase("Deleting", "Deleting", "halt", GONE),
        on_update="Updating",
        on_delete="Deleting",
        on_fail="Failed",
    )

    def references(self, doc: Document) -> Iterable[Reference]:
        """Name the configuration."""
        return [Reference("EndpointConfig", doc["EndpointConfigName"])]

    def guard(self, intent: str, row: Row) -> None:
        """Refuse to update an endpoint that is not in service."""
        if intent == "update" and row.phase != "InService":
            raise validation(
                f"Cannot update endpoint {row.name} while it is in status {self.lifecycle.status(row.phase)}."
            )

    def update(self, platform: Platform, row: Row, doc: Document) -> Document:
        """Return the endpoint's document with its new configuration."""
        del platform
        return {**row.doc, "EndpointConfigName": doc["EndpointConfigName"]}

    def view(self, platform: Platform, row: Row) -> Document:
        """Return the variants as they run."""
        del platform
        return {"ProductionVariants": fleets.summary(_fleet(row), row.created_at) or None}

    def place(self, platform: Platform, row: Row) -> Outcome:
        """Unpack the models of the configuration and start a new generation of replicas."""
        config = platform.get("EndpointConfig", row.doc["EndpointConfigName"])
        if config is None:
            gone = f"The endpoint configuration {row.doc['EndpointConfigName']} was deleted."
            return _failed(platform, row, gone)
        try:
            new = fleets.assemble(platform, row, _fleet(row).generation + 1, config.doc)
        except ClaryError as error:
            return _failed(platform, row, error.message)
        for member in new.members:
            fleets.start(platform, row, new, member)
        fed = feeding(*feeds(row), *(fleets.feed(row, member) for member in new.members))
        return Go(private={"next": new.document(), "asked": clock.now(), "pause": FIRST_PING, **fed})

    def greet(self, platform: Platform, row: Row) -> Outcome:
        """Wait until every new replica answers /ping, then let the gateway use them."""
        new = fleets.parse(row.private["next"])
        answering = []
        for member in new.members:
            status = platform.executor.status(member.run)
            if status.state in ("exited", "lost"):
                return _failed(
                    platform, row, _unhealthy(member, f"it ended: {status.reason or status.state}")
                )
            if status.address is not None and probe.answers(status.address):
                answering.append(replace(member, address=status.address))
        if len(answering) == len(new.members):
            return _in_service(platform, row, replace(new, members=tuple(answering)))
        return _be_patient(platform, row, new)

    def tend(self, platform: Platform, row: Row) -> Outcome:
        """Start replicas again that have ended, the more slowly the more often they do."""
        serving = _fleet(row)
        states = {member.run: platform.executor.status(member.run).state for member in serving.members}
        ended = [member for member in serving.members if states[member.run] in ("exited", "lost")]
        if not ended:
            return Wait(HEARTBEAT)
        pause = min(2.0 ** max(member.restarts for member in ended), SLOWEST_RESTART) - 1.0
        if clock.now() < row.private["asked"] + pause:
            return Wait(row.private["asked"] + pause - clock.now())
        for member in ended:
            platform.executor.forget(member.run)
        members = [fleets.restarted(m) if m in ended else m for m in serving.members]
        mended = replace(serving, members=tuple(members))
        for member in members:
            fleets.start(platform, row, mended, member)
        fed = feeding(*(fleets.feed(row, member) for member in members))
        again = {"next": mended.document(), "asked": clock.now(), "pause": FIRST_PING}
        return Go("Mending", message="A replica ended and is started again", private={**again, **fed})

    def withdraw(self, platform: Platform, row: Row) -> Outcome:
        """Stop whatever runs for an endpoint that failed."""
        return Wait(HEARTBEAT if _stop_all(platform, row) else None)

    def halt(self, platform: Platform, row: Row) -> Outcome:
        """Stop all replicas, remove their files, and be gone."""
        if _stop_all(platform, row):
            return Wait(HEARTBEAT)
        platform.clear(row)
        return Go(GONE)


def _fleet(row: Row) -> Fleet:
    return fleets.parse(row.private.get("fleet"))


def _in_service(platform: Platform, row: Row, new: Fleet) -> Outcome:
    """Hand over from the generation that served so far, whose replicas finish what they have."""
    old = _fleet(row)
    if old.generation != new.generation:
        fleets.stop(platform, old)
    fed = feeding(*(fleets.feed(row, member) for member in new.members))
    config = row.doc["EndpointConfigName"]
    return Go(
        doc={"FailureReason": None},
        private={"fleet": new.document(), "next": None, "config": config, **fed},
    )


def _failed(platform: Platform, row: Row, reason: str) -> Outcome:
    """Fail, unless a generation is serving: then it goes on, and the new one is given up."""
    serving, new = _fleet(row), row.private.get("next")
    if row.phase == "Mending":
        return Go("InService", message=reason, private={"fleet": new, "next": None})
    if not serving.members:
        return Fail(reason)
    fleets.stop(platform, fleets.parse(new))
    doc = {"EndpointConfigName": row.private["config"], "FailureReason": reason}
    return Go("InService", message=reason, doc=doc, private={"next": None})


def _be_patient(platform: Platform, row: Row, new: Fleet) -> Outcome:
    member = new.members[0]
    patience = new.variant(member.variant).get("ContainerStartupHealthCheckTimeoutInSeconds", PATIENCE)
    if clock.now() - row.private["asked"] > patience:
        return _failed(platform, row, _unhealthy(member, f"no answer within {patience:g} seconds"))
    pause = row.private["pause"]
    return Wait(pause, {"pause": min(pause * 1.5, SLOWEST_PING)})


def _unhealthy(member: Member, why: str) -> str:
    return (
        f"The primary container for production variant {member.variant} did not pass the ping health check: "
        f"{why}. Please check CloudWatch logs for this endpoint."
    )


def _stop_all(platform: Platform, row: Row) -> bool:
    running = [fleets.stop(platform, fleet) for fleet in (_fleet(row), fleets.parse(row.private.get("next")))]
    return any(running)
